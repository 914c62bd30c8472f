/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wire constants of NVMe-MI 1.2: messages, control primitives, MI commands and
 * their data structures, asynchronous events, PCIe commands. Included through
 * nvme_wire.h. Offsets and sizes are in bytes; offsets of requests count from
 * the message type byte, as Parameter Error Location does (4.1.2.2).
 */
#ifndef TETHER_NVME_MI_NVME_WIRE_MI_H
#define TETHER_NVME_MI_NVME_WIRE_MI_H

/* --- messages --- */

/* 3.1, figure "NVMe-MI Message Fields": byte 1. */
enum {
	NVME_MI_RESPONSE = 0x80,     /* ROR: set in a response */
	NVME_MI_MESSAGE_TYPE = 0x78, /* NMIMT: enum nvme_mi_message_type */
	NVME_MI_MESSAGE_TYPE_SHIFT = 3,
	NVME_MI_COMMAND_SLOT = 0x01, /* CSI: command slot 0 or 1 */
	NVME_MI_HEADER_1_RESERVED = 0x06,
};

/* Byte 2. Byte 3 is reserved. */
enum {
	/* MEB: the data is in the Management Endpoint Buffer */
	NVME_MI_ENDPOINT_BUFFER = 0x01,
	/* CIAP: Command Initiated Auto Pause */
	NVME_MI_AUTO_PAUSE = 0x02,
	NVME_MI_HEADER_2_RESERVED = 0xfc,
	NVME_MI_HEADER_3_RESERVED = 0xff,
};

/* Sizes of messages; each includes the message type byte. */
enum {
	NVME_MI_HEADER_SIZE = 4,
	NVME_MI_MIC_SIZE = 4,		  /* Message Integrity Check, CRC-32C */
	NVME_MI_PRIMITIVE_SIZE = 8,	  /* no MIC */
	NVME_MI_REQUEST_SIZE = 16,	  /* MI command; no data, no MIC */
	NVME_MI_RESPONSE_SIZE = 8,	  /* MI command; no data, no MIC */
	NVME_MI_PCIE_REQUEST_SIZE = 20,	  /* no data, no MIC */
	NVME_MI_ADMIN_REQUEST_SIZE = 68,  /* no data, no MIC */
	NVME_MI_ADMIN_RESPONSE_SIZE = 20, /* no data, no MIC */
	NVME_MI_PRIMITIVE_MAX = NVME_MI_RESPONSE_SIZE + NVME_MI_MIC_SIZE,
	NVME_MI_DATA_MAX = 4096, /* data of one message */
	/* the longest response */
	NVME_MI_RESPONSE_MAX = NVME_MI_ADMIN_RESPONSE_SIZE + NVME_MI_DATA_MAX +
			       NVME_MI_MIC_SIZE,
	NVME_MI_COMMAND_SLOTS = 2,
};

/* 3.1, figure "NVMe-MI Message Fields": NMIMT. */
enum nvme_mi_message_type {
	NVME_MI_CONTROL_PRIMITIVE = 0,
	NVME_MI_COMMAND = 1,
	NVME_MI_ADMIN_COMMAND = 2,
	NVME_MI_PCIE_COMMAND = 4,
	NVME_MI_ASYNCHRONOUS_EVENT = 5, /* 2.0 */
};

/* 4.1.2, figure "Response Message Status Values". */
enum nvme_mi_status {
	NVME_MI_SUCCESS = 0x00,
	NVME_MI_MORE_PROCESSING_REQUIRED = 0x01,
	NVME_MI_INTERNAL_ERROR = 0x02,
	NVME_MI_INVALID_COMMAND_OPCODE = 0x03,
	NVME_MI_INVALID_PARAMETER = 0x04,
	NVME_MI_INVALID_COMMAND_SIZE = 0x05,
	NVME_MI_INVALID_COMMAND_INPUT_DATA_SIZE = 0x06,
	NVME_MI_ACCESS_DENIED = 0x07,
	NVME_MI_VPD_UPDATES_EXCEEDED = 0x20,
	NVME_MI_PCIE_INACCESSIBLE = 0x21,
	NVME_MI_BUFFER_CLEARED_DUE_TO_SANITIZE = 0x22,
	NVME_MI_ENCLOSURE_SERVICES_FAILURE = 0x23,
	NVME_MI_ENCLOSURE_SERVICES_TRANSFER_FAILURE = 0x24,
	NVME_MI_ENCLOSURE_FAILURE = 0x25,
	NVME_MI_ENCLOSURE_SERVICES_TRANSFER_REFUSED = 0x26,
	NVME_MI_UNSUPPORTED_ENCLOSURE_FUNCTION = 0x27,
	NVME_MI_ENCLOSURE_SERVICES_UNAVAILABLE = 0x28,
	NVME_MI_ENCLOSURE_DEGRADED = 0x29,
	NVME_MI_SANITIZE_IN_PROGRESS = 0x2a,
};

/* 4.1.2.2, figure "Invalid Parameter Error Response": Parameter Error Location,
 * in the 24 bits after the status. */
enum {
	NVME_MI_ERROR_BIT = 0x07,
	NVME_MI_ERROR_BYTE_SHIFT = 8,
};

/* 4.1.2.3, figure "More Processing Required Response": MPRT is in bits 23:8 of
 * the 24 bits after the status. */
enum {
	NVME_MI_MORE_PROCESSING_TIME_SHIFT = 8,
	NVME_MI_MORE_PROCESSING_TIME_MS = 100, /* unit of MPRT */
};

/* --- control primitives, 4.2.1 --- */

/* Figure "Control Primitive Opcodes". */
enum nvme_mi_primitive_opcode {
	NVME_MI_PAUSE = 0x00,
	NVME_MI_RESUME = 0x01,
	NVME_MI_ABORT = 0x02,
	NVME_MI_GET_STATE = 0x03,
	NVME_MI_REPLAY = 0x04,
};

/* A request is opcode, tag, CPSP (16 bits). In a response, the 24 bits after
 * the status are the tag, then CPSR (16 bits). */
enum {
	NVME_MI_PRIMITIVE_TAG = 0xff,
	NVME_MI_PRIMITIVE_CPSR_SHIFT = 8,
	NVME_MI_AT_CPSP = 6, /* offset in a request */
};

/* 4.2.1.1, Pause: CPSR, one obsolete bit for each slot; always set. */
enum { NVME_MI_PAUSE_FLAGS = 0x0003 };

/* 4.2.1.3, figure "Abort": CPSR, Command Processing Abort Status. */
enum nvme_mi_abort_status {
	NVME_MI_ABORT_AFTER_COMPLETION = 0, /* also: there was no command */
	NVME_MI_ABORT_BEFORE_PROCESSING = 1,
	NVME_MI_ABORT_PARTIALLY_PROCESSED = 2,
};
enum { NVME_MI_ABORT_STATUS = 0x0003 };

/* 4.2.1.4, Get State: CPSP. */
enum { NVME_MI_GET_STATE_CLEAR_ERROR_FLAGS = 0x0001 };

/* 4.2.1.4, figure "Get State": CPSR, Slot Command Servicing State. */
enum nvme_mi_slot_state {
	NVME_MI_SLOT_IDLE = 0,
	NVME_MI_SLOT_RECEIVE = 1,
	NVME_MI_SLOT_PROCESS = 2,
	NVME_MI_SLOT_TRANSMIT = 3,
};

/* 4.2.1.4, figure "Get State": the other bits of CPSR. */
enum {
	NVME_MI_STATE_SLOT = 0x0003, /* enum nvme_mi_slot_state */
	NVME_MI_STATE_SLOT_NOT_IDLE = 0x0008,
	NVME_MI_STATE_BAD_MESSAGE_INTEGRITY_CHECK = 0x0010,
	NVME_MI_STATE_BAD_HEADER_VERSION = 0x0080,
	NVME_MI_STATE_UNKNOWN_DESTINATION = 0x0100,
	NVME_MI_STATE_INCORRECT_TRANSMISSION_UNIT = 0x0200,
	NVME_MI_STATE_UNEXPECTED_MIDDLE_OR_END = 0x0400,
	NVME_MI_STATE_OUT_OF_SEQUENCE = 0x0800,
	NVME_MI_STATE_UNEXPECTED_TAG = 0x1000,
	NVME_MI_STATE_BAD_PHYSICAL_LAYER = 0x2000,
	NVME_MI_STATE_SUBSYSTEM_RESET = 0x4000,
	NVME_MI_STATE_PAUSED = 0x8000,
};

/* 4.2.1.5, Replay: CPSR, the response is replayed. */
enum { NVME_MI_REPLAY_RESPONSE = 0x0001 };

/* --- MI commands, clause 5 --- */

/* Figure "MI Command Opcodes". */
enum nvme_mi_opcode {
	NVME_MI_READ_DATA_STRUCTURE = 0x00,
	NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL = 0x01,
	NVME_MI_CONTROLLER_HEALTH_STATUS_POLL = 0x02,
	NVME_MI_CONFIGURATION_SET = 0x03,
	NVME_MI_CONFIGURATION_GET = 0x04,
	NVME_MI_VPD_READ = 0x05,
	NVME_MI_VPD_WRITE = 0x06,
	NVME_MI_RESET = 0x07,
	NVME_MI_SES_RECEIVE = 0x08,
	NVME_MI_SES_SEND = 0x09,
	NVME_MI_BUFFER_READ = 0x0a,
	NVME_MI_BUFFER_WRITE = 0x0b,
	NVME_MI_SHUTDOWN = 0x0c,
};

/* Offsets in a request: opcode, three reserved bytes, NVMe Management Dwords 0
 * and 1, data. */
enum {
	NVME_MI_AT_FLAGS = 2, /* the byte with NVME_MI_ENDPOINT_BUFFER */
	NVME_MI_AT_OPCODE = 4,
	NVME_MI_AT_RESERVED = 5,
	NVME_MI_AT_DWORD0 = 8,
	NVME_MI_AT_DWORD1 = 12,
	NVME_MI_AT_REQUEST_DATA = 16,
};

/* Reset (5.8), Shutdown (5.11), Read NVMe-MI Data Structure (5.7): dword 0 has
 * the type in its last byte. */
enum {
	NVME_MI_TYPE_SHIFT = 24,
	NVME_MI_RESET_SUBSYSTEM = 0x00,
	NVME_MI_SHUTDOWN_NORMAL = 0x00,
	NVME_MI_SHUTDOWN_ABRUPT = 0x01,
};

/* VPD (5.12, 5.13) and Management Endpoint Buffer (5.4, 5.5): dword 0 has the
 * offset, dword 1 the length. */
enum {
	NVME_MI_DATA_OFFSET = 0xffff,
	NVME_MI_DATA_LENGTH = 0xffff,
	NVME_MI_VPD_SIZE = 256, /* 8.2: FRU image of an NVMe storage device */
};

/* --- Read NVMe-MI Data Structure, 5.7 --- */

/* Figure "Data Structure Type". */
enum nvme_mi_data_structure {
	NVME_MI_SUBSYSTEM_INFORMATION = 0,
	NVME_MI_PORT_INFORMATION = 1,
	NVME_MI_CONTROLLER_LIST = 2,
	NVME_MI_CONTROLLER_INFORMATION = 3,
	NVME_MI_OPTIONALLY_SUPPORTED_COMMANDS = 4,
	NVME_MI_BUFFER_SUPPORTED_COMMANDS = 5,
};

/* Further fields of dword 0, and the length in NVMe Management Response. */
enum {
	NVME_MI_PORT_SHIFT = 16,
	NVME_MI_CONTROLLER = 0xffff,
	NVME_MI_DATA_STRUCTURE_LENGTH = 0xffff,
};

enum {
	NVME_MI_SUBSYSTEM_INFORMATION_SIZE = 32,
	NVME_MI_PORT_INFORMATION_SIZE = 32,
	NVME_MI_PORT_SPECIFIC_SIZE = 24,
	NVME_MI_CONTROLLER_INFORMATION_SIZE = 32,
	NVME_MI_CONTROLLER_LIST_MAX = 2047, /* entries */
};

/* 5.7.2, figure "Port Information": Port Type. */
enum nvme_mi_port_type {
	NVME_MI_PORT_INACTIVE = 0,
	NVME_MI_PORT_PCIE = 1,
	NVME_MI_PORT_TWO_WIRE = 2,
};

/* Port Capabilities. */
enum {
	NVME_MI_PORT_ASYNCHRONOUS_EVENTS = 0x02, /* 2.0 */
};

/* 5.7.4, figure "Controller Information": PRII, the PCIe Routing ID is valid.
 */
enum { NVME_MI_ROUTING_ID_VALID = 0x01 };

/* --- health, 5.6 and 5.3 --- */

/* Figure "NVM Subsystem Health Data Structure": NVM Subsystem Status. */
enum {
	NVME_MI_STATUS_EVENT_TRANSMISSION_FAILURE = 0x80, /* 2.0 */
	NVME_MI_STATUS_SANITIZE_FAILURE_MODE = 0x40,	  /* 2.0 */
	NVME_MI_STATUS_DRIVE_FUNCTIONAL = 0x20,
	NVME_MI_STATUS_RESET_NOT_REQUIRED = 0x10,
	NVME_MI_STATUS_PORT_0_LINK_ACTIVE = 0x08,
	NVME_MI_STATUS_PORT_1_LINK_ACTIVE = 0x04,
};

/* Composite Temperature: degrees Celsius in two's complement. */
enum {
	NVME_MI_TEMPERATURE_MAX = 0x7f,	    /* 127 C and above */
	NVME_MI_TEMPERATURE_NO_DATA = 0x80, /* 80h to C3h: no temperature */
	NVME_MI_TEMPERATURE_MIN = 0xc4,	    /* -60 C and below */
};

/* Composite Controller Status: a bit for each change since a host cleared the
 * bits. The Changed Flags of Configuration Set 2 (5.2.2) omit bit 3. */
enum {
	NVME_MI_CHANGE_READY = 0x0001,
	NVME_MI_CHANGE_CONTROLLER_FATAL_STATUS = 0x0002,
	NVME_MI_CHANGE_SHUTDOWN_STATUS = 0x0004,
	NVME_MI_CHANGE_SUBSYSTEM_RESET = 0x0010,
	NVME_MI_CHANGE_CONTROLLER_ENABLE = 0x0020,
	NVME_MI_CHANGE_NAMESPACE_ATTRIBUTE = 0x0040,
	NVME_MI_CHANGE_FIRMWARE_ACTIVATED = 0x0080,
	NVME_MI_CHANGE_CONTROLLER_STATUS = 0x0100,
	NVME_MI_CHANGE_COMPOSITE_TEMPERATURE = 0x0200,
	NVME_MI_CHANGE_PERCENTAGE_USED = 0x0400,
	NVME_MI_CHANGE_AVAILABLE_SPARE = 0x0800,
	NVME_MI_CHANGE_CRITICAL_WARNING = 0x1000,
	NVME_MI_CHANGE_TELEMETRY = 0x2000, /* TCIDA, 2.0 */
};

/* Dword 1 of both polls. */
#define NVME_MI_HEALTH_CLEAR_STATUS (1U << 31)

/* Controller Health Status Poll: dword 0 has the first controller, the number
 * of entries (zeroes based) and the types of functions to include. */
enum {
	NVME_MI_HEALTH_ENTRIES_SHIFT = 16,
	NVME_MI_HEALTH_ENTRIES_MAX = 255,
	NVME_MI_HEALTH_FUNCTIONS_SHIFT = 24,
	NVME_MI_HEALTH_PCI_FUNCTIONS = 0x01,
	NVME_MI_HEALTH_SRIOV_PHYSICAL_FUNCTIONS = 0x02,
	NVME_MI_HEALTH_SRIOV_VIRTUAL_FUNCTIONS = 0x04,
	NVME_MI_HEALTH_REPORT_ALL = 0x80,
	/* dword 1: bits that select the changes to report; bit 0 of the field
	 * is NVME_MI_CHANGE_CONTROLLER_STATUS */
	NVME_MI_HEALTH_CHANGES = 0x1f,
	NVME_MI_HEALTH_CHANGES_SHIFT = 8,
	/* NVMe Management Response: number of entries */
	NVME_MI_HEALTH_RESPONSE_ENTRIES_SHIFT = 16,
	NVME_MI_HEALTH_RESPONSE_ENTRIES = 0xff,
	NVME_MI_CONTROLLER_HEALTH_SIZE = 16, /* size of an entry */
};

/* Figure "Controller Health Data Structure": Controller Status. Bits 7:4 are
 * bits 7:4 of NVME_MI_CHANGE_*. */
enum {
	NVME_MI_CONTROLLER_READY = 0x0001,
	NVME_MI_CONTROLLER_FATAL_STATUS = 0x0002,
	NVME_MI_CONTROLLER_SHUTDOWN_COMPLETE = 0x0008,
	NVME_MI_CONTROLLER_CHANGES = 0x00f0,
};

/* --- Configuration Get and Set, 5.1 and 5.2 --- */

/* Figure "Configuration Identifiers". */
enum nvme_mi_configuration {
	NVME_MI_SMBUS_I2C_FREQUENCY = 1,
	NVME_MI_HEALTH_STATUS_CHANGE = 2,
	NVME_MI_MCTP_TRANSMISSION_UNIT_SIZE = 3,
	NVME_MI_ASYNCHRONOUS_EVENTS = 4, /* 2.0 */
};

/* Dword 0 has the identifier, the frequency and the port. */
enum {
	NVME_MI_CONFIGURATION_FREQUENCY_SHIFT = 8,
	NVME_MI_CONFIGURATION_PORT_SHIFT = 24,
	NVME_MI_AT_CONFIGURATION_FREQUENCY = NVME_MI_AT_DWORD0 + 1,
	NVME_MI_AT_CONFIGURATION_PORT = NVME_MI_AT_DWORD0 + 3,
	NVME_MI_FREQUENCY = 0x0f,
	NVME_MI_TRANSMISSION_UNIT = 0xffff,
};

/* Figure "SMBus/I2C frequency". */
enum nvme_mi_frequency {
	NVME_MI_FREQUENCY_100_KHZ = 1,
	NVME_MI_FREQUENCY_400_KHZ = 2,
	NVME_MI_FREQUENCY_1_MHZ = 3,
};

/* --- asynchronous events, 2.0: 4.3 --- */

/* Figure "Asynchronous Events": identifiers of events of a controller. */
enum nvme_mi_event {
	NVME_MI_EVENT_CONTROLLER_READY = 0x00,
	NVME_MI_EVENT_CONTROLLER_FATAL_STATUS = 0x01,
	NVME_MI_EVENT_SHUTDOWN_STATUS = 0x02,
	NVME_MI_EVENT_CONTROLLER_ENABLE = 0x03,
	NVME_MI_EVENT_NAMESPACE_ATTRIBUTE_CHANGED = 0x04,
	NVME_MI_EVENT_FIRMWARE_ACTIVATED = 0x05,
	NVME_MI_EVENT_COMPOSITE_TEMPERATURE = 0x06,
	NVME_MI_EVENT_PERCENTAGE_USED = 0x07,
	NVME_MI_EVENT_AVAILABLE_SPARE = 0x08,
	NVME_MI_EVENT_CRITICAL_WARNING = 0x09,
	NVME_MI_EVENTS, /* number of events */
};

/* Configuration Set 4, dword 0: retry delay in 100 ms, delay in seconds,
 * events of controllers that are PCI functions. */
enum {
	NVME_MI_EVENTS_RETRY_SHIFT = 8,
	NVME_MI_EVENTS_RETRY_MS = 100,
	NVME_MI_EVENTS_DELAY_SHIFT = 16,
	NVME_MI_EVENTS_DELAY_MS = 1000,
	NVME_MI_EVENTS_PCI_FUNCTIONS = 1 << 24,
};

/* Lists of supported events and of events to enable: a header (number of
 * items, version, total length, header length), then items (length, identifier
 * and enable bit). */
enum {
	NVME_MI_EVENT_LIST_HEADER_SIZE = 5,
	NVME_MI_EVENT_ITEM_SIZE = 3,
	NVME_MI_EVENT_ENABLED = 0x8000,
	NVME_MI_EVENT_LIST_VERSION = 0,
};

/* Occurrence list: a header (number of occurrences, version, total length,
 * header length, retry and generation), then occurrences (header length,
 * lengths of the specific data, identifier, scope id, scope). */
enum {
	NVME_MI_OCCURRENCE_LIST_HEADER_SIZE = 7,
	NVME_MI_OCCURRENCE_LIST_AT_GENERATION = 6,
	NVME_MI_OCCURRENCE_LIST_VERSION = 0,
	NVME_MI_OCCURRENCE_SIZE = 9,
	NVME_MI_OCCURRENCE_RETRY = 0x07,
	NVME_MI_OCCURRENCE_GENERATION_SHIFT = 3,
	NVME_MI_OCCURRENCE_GENERATIONS = 32,
};

/* Scope of an occurrence. */
enum {
	NVME_MI_SCOPE_NAMESPACE = 0,
	NVME_MI_SCOPE_CONTROLLER = 1,
	NVME_MI_SCOPE_SUBSYSTEM = 2,
};

/* --- PCIe commands, clause 7 --- */

/* Figure "PCIe Command Opcodes". */
enum nvme_mi_pcie_opcode {
	NVME_MI_PCIE_CONFIGURATION_READ = 0x00,
	NVME_MI_PCIE_CONFIGURATION_WRITE = 0x01,
	NVME_MI_PCIE_MEMORY_READ = 0x02,
	NVME_MI_PCIE_MEMORY_WRITE = 0x03,
	NVME_MI_PCIE_IO_READ = 0x04,
	NVME_MI_PCIE_IO_WRITE = 0x05,
};

/* A request: opcode, reserved, controller, length, reserved, offset with
 * reserved upper bits, reserved. */
enum {
	NVME_MI_PCIE_AT_RESERVED = 5,
	NVME_MI_PCIE_AT_CONTROLLER = 6,
	NVME_MI_PCIE_AT_LENGTH = 8,
	NVME_MI_PCIE_AT_RESERVED_0 = 10,
	NVME_MI_PCIE_AT_OFFSET = 12,
	NVME_MI_PCIE_AT_RESERVED_2 = 16,
	NVME_MI_PCIE_OFFSET = 0xfff,
	NVME_MI_PCIE_CONFIGURATION_SIZE = 4096,
};

#endif

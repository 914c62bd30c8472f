/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NVMe-MI responder (NVMe Management Interface 1.2, and the asynchronous
 * events of 2.0): commands of MCTP message type 4 over a struct subsystem.
 * docs/nvme-mi.md lists what it answers.
 *
 * It says nothing to what clause 3.1 and 4.1 want discarded: no integrity
 * check, a wrong one, a response, an unknown kind of message. Each of the two
 * command slots has its own response and state (slot.h), and so have control
 * primitives and asynchronous events; a request to a slot that is not idle is
 * dropped, counted and shown by Get State.
 */
#ifndef TETHER_NVME_MI_NVME_MI_H
#define TETHER_NVME_MI_NVME_MI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mctp/mctp.h"
#include "nvme_mi/aem.h"
#include "nvme_mi/slot.h"
#include "drive/drive.h"

/* 3.1, figure "NVMe-MI Message Fields": NMIMT. */
enum nvme_mi_kind {
	NVME_MI_CONTROL_PRIMITIVE = 0,
	NVME_MI_COMMAND = 1,
	NVME_MI_ADMIN_COMMAND = 2,
	NVME_MI_PCIE_COMMAND = 4,
	NVME_MI_ASYNCHRONOUS_EVENT = 5,
};

/* 4.2.1, figure "Control Primitive Opcodes". */
enum nvme_mi_primitive_opcode {
	NVME_MI_PAUSE = 0x00,
	NVME_MI_RESUME = 0x01,
	NVME_MI_ABORT = 0x02,
	NVME_MI_GET_STATE = 0x03,
	NVME_MI_REPLAY = 0x04,
};

/* 5, figure "MI Command Opcodes". */
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

/* NVMe base, figure "Opcodes for Admin Commands": those that are here. */
enum nvme_mi_admin_opcode {
	NVME_ADMIN_GET_LOG_PAGE = 0x02,
	NVME_ADMIN_IDENTIFY = 0x06,
	NVME_ADMIN_SET_FEATURES = 0x09,
	NVME_ADMIN_GET_FEATURES = 0x0a,
	NVME_ADMIN_NAMESPACE_MANAGEMENT = 0x0d,
	NVME_ADMIN_FIRMWARE_COMMIT = 0x10,
	NVME_ADMIN_FIRMWARE_DOWNLOAD = 0x11,
	NVME_ADMIN_SELF_TEST = 0x14,
	NVME_ADMIN_NAMESPACE_ATTACHMENT = 0x15,
	NVME_ADMIN_FORMAT = 0x80,
	NVME_ADMIN_SECURITY_SEND = 0x81,
	NVME_ADMIN_SECURITY_RECEIVE = 0x82,
	NVME_ADMIN_SANITIZE = 0x84,
};

/* 7, figure "PCIe Command Opcodes". */
enum nvme_mi_pcie_opcode {
	NVME_MI_PCIE_CONFIGURATION_READ = 0x00,
	NVME_MI_PCIE_CONFIGURATION_WRITE = 0x01,
	NVME_MI_PCIE_MEMORY_READ = 0x02,
	NVME_MI_PCIE_MEMORY_WRITE = 0x03,
	NVME_MI_PCIE_IO_READ = 0x04,
	NVME_MI_PCIE_IO_WRITE = 0x05,
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
	NVME_MI_BUFFER_CLEARED = 0x22, /* due to a sanitize operation */
};

/* 5.1, figure "Configuration Identifiers"; 4 came with 2.0. */
enum nvme_mi_configuration {
	NVME_MI_SMBUS_FREQUENCY = 1,
	NVME_MI_HEALTH_STATUS_CHANGE = 2,
	NVME_MI_MCTP_TRANSMISSION_UNIT_SIZE = 3,
	NVME_MI_ASYNCHRONOUS_EVENTS = 4,
};

/* 5.7, figure "Data Structure Type". */
enum nvme_mi_data_structure {
	NVME_MI_SUBSYSTEM_INFORMATION = 0,
	NVME_MI_PORT_INFORMATION = 1,
	NVME_MI_CONTROLLER_LIST = 2,
	NVME_MI_CONTROLLER_INFORMATION = 3,
	NVME_MI_OPTIONAL_COMMANDS = 4,
	NVME_MI_BUFFER_COMMANDS = 5,
};

/** Control primitives, which overtake the responses of commands. */
struct nvme_mi_primitive {
	struct mctp_tx tx;
	uint8_t response[NVME_MI_PRIMITIVE_MAX];
};

/* Errors of the endpoint that Get State shows; each has a counter below. */
enum { NVME_MI_STATE_FLAGS = 6 };

struct nvme_mi {
	struct mctp *mctp;
	struct subsystem *subsystem;
	uint32_t silent; /* messages that got no answer by a rule */
	struct nvme_mi_slot slot[NVME_MI_SLOTS];
	struct nvme_mi_primitive primitive;
	struct nvme_mi_aem aem;
	/* Get State: what counters were when it last cleared its flags. */
	uint32_t seen[NVME_MI_STATE_FLAGS];
	bool bad_mic, busy_slot, was_reset;
	/* Management Endpoint Buffer, 4.1.1 */
	bool buffer_cleared; /* by a sanitize operation */
	uint8_t buffer[NVME_MI_BUFFER_SIZE];
};

/** Register with m as the handler of type 4, over s. Both stay. */
int nvme_mi_init(struct nvme_mi *mi, struct mctp *m, struct subsystem *s);

/** Let time pass for the model: responses and events that are due go out. */
void nvme_mi_poll(struct nvme_mi *mi, uint32_t now_ms);

/**
 * The link was reset, which is a Management Endpoint Reset (8.3.3): the
 * endpoint's port has the default MCTP transmission unit again, command slots
 * and buffer are as new. The responses that were being sent are mctp_reset()'s
 * to forget.
 */
void nvme_mi_reset(struct nvme_mi *mi);

#endif

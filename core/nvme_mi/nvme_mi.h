/*
 * NVMe-MI responder (NVMe Management Interface 1.2): commands of MCTP message
 * type 4 over a struct subsystem.
 *
 * It says nothing to what clause 3.1 and 4.1 want discarded: no integrity
 * check, a wrong one, a response, an unknown kind of message. Each of the two
 * command slots has its own response, and so have control primitives; a
 * request whose response is still being sent to another is dropped and
 * counted.
 */
#ifndef TETHER_NVME_MI_NVME_MI_H
#define TETHER_NVME_MI_NVME_MI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mctp/mctp.h"
#include "nvme_mi/subsystem.h"

/* 3.1, figure "NVMe-MI Message Fields": NMIMT. */
enum nvme_mi_kind {
	NVME_MI_CONTROL_PRIMITIVE = 0,
	NVME_MI_COMMAND = 1,
	NVME_MI_ADMIN_COMMAND = 2,
	NVME_MI_PCIE_COMMAND = 4,
	NVME_MI_ASYNCHRONOUS_EVENT = 5,
};

enum {
	NVME_MI_ROR = 0x80, /* in the second byte: a response */
	NVME_MI_CSI = 0x01, /* command slot */
	NVME_MI_NMIMT = 0x78,
	NVME_MI_NMIMT_SHIFT = 3,
	NVME_MI_MEB = 0x01, /* in the third byte: data is in the buffer */
	NVME_MI_HEADER_SIZE = 4,
	NVME_MI_MIC_SIZE = 4,
	NVME_MI_REQUEST_SIZE = 16,	  /* MI command, no data, no MIC */
	NVME_MI_RESPONSE_SIZE = 8,	  /* MI, no data, no MIC */
	NVME_MI_ADMIN_REQUEST_SIZE = 68,  /* no data, no MIC */
	NVME_MI_ADMIN_RESPONSE_SIZE = 20, /* no data, no MIC */
	NVME_MI_SLOTS = 2,
	NVME_MI_DATA_MAX = 4096,
	NVME_MI_RESPONSE_MAX = NVME_MI_ADMIN_RESPONSE_SIZE + NVME_MI_DATA_MAX +
			       NVME_MI_MIC_SIZE,
	NVME_MI_PRIMITIVE_MAX = NVME_MI_RESPONSE_SIZE + NVME_MI_MIC_SIZE,
};

/* 5, figure "MI Command Opcodes". */
enum nvme_mi_opcode {
	NVME_MI_READ_DATA_STRUCTURE = 0x00,
	NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL = 0x01,
	NVME_MI_CONTROLLER_HEALTH_STATUS_POLL = 0x02,
	NVME_MI_CONFIGURATION_SET = 0x03,
	NVME_MI_CONFIGURATION_GET = 0x04,
};

enum nvme_mi_admin_opcode { NVME_ADMIN_IDENTIFY = 0x06 };

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
};

/* 5.1, figure "Configuration Identifiers". */
enum nvme_mi_configuration {
	NVME_MI_SMBUS_FREQUENCY = 1,
	NVME_MI_HEALTH_STATUS_CHANGE = 2,
	NVME_MI_MCTP_TRANSMISSION_UNIT_SIZE = 3,
};

/* 5.7, figure "Data Structure Type". */
enum nvme_mi_data_structure {
	NVME_MI_SUBSYSTEM_INFORMATION = 0,
	NVME_MI_PORT_INFORMATION = 1,
	NVME_MI_CONTROLLER_LIST = 2,
	NVME_MI_CONTROLLER_INFORMATION = 3,
};

/** A command slot. */
struct nvme_mi_slot {
	struct mctp_tx tx;
	uint8_t response[NVME_MI_RESPONSE_MAX];
};

/** Control primitives, which overtake the responses of commands. */
struct nvme_mi_primitive {
	struct mctp_tx tx;
	uint8_t response[NVME_MI_PRIMITIVE_MAX];
};

struct nvme_mi {
	struct mctp *mctp;
	struct subsystem *subsystem;
	uint32_t silent; /* messages that got no answer by a rule */
	struct nvme_mi_slot slot[NVME_MI_SLOTS];
	struct nvme_mi_primitive primitive;
};

/** Register with m as the handler of type 4, over s. Both stay. */
int nvme_mi_init(struct nvme_mi *mi, struct mctp *m, struct subsystem *s);

/**
 * The link was reset, which is a Management Endpoint Reset (8.3.3): the
 * endpoint's port has the default MCTP transmission unit again. The responses
 * that were being sent are mctp_reset()'s to forget.
 */
void nvme_mi_reset(struct nvme_mi *mi);

#endif

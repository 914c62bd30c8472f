/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Responder of the MCTP control protocol (DSP0236 12) for a simple endpoint,
 * which is neither bridge nor bus owner. Other commands get the completion code
 * ERROR_UNSUPPORTED_CMD.
 */
#ifndef TETHER_MCTP_CONTROL_MCTP_CONTROL_H
#define TETHER_MCTP_CONTROL_MCTP_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mctp/mctp.h"

/* DSP0236 table 12: command codes. */
enum mctp_control_command {
	MCTP_SET_ENDPOINT_ID = 0x01,
	MCTP_GET_ENDPOINT_ID = 0x02,
	MCTP_GET_ENDPOINT_UUID = 0x03,
	MCTP_GET_MCTP_VERSION_SUPPORT = 0x04,
	MCTP_GET_MESSAGE_TYPE_SUPPORT = 0x05,
	MCTP_GET_VENDOR_DEFINED_MESSAGE_SUPPORT = 0x06,
	MCTP_RESOLVE_ENDPOINT_ID = 0x07,
	MCTP_PREPARE_FOR_ENDPOINT_DISCOVERY = 0x0b,
	MCTP_ENDPOINT_DISCOVERY = 0x0c,
	MCTP_DISCOVERY_NOTIFY = 0x0d,
};

/* DSP0236 table 13: completion codes. */
enum mctp_control_code {
	MCTP_SUCCESS = 0x00,
	MCTP_ERROR = 0x01,
	MCTP_ERROR_INVALID_DATA = 0x02,
	MCTP_ERROR_INVALID_LENGTH = 0x03,
	MCTP_ERROR_NOT_READY = 0x04,
	MCTP_ERROR_UNSUPPORTED_CMD = 0x05,
	MCTP_ERROR_TYPE_UNSUPPORTED = 0x80, /* Get MCTP Version Support */
};

enum {
	MCTP_CONTROL_HEADER_SIZE = 3, /* type, flags and instance, command */
	MCTP_CONTROL_RQ = 0x80,
	MCTP_CONTROL_D = 0x40,
	MCTP_CONTROL_INSTANCE = 0x1f,
	MCTP_CONTROL_TYPES = 8,
	MCTP_CONTROL_VENDORS = 4,
	MCTP_CONTROL_RESPONSE_MAX = 64,
};

/** A message type and its supported versions (DSP0236 12.6). */
struct mctp_control_type {
	uint8_t type;
	uint8_t versions;
	const uint32_t *version; /* BCD: F1F3F300 is 1.3.0; not copied */
};

/** A set of vendor-defined messages (DSP0236 12.8). */
struct mctp_control_vendor {
	uint16_t pci_vendor;
	uint16_t set; /* command set type, defined by the vendor */
};

struct mctp_control {
	struct mctp *mctp;
	uint8_t uuid[16];
	bool discovered;
	bool discovery_notify; /* send Discovery Notify; default off */
	uint8_t types, vendors;
	struct mctp_control_type type[MCTP_CONTROL_TYPES];
	struct mctp_control_vendor vendor[MCTP_CONTROL_VENDORS];
	/* Called after each accepted Set Endpoint ID. owner: source EID of that
	 * request. */
	void (*eid_set)(void *ctx, uint8_t eid, uint8_t owner);
	void *ctx;
	struct mctp_tx tx;
	struct mctp_req notify;
	uint8_t notify_data[MCTP_CONTROL_HEADER_SIZE];
	uint8_t response[MCTP_CONTROL_RESPONSE_MAX];
};

/** Register as the control handler of m. uuid: 16 bytes, RFC 4122 order. */
int mctp_control_init(struct mctp_control *c, struct mctp *m,
		      const uint8_t uuid[16]);

/** Add a message type to Get Message Type Support. ERR_FULL. */
int mctp_control_add_type(struct mctp_control *c, uint8_t type,
			  const uint32_t *versions, uint8_t count);

/** Add a set to Get Vendor Defined Message Support. ERR_FULL. */
int mctp_control_add_vendor(struct mctp_control *c, uint16_t pci_vendor,
			    uint16_t set);

/**
 * Handle the attach of the transport: send Discovery Notify to the null EID, if
 * discovery_notify is set and no bus owner has discovered this endpoint.
 */
int mctp_control_attached(struct mctp_control *c, uint32_t now_ms);

/** Handle a reset of the transport: clear the Discovered flag. */
void mctp_control_reset(struct mctp_control *c);

#endif

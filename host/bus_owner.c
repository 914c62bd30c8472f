/* SPDX-License-Identifier: Apache-2.0 */
#include "host/bus_owner.h"

#include <stdio.h>
#include <string.h>

#include "base/wire.h"
#include "mctp_control/mctp_control.h"

enum { REQUEST_MAX = 16, ANSWER_MAX = 256, ATTEMPTS = 3, ATTEMPT_MS = 1000 };
enum { VENDOR_FORMAT_PCI = 0x00 };

struct call {
	uint8_t answer[ANSWER_MAX];
	struct rd r; /* at the byte after the completion code */
};

static const char *code_text(uint8_t code)
{
	switch (code) {
	case MCTP_ERROR_INVALID_DATA:
		return "invalid data";
	case MCTP_ERROR_INVALID_LENGTH:
		return "invalid length";
	case MCTP_ERROR_NOT_READY:
		return "not ready";
	case MCTP_ERROR_UNSUPPORTED_CMD:
		return "unsupported command";
	case MCTP_ERROR_TYPE_UNSUPPORTED:
		return "unsupported message type";
	default:
		return "error";
	}
}

/* DSP0236 table 16: repeat a control request that gets no response. */
static int send_with_retries(struct transport *t, struct transport_request *r)
{
	int err = ERR_TIMEOUT;

	for (int i = 0; err == ERR_TIMEOUT && i < ATTEMPTS; i++) {
		r->timeout_ms = ATTEMPT_MS;
		err = transport_ask(t, r);
	}
	return err;
}

static int call(struct transport *t, struct call *c, uint8_t dest,
		uint8_t command, const uint8_t *data, size_t len)
{
	static uint8_t instance;
	uint8_t request[REQUEST_MAX];
	struct wr w = wr_init(request, sizeof(request));
	struct transport_request r = {
		.dest = dest,
		.data = request,
		.answer = c->answer,
		.cap = sizeof(c->answer),
	};
	uint8_t flags, answered, code;
	int err;

	instance = (instance + 1) & MCTP_CONTROL_INSTANCE;
	wr_u8(&w, MCTP_TYPE_CONTROL);
	wr_u8(&w, MCTP_CONTROL_RQ | instance);
	wr_u8(&w, command);
	wr_bytes(&w, data, len);
	r.len = wr_len(&w);
	err = send_with_retries(t, &r);
	if (err)
		return err;
	c->r = rd_init(c->answer, r.got);
	rd_skip(&c->r, 1);
	flags = rd_u8(&c->r);
	answered = rd_u8(&c->r);
	code = rd_u8(&c->r);
	if (!rd_ok(&c->r) || answered != command || flags != instance) {
		snprintf(t->error, sizeof(t->error),
			 "control command %02x: the response is malformed",
			 command);
		return ERR_INVALID;
	}
	if (code == MCTP_SUCCESS)
		return ERR_OK;
	snprintf(t->error, sizeof(t->error),
		 "control command %02x: the endpoint responds with %02x (%s)",
		 command, code, code_text(code));
	return ERR_UNSUPPORTED;
}

/* Check that the response contained all fields that were read. */
static int check_length(struct transport *t, const struct call *c)
{
	if (rd_ok(&c->r))
		return ERR_OK;
	snprintf(t->error, sizeof(t->error),
		 "the endpoint's response is too short");
	return ERR_INVALID;
}

int bus_owner_get_eid(struct transport *t, uint8_t dest, uint8_t *eid)
{
	struct call c;
	int err = call(t, &c, dest, MCTP_GET_ENDPOINT_ID, NULL, 0);

	if (err)
		return err;
	*eid = rd_u8(&c.r);
	return check_length(t, &c);
}

int bus_owner_set_eid(struct transport *t, uint8_t dest, uint8_t *eid)
{
	const uint8_t data[2] = { 0, *eid };
	struct call c;
	int err = call(t, &c, dest, MCTP_SET_ENDPOINT_ID, data, sizeof(data));

	if (err)
		return err;
	rd_skip(&c.r, 1); /* the EID tells whether it was accepted */
	*eid = rd_u8(&c.r);
	return check_length(t, &c);
}

int bus_owner_get_uuid(struct transport *t, uint8_t dest, uint8_t uuid[16])
{
	struct call c;
	const uint8_t *p;
	int err = call(t, &c, dest, MCTP_GET_ENDPOINT_UUID, NULL, 0);

	if (err)
		return err;
	p = rd_bytes(&c.r, 16);
	if (p)
		memcpy(uuid, p, 16);
	return check_length(t, &c);
}

int bus_owner_get_types(struct transport *t, uint8_t dest, uint8_t *types,
			uint8_t *count)
{
	struct call c;
	const uint8_t *p;
	int err = call(t, &c, dest, MCTP_GET_MESSAGE_TYPE_SUPPORT, NULL, 0);

	if (err)
		return err;
	*count = rd_u8(&c.r);
	p = rd_bytes(&c.r, *count);
	if (*count > BUS_OWNER_LIST)
		*count = BUS_OWNER_LIST;
	if (p)
		memcpy(types, p, *count);
	return check_length(t, &c);
}

int bus_owner_get_versions(struct transport *t, uint8_t dest, uint8_t type,
			   uint32_t *versions, uint8_t *count)
{
	struct call c;
	int err = call(t, &c, dest, MCTP_GET_MCTP_VERSION_SUPPORT, &type, 1);

	if (err)
		return err;
	*count = rd_u8(&c.r);
	if (*count > BUS_OWNER_LIST)
		*count = BUS_OWNER_LIST;
	for (uint8_t i = 0; i < *count; i++)
		versions[i] = rd_be32(&c.r);
	return check_length(t, &c);
}

int bus_owner_get_vendor(struct transport *t, uint8_t dest, uint8_t selector,
			 uint16_t *pci_vendor, uint16_t *set, uint8_t *next)
{
	struct call c;
	int err = call(t, &c, dest, MCTP_GET_VENDOR_DEFINED_MESSAGE_SUPPORT,
		       &selector, 1);
	uint8_t format;

	if (err)
		return err;
	*next = rd_u8(&c.r);
	format = rd_u8(&c.r);
	*pci_vendor = rd_be16(&c.r);
	*set = rd_be16(&c.r);
	err = check_length(t, &c);
	if (err || format == VENDOR_FORMAT_PCI)
		return err;
	snprintf(t->error, sizeof(t->error),
		 "vendor defined message set %u has no PCI vendor id",
		 selector);
	return ERR_NOT_FOUND;
}

/* Whether an endpoint may keep this EID: not null, reserved, broadcast or the
 * EID of this host. */
static bool is_usable(uint8_t eid)
{
	return eid >= MCTP_EID_FIRST && eid != BUS_OWNER_EID &&
	       eid != MCTP_EID_BROADCAST;
}

int bus_owner_bring_up(struct transport *t, uint8_t *eid)
{
	int err;

	if (t->peer) { /* the endpoint already has an EID */
		*eid = t->peer;
		return ERR_OK;
	}
	err = bus_owner_get_eid(t, MCTP_EID_NULL, eid);
	if (err || is_usable(*eid))
		return err;
	*eid = BUS_OWNER_FIRST;
	err = bus_owner_set_eid(t, MCTP_EID_NULL, eid);
	if (err || is_usable(*eid))
		return err;
	snprintf(t->error, sizeof(t->error),
		 "the endpoint reports EID %u, which is reserved or in use by "
		 "this host. Reset the device",
		 *eid);
	return ERR_INVALID;
}

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
	struct rd r; /* behind the completion code */
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

/* DSP0236 table 16: a control request is tried again without an answer. */
static int ask(struct transport *t, struct transport_request *r)
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
	err = ask(t, &r);
	if (err)
		return err;
	c->r = rd_init(c->answer, r.got);
	rd_skip(&c->r, 1);
	flags = rd_u8(&c->r);
	answered = rd_u8(&c->r);
	code = rd_u8(&c->r);
	if (!rd_ok(&c->r) || answered != command || flags != instance) {
		snprintf(t->error, sizeof(t->error),
			 "control command %02x: the answer is not in order",
			 command);
		return ERR_INVALID;
	}
	if (code == MCTP_SUCCESS)
		return ERR_OK;
	snprintf(t->error, sizeof(t->error),
		 "control command %02x: the endpoint answers %02x (%s)",
		 command, code, code_text(code));
	return ERR_UNSUPPORTED;
}

/* After the last field of an answer was read. */
static int finish(struct transport *t, const struct call *c)
{
	if (rd_ok(&c->r))
		return ERR_OK;
	snprintf(t->error, sizeof(t->error),
		 "the endpoint's answer is too short");
	return ERR_INVALID;
}

int bus_owner_get_eid(struct transport *t, uint8_t dest, uint8_t *eid)
{
	struct call c;
	int err = call(t, &c, dest, MCTP_GET_ENDPOINT_ID, NULL, 0);

	if (err)
		return err;
	*eid = rd_u8(&c.r);
	return finish(t, &c);
}

int bus_owner_set_eid(struct transport *t, uint8_t dest, uint8_t *eid)
{
	const uint8_t data[2] = { 0, *eid };
	struct call c;
	int err = call(t, &c, dest, MCTP_SET_ENDPOINT_ID, data, sizeof(data));

	if (err)
		return err;
	rd_skip(&c.r, 1); /* accepted or not: its EID says it all */
	*eid = rd_u8(&c.r);
	return finish(t, &c);
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
	return finish(t, &c);
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
	return finish(t, &c);
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
	return finish(t, &c);
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
	err = finish(t, &c);
	if (err || format == VENDOR_FORMAT_PCI)
		return err;
	snprintf(t->error, sizeof(t->error),
		 "vendor message set %u has no PCI vendor id", selector);
	return ERR_NOT_FOUND;
}

/* What an endpoint may have of its own: not none, a reserved one, broadcast,
 * nor this host's. */
static bool is_usable(uint8_t eid)
{
	return eid >= MCTP_EID_FIRST && eid != BUS_OWNER_EID &&
	       eid != MCTP_EID_BROADCAST;
}

int bus_owner_bring_up(struct transport *t, uint8_t *eid)
{
	int err;

	if (t->peer) { /* somebody brought it up already */
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
		 "the endpoint answers that its EID is %u, which it cannot be. "
		 "reset the device",
		 *eid);
	return ERR_INVALID;
}

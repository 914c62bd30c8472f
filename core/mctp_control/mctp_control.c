/* SPDX-License-Identifier: Apache-2.0 */
#include "mctp_control/mctp_control.h"

#include <string.h>

#include "base/wire.h"

/* DSP0236 table 14: operations of Set Endpoint ID. */
enum { SET_EID, FORCE_EID, RESET_EID, SET_DISCOVERED };

enum {
	EID_ACCEPTED = 0x00,
	EID_REJECTED = 0x10,
	VERSION_BASE = 0xff,
	VENDOR_FORMAT_PCI = 0x00,
	VENDOR_NO_MORE = 0xff,
	EID_TYPE_SIMPLE = 0x00, /* no bridge, dynamic EID */
};

static const uint32_t control_versions[] = { 0xf1f0ff00, 0xf1f1ff00, 0xf1f2ff00,
					     0xf1f3f300 };

/* A command function decodes r, executes, and writes the data after the
 * completion code to w. The caller has checked the length of r. */
typedef enum mctp_control_code (*command_fn)(struct mctp_control *c,
					     const struct mctp_msg *msg,
					     struct rd *r, struct wr *w);

static enum mctp_control_code set_endpoint_id(struct mctp_control *c,
					      const struct mctp_msg *msg,
					      struct rd *r, struct wr *w)
{
	uint8_t operation = rd_u8(r) & 0x03, eid = rd_u8(r);
	uint8_t status = EID_ACCEPTED;

	switch (operation) {
	case SET_EID:
	case FORCE_EID:
		if (eid < MCTP_EID_FIRST || eid == MCTP_EID_BROADCAST)
			return MCTP_ERROR_INVALID_DATA;
		mctp_set_eid(c->mctp, eid);
		c->discovered = true;
		break;
	case SET_DISCOVERED:
		c->discovered = true;
		status = EID_REJECTED; /* this operation sets no EID */
		break;
	default: /* RESET_EID needs a static EID */
		return MCTP_ERROR_INVALID_DATA;
	}
	wr_u8(w, status);
	wr_u8(w, c->mctp->eid);
	wr_u8(w, 0); /* EID pool size: only a bridge has a pool */
	if (status == EID_ACCEPTED && c->eid_set)
		c->eid_set(c->ctx, eid, msg->src);
	return MCTP_SUCCESS;
}

static enum mctp_control_code get_endpoint_id(struct mctp_control *c,
					      const struct mctp_msg *msg,
					      struct rd *r, struct wr *w)
{
	(void)msg;
	(void)r;
	/* USB has no medium-specific information in the last byte. */
	wr_bytes(w, (const uint8_t[]){ c->mctp->eid, EID_TYPE_SIMPLE, 0 }, 3);
	return MCTP_SUCCESS;
}

static enum mctp_control_code get_endpoint_uuid(struct mctp_control *c,
						const struct mctp_msg *msg,
						struct rd *r, struct wr *w)
{
	(void)msg;
	(void)r;
	wr_bytes(w, c->uuid, sizeof(c->uuid));
	return MCTP_SUCCESS;
}

static enum mctp_control_code get_version_support(struct mctp_control *c,
						  const struct mctp_msg *msg,
						  struct rd *r, struct wr *w)
{
	uint8_t type = rd_u8(r);

	(void)msg;
	if (type == VERSION_BASE)
		type = MCTP_TYPE_CONTROL;
	for (uint8_t i = 0; i < c->types; i++) {
		const struct mctp_control_type *t = &c->type[i];

		if (t->type != type)
			continue;
		wr_u8(w, t->versions);
		for (uint8_t v = 0; v < t->versions; v++)
			wr_be32(w, t->version[v]);
		return MCTP_SUCCESS;
	}
	return MCTP_ERROR_TYPE_UNSUPPORTED;
}

static enum mctp_control_code
get_message_type_support(struct mctp_control *c, const struct mctp_msg *msg,
			 struct rd *r, struct wr *w)
{
	(void)msg;
	(void)r;
	wr_u8(w, c->types);
	for (uint8_t i = 0; i < c->types; i++)
		wr_u8(w, c->type[i].type);
	return MCTP_SUCCESS;
}

static enum mctp_control_code get_vendor_support(struct mctp_control *c,
						 const struct mctp_msg *msg,
						 struct rd *r, struct wr *w)
{
	uint8_t selector = rd_u8(r);

	(void)msg;
	if (selector >= c->vendors)
		return MCTP_ERROR_INVALID_DATA;
	wr_u8(w, selector + 1 < c->vendors ? (uint8_t)(selector + 1)
					   : VENDOR_NO_MORE);
	wr_u8(w, VENDOR_FORMAT_PCI);
	wr_be16(w, c->vendor[selector].pci_vendor);
	wr_be16(w, c->vendor[selector].set);
	return MCTP_SUCCESS;
}

static enum mctp_control_code prepare_for_discovery(struct mctp_control *c,
						    const struct mctp_msg *msg,
						    struct rd *r, struct wr *w)
{
	(void)msg;
	(void)r;
	(void)w;
	c->discovered = false;
	return MCTP_SUCCESS;
}

static enum mctp_control_code endpoint_discovery(struct mctp_control *c,
						 const struct mctp_msg *msg,
						 struct rd *r, struct wr *w)
{
	(void)c;
	(void)msg;
	(void)r;
	(void)w;
	return MCTP_SUCCESS;
}

/* Supported commands by code. length: bytes of request data after the
 * header. */
static const struct command {
	uint8_t length;
	command_fn fn;
} commands[] = {
	[MCTP_SET_ENDPOINT_ID] = { 2, set_endpoint_id },
	[MCTP_GET_ENDPOINT_ID] = { 0, get_endpoint_id },
	[MCTP_GET_ENDPOINT_UUID] = { 0, get_endpoint_uuid },
	[MCTP_GET_MCTP_VERSION_SUPPORT] = { 1, get_version_support },
	[MCTP_GET_MESSAGE_TYPE_SUPPORT] = { 0, get_message_type_support },
	[MCTP_GET_VENDOR_DEFINED_MESSAGE_SUPPORT] = { 1, get_vendor_support },
	[MCTP_PREPARE_FOR_ENDPOINT_DISCOVERY] = { 0, prepare_for_discovery },
	[MCTP_ENDPOINT_DISCOVERY] = { 0, endpoint_discovery },
};

static const struct command *find_command(uint8_t code)
{
	if (code >= sizeof(commands) / sizeof(commands[0]) ||
	    !commands[code].fn)
		return NULL;
	return &commands[code];
}

/* DSP0236 12.14: a discovered endpoint ignores Endpoint Discovery. */
static bool is_ignored(const struct mctp_control *c, uint8_t code)
{
	return code == MCTP_ENDPOINT_DISCOVERY && c->discovered;
}

static enum mctp_control_code run_command(struct mctp_control *c,
					  const struct mctp_msg *msg,
					  uint8_t code, struct rd *r,
					  struct wr *w)
{
	const struct command *cmd = find_command(code);

	if (!cmd)
		return MCTP_ERROR_UNSUPPORTED_CMD;
	if (rd_remaining(r) != cmd->length)
		return MCTP_ERROR_INVALID_LENGTH;
	return cmd->fn(c, msg, r, w);
}

static void handle_request(void *ctx, const struct mctp_msg *msg)
{
	struct mctp_control *c = ctx;
	struct rd r = rd_init(msg->data, msg->len);
	struct wr w = wr_init(c->response, sizeof(c->response));
	enum mctp_control_code code;
	const uint8_t *header;
	uint8_t flags, command;

	header = rd_bytes(&r, MCTP_CONTROL_HEADER_SIZE);
	/* Ignore responses and datagrams. */
	if (!header || msg->ic ||
	    (header[1] & (MCTP_CONTROL_RQ | MCTP_CONTROL_D)) !=
		    MCTP_CONTROL_RQ) {
		mctp_note_drop(c->mctp, "control-drop-no-request");
		return;
	}
	flags = header[1];
	command = header[2];
	if (is_ignored(c, command)) {
		mctp_note_drop(c->mctp, "control-drop-discovered");
		return;
	}
	if (mctp_tx_busy(&c->tx)) {
		mctp_count_busy(c->mctp);
		return;
	}
	wr_bytes(&w,
		 (const uint8_t[]){ MCTP_TYPE_CONTROL,
				    flags & MCTP_CONTROL_INSTANCE, command,
				    MCTP_SUCCESS },
		 4);
	code = run_command(c, msg, command, &r, &w);
	if (code != MCTP_SUCCESS) {
		w.p = w.start + MCTP_CONTROL_HEADER_SIZE;
		wr_u8(&w, (uint8_t)code);
	}
	(void)mctp_reply(c->mctp, &c->tx, msg, c->response, wr_len(&w));
}

int mctp_control_init(struct mctp_control *c, struct mctp *m,
		      const uint8_t uuid[16])
{
	memset(c, 0, sizeof(*c));
	c->mctp = m;
	memcpy(c->uuid, uuid, sizeof(c->uuid));
	c->tx.urgent = true;
	(void)mctp_control_add_type(c, MCTP_TYPE_CONTROL, control_versions,
				    sizeof(control_versions) /
					    sizeof(control_versions[0]));
	return mctp_register(m, MCTP_TYPE_CONTROL, handle_request, c);
}

int mctp_control_add_type(struct mctp_control *c, uint8_t type,
			  const uint32_t *versions, uint8_t count)
{
	if (c->types == MCTP_CONTROL_TYPES)
		return ERR_FULL;
	c->type[c->types].type = type;
	c->type[c->types].version = versions;
	c->type[c->types].versions = count;
	c->types++;
	return ERR_OK;
}

int mctp_control_add_vendor(struct mctp_control *c, uint16_t pci_vendor,
			    uint16_t set)
{
	if (c->vendors == MCTP_CONTROL_VENDORS)
		return ERR_FULL;
	c->vendor[c->vendors].pci_vendor = pci_vendor;
	c->vendor[c->vendors].set = set;
	c->vendors++;
	return ERR_OK;
}

int mctp_control_attached(struct mctp_control *c, uint32_t now_ms)
{
	if (!c->discovery_notify || c->discovered || c->notify.active)
		return ERR_OK;
	c->notify_data[0] = MCTP_TYPE_CONTROL;
	c->notify_data[1] = MCTP_CONTROL_RQ;
	c->notify_data[2] = MCTP_DISCOVERY_NOTIFY;
	c->notify.tx.data = c->notify_data;
	c->notify.tx.len = sizeof(c->notify_data);
	c->notify.tx.dest = MCTP_EID_NULL;
	return mctp_request(c->mctp, &c->notify, now_ms);
}

void mctp_control_reset(struct mctp_control *c)
{
	c->discovered = false;
}

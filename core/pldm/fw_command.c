/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that an update agent sends to the firmware device. */
#include "pldm/fw_device.h"

#include <string.h>

#include "base/crc32.h"
#include "base/err.h"

/* The completion code for data that cannot be decoded. */
static int decode_code(int err)
{
	return err == ERR_LENGTH ? PLDM_ERROR_INVALID_LENGTH
				 : PLDM_ERROR_INVALID_DATA;
}

/* --- inventory --- */

static void describe(const struct pldm_fw *f, uint8_t n,
		     struct pldm_fw_parameters *p)
{
	memset(p, 0, sizeof(*p));
	f->config.ops->describe(f->config.ctx, n, p);
}

static int query_device_identifiers(struct pldm_fw *f, struct pldm_call *q)
{
	const struct pldm_fw_config *c = &f->config;
	uint32_t length = 0;

	for (uint8_t i = 0; i < c->descriptors; i++)
		length += PLDM_FW_DESCRIPTOR_OVERHEAD + c->descriptor[i].len;
	wr_le32(q->w, length);
	wr_u8(q->w, c->descriptors);
	for (uint8_t i = 0; i < c->descriptors; i++)
		pldm_fw_write_descriptor(q->w, &c->descriptor[i]);
	return wr_ok(q->w) ? PLDM_SUCCESS : PLDM_ERROR;
}

static int get_firmware_parameters(struct pldm_fw *f, struct pldm_call *q)
{
	const struct pldm_fw_config *c = &f->config;
	uint8_t count = c->ops->count(c->ctx);
	struct pldm_fw_parameters p;
	struct pldm_fw_image_set s = { .components = count };

	describe(f, 0, &p);
	s.active = p.active.text;
	s.pending = p.pending.text;
	pldm_fw_write_image_set(q->w, &s);
	for (uint8_t n = 0; n < count; n++) {
		describe(f, n, &p);
		pldm_fw_write_parameters(q->w, &p);
	}
	return wr_ok(q->w) ? PLDM_SUCCESS : PLDM_ERROR;
}

/* --- the component table --- */

static int request_update(struct pldm_fw *f, struct pldm_call *q)
{
	struct pldm_fw_request_update u;
	int err = pldm_fw_read_request_update(q->r, &u);

	if (err)
		return decode_code(err);
	if (f->state != PLDM_FW_IDLE)
		return PLDM_FW_ALREADY_IN_UPDATE_MODE;
	if (u.transfer_max < PLDM_FW_TRANSFER_MIN || !u.components)
		return PLDM_ERROR_INVALID_DATA;
	f->part_max = u.transfer_max < PLDM_FW_PART_MAX ? u.transfer_max
							: PLDM_FW_PART_MAX;
	f->window =
		u.outstanding < PLDM_FW_WINDOW ? u.outstanding : PLDM_FW_WINDOW;
	if (!f->window)
		f->window = 1;
	f->passed = f->applied = 0;
	pldm_requester_start(&f->requester, q->source);
	pldm_fw_enter(f, PLDM_FW_LEARN_COMPONENTS);
	log_write(f->log, LOG_LEVEL_INFO,
		  "PLDM: firmware update by EID %u, %u parts of %lu bytes",
		  q->source, f->window, (unsigned long)f->part_max);
	wr_le16(q->w, 0); /* no metadata */
	wr_u8(q->w, 0);	  /* does not need the package data */
	return PLDM_SUCCESS;
}

/* Find the offered component. Returns the number of components if the device
 * has no such component. */
static uint8_t find_component(const struct pldm_fw *f,
			      const struct pldm_fw_offer *o,
			      struct pldm_fw_parameters *p)
{
	uint8_t count = f->config.ops->count(f->config.ctx), n = 0;

	for (; n < count; n++) {
		describe(f, n, p);
		if (pldm_fw_same_component(&p->component, &o->component))
			break;
	}
	return n;
}

/* Compare an offer with the active version, DSP0267 table 26. */
static uint8_t compare_versions(const struct pldm_fw_version *active,
				const struct pldm_fw_offer *o)
{
	if (active->stamp && o->stamp == active->stamp)
		return PLDM_FW_STAMP_IDENTICAL;
	if (o->stamp < active->stamp)
		return PLDM_FW_STAMP_LOWER;
	if (pldm_fw_same_string(&o->version, &active->text))
		return PLDM_FW_VERSION_IDENTICAL;
	return PLDM_FW_CAN_UPDATE;
}

/* Decide about an offer. *n: number of the component. */
static uint8_t judge_offer(struct pldm_fw *f, const struct pldm_fw_offer *o,
			   uint8_t *n)
{
	struct pldm_fw_parameters p = { 0 };

	*n = find_component(f, o, &p);
	if (*n == f->config.ops->count(f->config.ctx))
		return PLDM_FW_COMPONENT_NOT_SUPPORTED;
	return compare_versions(&p.active, o);
}

static int pass_component_table(struct pldm_fw *f, struct pldm_call *q)
{
	struct pldm_fw_offer o;
	uint8_t flag, n, code;
	int err = pldm_fw_read_pass_component(q->r, &flag, &o);

	if (err)
		return decode_code(err);
	code = judge_offer(f, &o, &n);
	if (code == PLDM_FW_CAN_UPDATE)
		code = f->config.ops->offer(f->config.ctx, n, &o, false);
	if (code != PLDM_FW_COMPONENT_NOT_SUPPORTED)
		f->passed |= (uint8_t)(1U << n);
	if (flag & PLDM_END)
		pldm_fw_enter(f, PLDM_FW_READY_XFER);
	/* ComponentResponse 1: may be updatable, depending on the code */
	wr_u8(q->w, code != PLDM_FW_CAN_UPDATE);
	wr_u8(q->w, code);
	return PLDM_SUCCESS;
}

/* --- the update of a component --- */

static uint8_t judge_update(struct pldm_fw *f, const struct pldm_fw_offer *o,
			    uint8_t *n)
{
	uint8_t code = judge_offer(f, o, n);

	if (code == PLDM_FW_COMPONENT_NOT_SUPPORTED)
		return code;
	if (!(f->passed >> *n & 1) || !o->size)
		return PLDM_FW_INFORMATION_MISMATCH;
	/* The force option allows all that a comparison refuses. */
	if (code && !(o->options & PLDM_FW_OPTION_FORCE))
		return code;
	return f->config.ops->offer(f->config.ctx, *n, o, true);
}

static void start_download(struct pldm_fw *f, const struct pldm_fw_offer *o,
			   uint8_t n)
{
	f->number = n;
	f->applied &= (uint8_t) ~(1U << n);
	f->size = o->size;
	f->options = o->options & PLDM_FW_OPTION_FORCE;
	f->next = f->bytes = 0;
	pldm_fw_enter(f, PLDM_FW_DOWNLOAD);
	log_write(f->log, LOG_LEVEL_INFO,
		  "PLDM: update of component %u, %lu bytes", n,
		  (unsigned long)o->size);
}

static int update_component(struct pldm_fw *f, struct pldm_call *q)
{
	struct pldm_fw_compatibility c = { 0 };
	struct pldm_fw_offer o;
	uint8_t n;
	int err = pldm_fw_read_update_component(q->r, &o);

	if (err)
		return decode_code(err);
	c.code = judge_update(f, &o, &n);
	c.refused = c.code != PLDM_FW_CAN_UPDATE;
	if (!c.refused) {
		start_download(f, &o, n);
		c.options = f->options;
	}
	pldm_fw_write_compatibility(q->w, &c);
	return PLDM_SUCCESS;
}

static int activate_firmware(struct pldm_fw *f, struct pldm_call *q)
{
	uint8_t self_contained = rd_u8(q->r), code;
	uint16_t seconds = 0;

	if (self_contained > 1)
		return PLDM_ERROR_INVALID_DATA;
	if (!f->applied)
		return PLDM_FW_INCOMPLETE_UPDATE;
	code = f->config.ops->activate(f->config.ctx, self_contained, &seconds);
	if (code == PLDM_SUCCESS || code == PLDM_FW_ACTIVATION_NOT_REQUIRED)
		pldm_fw_enter(f, PLDM_FW_ACTIVATE);
	wr_le16(q->w, seconds);
	return code;
}

/* --- status and cancelling --- */

static uint8_t auxiliary_state(const struct pldm_fw *f)
{
	if (f->state == PLDM_FW_IDLE && f->activation_failed)
		return PLDM_FW_ACTIVATION_FAILED;
	if (!pldm_fw_is_updating(f) && f->state != PLDM_FW_ACTIVATE)
		return PLDM_FW_NO_OPERATION;
	if (f->failed)
		return PLDM_FW_FAILED;
	return f->done && !f->result ? PLDM_FW_SUCCESSFUL : PLDM_FW_IN_PROGRESS;
}

static int get_status(struct pldm_fw *f, struct pldm_call *q)
{
	struct pldm_fw_status s = {
		.state = f->state,
		.previous = f->previous,
		.aux = auxiliary_state(f),
		.percent = f->percent,
		.reason = f->state == PLDM_FW_IDLE ? f->reason : 0,
		.options = pldm_fw_is_updating(f) ? f->options : 0,
	};

	if (s.aux == PLDM_FW_FAILED)
		s.aux_status = f->result;
	if (f->state == PLDM_FW_DOWNLOAD)
		s.percent = (uint8_t)((uint64_t)f->bytes * 100 / f->size);
	pldm_fw_write_status(q->w, &s);
	return PLDM_SUCCESS;
}

static int cancel_update_component(struct pldm_fw *f, struct pldm_call *q)
{
	(void)q;
	if (!pldm_fw_is_updating(f))
		return PLDM_FW_NOT_IN_UPDATE_MODE;
	pldm_fw_stop(f);
	pldm_fw_enter(f, PLDM_FW_READY_XFER);
	return PLDM_SUCCESS;
}

static int cancel_update(struct pldm_fw *f, struct pldm_call *q)
{
	if (f->state == PLDM_FW_ACTIVATE)
		return PLDM_FW_BUSY_IN_BACKGROUND;
	pldm_fw_stop(f);
	pldm_fw_end(f, PLDM_FW_CANCELLED);
	wr_u8(q->w, 0);	  /* all components function */
	wr_le64(q->w, 0); /* bit map of those that do not */
	return PLDM_SUCCESS;
}

/* --- dispatch --- */

enum { ANY_STATE = 0xff };

#define IN(state) (1U << PLDM_FW_##state)

/* states: bit map of the states that allow the command. `owned`: only the
 * agent that has requested the update may send it. */
static const struct command {
	uint8_t code, length, states;
	bool owned, changes;
	int (*run)(struct pldm_fw *f, struct pldm_call *q);
} commands[] = {
	{ PLDM_FW_QUERY_DEVICE_IDENTIFIERS, 0, ANY_STATE, false, false,
	  query_device_identifiers },
	{ PLDM_FW_GET_FIRMWARE_PARAMETERS, 0, ANY_STATE, false, false,
	  get_firmware_parameters },
	{ PLDM_FW_REQUEST_UPDATE, PLDM_ANY_LENGTH, ANY_STATE, false, true,
	  request_update },
	{ PLDM_FW_PASS_COMPONENT_TABLE, PLDM_ANY_LENGTH, IN(LEARN_COMPONENTS),
	  true, true, pass_component_table },
	{ PLDM_FW_UPDATE_COMPONENT, PLDM_ANY_LENGTH, IN(READY_XFER), true, true,
	  update_component },
	{ PLDM_FW_ACTIVATE_FIRMWARE, 1, IN(READY_XFER), true, true,
	  activate_firmware },
	{ PLDM_FW_GET_STATUS, 0, ANY_STATE, false, false, get_status },
	{ PLDM_FW_CANCEL_UPDATE_COMPONENT, 0, ANY_STATE, true, true,
	  cancel_update_component },
	/* From any endpoint: the agent of an update may be gone. */
	{ PLDM_FW_CANCEL_UPDATE, 0, ANY_STATE & ~IN(IDLE), false, true,
	  cancel_update },
};

static int run(struct pldm_fw *f, const struct command *c, struct pldm_call *q)
{
	if (c->length != PLDM_ANY_LENGTH && rd_remaining(q->r) != c->length)
		return PLDM_ERROR_INVALID_LENGTH;
	if (f->state == PLDM_FW_IDLE && (c->owned || !(c->states & IN(IDLE))))
		return PLDM_FW_NOT_IN_UPDATE_MODE;
	if (c->owned && q->source != f->requester.dest)
		return PLDM_ERROR_NOT_READY;
	if (!(c->states >> f->state & 1))
		return PLDM_FW_INVALID_STATE_FOR_COMMAND;
	return c->run(f, q);
}

/* Whether the command is a retransmission, as its response was lost (DSP0240
 * 8.4). Executing it again would find another state. */
static bool is_repeated(const struct pldm_fw *f, const struct pldm_fw_repeat *a)
{
	const struct pldm_fw_repeat *b = &f->repeat;

	return b->valid && a->source == b->source &&
	       a->instance == b->instance && a->command == b->command &&
	       a->crc == b->crc && a->ms - b->ms < PLDM_FW_REPEAT_MS;
}

/* Store the successful response that starts at `data`. */
static void remember(struct pldm_fw *f, const struct pldm_fw_repeat *a,
		     const uint8_t *data, size_t len)
{
	if (len > sizeof(a->data))
		return;
	f->repeat = *a;
	f->repeat.valid = true;
	f->repeat.length = (uint8_t)len;
	memcpy(f->repeat.data, data, len);
}

static int execute(struct pldm_fw *f, const struct command *c,
		   struct pldm_call *q)
{
	const uint8_t *start = q->w->p;
	size_t len = rd_remaining(q->r);
	struct rd data = *q->r;
	const struct pldm_fw_repeat a = {
		.source = q->source,
		.instance = q->header->instance,
		.command = c->code,
		.crc = crc32_ieee(0, rd_bytes(&data, len), len),
		.ms = q->now_ms,
	};
	int code;

	if (c->changes && is_repeated(f, &a)) {
		wr_bytes(q->w, f->repeat.data, f->repeat.length);
		return PLDM_SUCCESS;
	}
	code = run(f, c, q);
	if (!code && c->changes)
		remember(f, &a, start, (size_t)(q->w->p - start));
	return code;
}

static enum pldm_code handle_command(void *ctx, struct pldm_call *q)
{
	struct pldm_fw *f = ctx;
	const struct command *c = commands;

	f->requester.now_ms = q->now_ms;
	if (f->state != PLDM_FW_IDLE && q->source == f->requester.dest)
		f->heard_ms = q->now_ms;
	while (c->code != q->header->command)
		c++;
	return (enum pldm_code)execute(f, c, q);
}

static void poll_update(void *ctx, uint32_t now_ms)
{
	pldm_fw_poll(ctx, now_ms);
}

#define COMMAND(name)                                                          \
	{                                                                      \
		PLDM_FW_##name, PLDM_ANY_LENGTH, handle_command                \
	}

static const struct pldm_command table_commands[] = {
	COMMAND(QUERY_DEVICE_IDENTIFIERS),
	COMMAND(GET_FIRMWARE_PARAMETERS),
	COMMAND(REQUEST_UPDATE),
	COMMAND(PASS_COMPONENT_TABLE),
	COMMAND(UPDATE_COMPONENT),
	COMMAND(ACTIVATE_FIRMWARE),
	COMMAND(GET_STATUS),
	COMMAND(CANCEL_UPDATE_COMPONENT),
	COMMAND(CANCEL_UPDATE),
};

const struct pldm_table pldm_fw_table = {
	.type = PLDM_TYPE_FIRMWARE,
	.count = sizeof(table_commands) / sizeof(table_commands[0]),
	.version = PLDM_FW_VERSION,
	.command = table_commands,
	.poll = poll_update,
};

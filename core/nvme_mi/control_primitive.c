/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Control primitives, NVMe-MI 1.2 clause 4.2.1. A request is opcode, tag and
 * parameter (CPSP); the response has the tag and a value of 16 bits (CPSR)
 * where the response of an MI command has NVMe Management Response.
 */
#include "nvme_mi/command.h"

enum {
	AT_NMP = 1, /* in the message, for error locations */
	AT_CPSP = 6,
	CLEAR_ERROR_FLAGS = 0x01,
	RESPONSE_REPLAY = 0x01,
	/* 4.2.1.1: these were one bit a slot once and are set now. */
	PAUSED_OBSOLETE = 0x0003,
};

/* Get State's flags, from the top. */
enum {
	STATE_PAUSED = 0x8000,
	STATE_SUBSYSTEM_RESET = 0x4000,
	STATE_PHYSICAL_LAYER = 0x2000,
	STATE_TAG = 0x1000,
	STATE_SEQUENCE = 0x0800,
	STATE_UNEXPECTED_MIDDLE = 0x0400,
	STATE_TRANSMISSION_UNIT = 0x0200,
	STATE_DESTINATION = 0x0100,
	STATE_HEADER_VERSION = 0x0080,
	STATE_INTEGRITY = 0x0010,
	STATE_SLOT_NOT_IDLE = 0x0008,
};

/* Those that the MCTP endpoint counts. */
static const struct {
	enum mctp_counter counter;
	uint16_t flag;
} flags[NVME_MI_STATE_FLAGS] = {
	{ MCTP_DROP_NO_REQUEST, STATE_TAG },
	{ MCTP_DROP_SEQUENCE, STATE_SEQUENCE },
	{ MCTP_DROP_NO_START, STATE_UNEXPECTED_MIDDLE },
	{ MCTP_DROP_UNIT, STATE_TRANSMISSION_UNIT },
	{ MCTP_DROP_DEST, STATE_DESTINATION },
	{ MCTP_DROP_VERSION, STATE_HEADER_VERSION },
};

struct primitive {
	uint8_t slot;
	uint16_t parameter;
};

/* Gives the value for the response. */
typedef enum nvme_mi_status (*primitive_fn)(struct nvme_mi_request *q,
					    const struct primitive *p,
					    uint16_t *value);

/* A request to a slot, in the two bytes that messages begin with. */
static uint16_t head_of(unsigned int slot)
{
	return (uint16_t)(MCTP_TYPE_NVME_MI | slot << 8);
}

enum { HEAD = MCTP_TYPE_MASK | (NVME_MI_RESPONSE | NVME_MI_COMMAND_SLOT) << 8 };

enum nvme_mi_slot_state nvme_mi_state(const struct nvme_mi *mi,
				      unsigned int slot)
{
	enum nvme_mi_slot_state state = nvme_mi_slot_state(&mi->slot[slot]);

	if (state == NVME_MI_SLOT_IDLE &&
	    mctp_is_receiving(mi->mctp, head_of(slot), HEAD))
		return NVME_MI_SLOT_RECEIVE;
	return state;
}

/* 4.2.1.1: the time between packets does not count while it is paused. */
static void hold_receiving(struct nvme_mi *mi, unsigned int slot, bool held)
{
	mctp_hold_receiving(mi->mctp, head_of(slot), HEAD, held,
			    mi->subsystem->now_ms);
}

static void resume_all(struct nvme_mi *mi)
{
	for (unsigned int i = 0; i < NVME_MI_COMMAND_SLOTS; i++) {
		nvme_mi_slot_resume(&mi->slot[i], mi->mctp);
		hold_receiving(mi, i, false);
	}
}

static enum nvme_mi_status pause(struct nvme_mi_request *q,
				 const struct primitive *p, uint16_t *value)
{
	if (p->slot) /* it is for both */
		return nvme_mi_invalid(q, AT_NMP, 0);
	for (unsigned int i = 0; i < NVME_MI_COMMAND_SLOTS; i++) {
		if (nvme_mi_state(q->mi, i) == NVME_MI_SLOT_IDLE)
			continue;
		nvme_mi_slot_pause(&q->mi->slot[i], q->mi->mctp);
		hold_receiving(q->mi, i, true);
	}
	*value = PAUSED_OBSOLETE;
	return NVME_MI_SUCCESS;
}

static enum nvme_mi_status resume(struct nvme_mi_request *q,
				  const struct primitive *p, uint16_t *value)
{
	(void)value;
	if (p->slot)
		return nvme_mi_invalid(q, AT_NMP, 0);
	resume_all(q->mi);
	return NVME_MI_SUCCESS;
}

static enum nvme_mi_status abort_command(struct nvme_mi_request *q,
					 const struct primitive *p,
					 uint16_t *value)
{
	enum nvme_mi_slot_state state = nvme_mi_state(q->mi, p->slot);

	mctp_stop_receiving(q->mi->mctp, head_of(p->slot), HEAD);
	*value = (uint16_t)nvme_mi_slot_abort(&q->mi->slot[p->slot],
					      q->mi->mctp);
	if (state == NVME_MI_SLOT_RECEIVE)
		*value = NVME_MI_ABORT_BEFORE_PROCESSING;
	return NVME_MI_SUCCESS;
}

static uint16_t error_flags(const struct nvme_mi *mi)
{
	uint16_t state = 0;

	for (int i = 0; i < NVME_MI_STATE_FLAGS; i++)
		if (mi->mctp->count[flags[i].counter] != mi->seen[i])
			state |= flags[i].flag;
	if (mi->bad_mic)
		state |= STATE_INTEGRITY;
	if (mi->busy_slot)
		state |= STATE_SLOT_NOT_IDLE;
	if (mi->was_reset)
		state |= STATE_SUBSYSTEM_RESET;
	return state;
}

void nvme_mi_clear_errors(struct nvme_mi *mi)
{
	for (int i = 0; i < NVME_MI_STATE_FLAGS; i++)
		mi->seen[i] = mi->mctp->count[flags[i].counter];
	mi->bad_mic = mi->busy_slot = mi->was_reset = false;
}

static enum nvme_mi_status get_state(struct nvme_mi_request *q,
				     const struct primitive *p, uint16_t *value)
{
	const struct nvme_mi_slot *s = &q->mi->slot[p->slot];
	enum nvme_mi_slot_state state = nvme_mi_state(q->mi, p->slot);

	*value = (uint16_t)(error_flags(q->mi) | state |
			    (s->paused ? STATE_PAUSED : 0U));
	if (p->parameter & CLEAR_ERROR_FLAGS)
		nvme_mi_clear_errors(q->mi);
	return NVME_MI_SUCCESS;
}

static enum nvme_mi_status replay(struct nvme_mi_request *q,
				  const struct primitive *p, uint16_t *value)
{
	int err = ERR_NOT_FOUND;

	/* What was answered last is gone when the next begins to come. */
	if (nvme_mi_state(q->mi, p->slot) != NVME_MI_SLOT_RECEIVE)
		err = nvme_mi_slot_replay(&q->mi->slot[p->slot], q->mi->mctp,
					  q->msg, (uint8_t)p->parameter);
	if (err == ERR_INVALID)
		return nvme_mi_invalid(q, AT_CPSP, 0);
	*value = err ? 0 : RESPONSE_REPLAY;
	resume_all(q->mi);
	return NVME_MI_SUCCESS;
}

static const primitive_fn primitives[] = {
	[NVME_MI_PAUSE] = pause,	 [NVME_MI_RESUME] = resume,
	[NVME_MI_ABORT] = abort_command, [NVME_MI_GET_STATE] = get_state,
	[NVME_MI_REPLAY] = replay,
};

enum nvme_mi_status nvme_mi_run_primitive(struct nvme_mi_request *q)
{
	uint8_t opcode = rd_u8(&q->r);
	uint8_t tag = rd_u8(&q->r);
	struct primitive p = { .slot = q->slot, .parameter = rd_le16(&q->r) };
	enum nvme_mi_status status;
	uint16_t value = 0;

	q->nmresp = tag; /* comes back with errors as well */
	if (!rd_done(&q->r))
		return NVME_MI_INVALID_COMMAND_SIZE;
	if (opcode >= sizeof(primitives) / sizeof(primitives[0]))
		return NVME_MI_INVALID_COMMAND_OPCODE;
	status = primitives[opcode](q, &p, &value);
	q->nmresp |= (uint32_t)value << 8;
	return status;
}

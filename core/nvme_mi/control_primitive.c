/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Control primitives, NVMe-MI 1.2 clause 4.2.1. A request has an opcode, a tag
 * and a parameter (CPSP). The response has the tag and a result (CPSR) in place
 * of NVMe Management Response.
 */
#include "nvme_mi/command.h"

enum { AT_MESSAGE_TYPE = 1 }; /* offset of the byte with the command slot */

/* Counters of the MCTP endpoint that Get State reports as errors. */
static const struct {
	enum mctp_counter counter;
	uint16_t flag;
} counted_errors[NVME_MI_COUNTED_ERRORS] = {
	{ MCTP_DROP_NO_REQUEST, NVME_MI_STATE_UNEXPECTED_TAG },
	{ MCTP_DROP_SEQUENCE, NVME_MI_STATE_OUT_OF_SEQUENCE },
	{ MCTP_DROP_NO_START, NVME_MI_STATE_UNEXPECTED_MIDDLE_OR_END },
	{ MCTP_DROP_UNIT, NVME_MI_STATE_INCORRECT_TRANSMISSION_UNIT },
	{ MCTP_DROP_DEST, NVME_MI_STATE_UNKNOWN_DESTINATION },
	{ MCTP_DROP_VERSION, NVME_MI_STATE_BAD_HEADER_VERSION },
};

struct primitive {
	uint8_t slot;
	uint16_t parameter;
};

typedef enum nvme_mi_status (*primitive_fn)(struct nvme_mi_request *q,
					    const struct primitive *p,
					    uint16_t *result);

/* --- messages that a slot is receiving --- */

/* First two bytes of a request for `slot`: message type and command slot. The
 * MCTP endpoint selects partly received messages by these bytes. */
static uint16_t first_bytes(unsigned int slot)
{
	return (uint16_t)(MCTP_TYPE_NVME_MI | slot << 8);
}

enum {
	FIRST_BYTES_MASK =
		MCTP_TYPE_MASK | (NVME_MI_RESPONSE | NVME_MI_COMMAND_SLOT) << 8,
};

enum nvme_mi_slot_state nvme_mi_state(const struct nvme_mi *mi,
				      unsigned int slot)
{
	enum nvme_mi_slot_state state = nvme_mi_slot_state(&mi->slot[slot]);

	if (state == NVME_MI_SLOT_IDLE &&
	    mctp_is_receiving(mi->mctp, first_bytes(slot), FIRST_BYTES_MASK))
		return NVME_MI_SLOT_RECEIVE;
	return state;
}

/* 4.2.1.1: stop the reassembly time-out while the slot is paused. */
static void hold_receiving(struct nvme_mi *mi, unsigned int slot, bool hold)
{
	mctp_hold_receiving(mi->mctp, first_bytes(slot), FIRST_BYTES_MASK, hold,
			    mi->drive->clock.now_ms);
}

/* --- Pause, Resume, Abort --- */

static void resume_slots(struct nvme_mi *mi)
{
	for (unsigned int i = 0; i < NVME_MI_COMMAND_SLOTS; i++) {
		nvme_mi_slot_resume(&mi->slot[i], mi->mctp);
		hold_receiving(mi, i, false);
	}
}

static enum nvme_mi_status pause(struct nvme_mi_request *q,
				 const struct primitive *p, uint16_t *result)
{
	if (p->slot) /* Pause affects both slots; its slot field must be 0 */
		return nvme_mi_invalid(q, AT_MESSAGE_TYPE, 0);
	for (unsigned int i = 0; i < NVME_MI_COMMAND_SLOTS; i++) {
		if (nvme_mi_state(q->mi, i) == NVME_MI_SLOT_IDLE)
			continue;
		nvme_mi_slot_pause(&q->mi->slot[i], q->mi->mctp);
		hold_receiving(q->mi, i, true);
	}
	*result = NVME_MI_PAUSE_FLAGS;
	return NVME_MI_SUCCESS;
}

static enum nvme_mi_status resume(struct nvme_mi_request *q,
				  const struct primitive *p, uint16_t *result)
{
	(void)result;
	if (p->slot)
		return nvme_mi_invalid(q, AT_MESSAGE_TYPE, 0);
	resume_slots(q->mi);
	return NVME_MI_SUCCESS;
}

static enum nvme_mi_status abort_command(struct nvme_mi_request *q,
					 const struct primitive *p,
					 uint16_t *result)
{
	enum nvme_mi_slot_state state = nvme_mi_state(q->mi, p->slot);

	mctp_stop_receiving(q->mi->mctp, first_bytes(p->slot),
			    FIRST_BYTES_MASK);
	*result = (uint16_t)nvme_mi_slot_abort(&q->mi->slot[p->slot],
					       q->mi->mctp);
	if (state == NVME_MI_SLOT_RECEIVE)
		*result = NVME_MI_ABORT_BEFORE_PROCESSING;
	return NVME_MI_SUCCESS;
}

/* --- Get State --- */

static uint16_t error_flags(const struct nvme_mi *mi)
{
	uint16_t flags = 0;

	for (int i = 0; i < NVME_MI_COUNTED_ERRORS; i++)
		if (mi->mctp->count[counted_errors[i].counter] !=
		    mi->cleared_errors[i])
			flags |= counted_errors[i].flag;
	if (mi->bad_integrity_check)
		flags |= NVME_MI_STATE_BAD_MESSAGE_INTEGRITY_CHECK;
	if (mi->slot_not_idle)
		flags |= NVME_MI_STATE_SLOT_NOT_IDLE;
	if (mi->subsystem_reset)
		flags |= NVME_MI_STATE_SUBSYSTEM_RESET;
	return flags;
}

void nvme_mi_clear_errors(struct nvme_mi *mi)
{
	for (int i = 0; i < NVME_MI_COUNTED_ERRORS; i++)
		mi->cleared_errors[i] =
			mi->mctp->count[counted_errors[i].counter];
	mi->bad_integrity_check = mi->slot_not_idle = false;
	mi->subsystem_reset = false;
}

static enum nvme_mi_status get_state(struct nvme_mi_request *q,
				     const struct primitive *p,
				     uint16_t *result)
{
	const struct nvme_mi_slot *s = &q->mi->slot[p->slot];
	enum nvme_mi_slot_state state = nvme_mi_state(q->mi, p->slot);

	*result = (uint16_t)(error_flags(q->mi) | state |
			     (s->paused ? NVME_MI_STATE_PAUSED : 0U));
	if (p->parameter & NVME_MI_GET_STATE_CLEAR_ERROR_FLAGS)
		nvme_mi_clear_errors(q->mi);
	return NVME_MI_SUCCESS;
}

/* --- Replay --- */

static enum nvme_mi_status replay(struct nvme_mi_request *q,
				  const struct primitive *p, uint16_t *result)
{
	int err = ERR_NOT_FOUND;

	/* The first packet of the next request discards the last response. */
	if (nvme_mi_state(q->mi, p->slot) != NVME_MI_SLOT_RECEIVE)
		err = nvme_mi_slot_replay(&q->mi->slot[p->slot], q->mi->mctp,
					  q->msg, (uint8_t)p->parameter);
	if (err == ERR_INVALID)
		return nvme_mi_invalid(q, NVME_MI_AT_CPSP, 0);
	*result = err ? 0 : NVME_MI_REPLAY_RESPONSE;
	resume_slots(q->mi);
	return NVME_MI_SUCCESS;
}

/* By opcode. */
static const primitive_fn primitives[] = {
	[NVME_MI_PAUSE] = pause,	 [NVME_MI_RESUME] = resume,
	[NVME_MI_ABORT] = abort_command, [NVME_MI_GET_STATE] = get_state,
	[NVME_MI_REPLAY] = replay,
};

enum nvme_mi_status nvme_mi_run_primitive(struct nvme_mi_request *q)
{
	uint8_t opcode = rd_u8(&q->in);
	struct primitive p = { .slot = q->slot };
	enum nvme_mi_status status;
	uint16_t result = 0;

	rd_skip(&q->in, 1); /* the tag is in management_response already */
	p.parameter = rd_le16(&q->in);
	if (!rd_done(&q->in))
		return NVME_MI_INVALID_COMMAND_SIZE;
	if (opcode >= sizeof(primitives) / sizeof(primitives[0]))
		return NVME_MI_INVALID_COMMAND_OPCODE;
	status = primitives[opcode](q, &p, &result);
	q->management_response |= (uint32_t)result
				  << NVME_MI_PRIMITIVE_CPSR_SHIFT;
	return status;
}

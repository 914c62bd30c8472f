/* SPDX-License-Identifier: Apache-2.0 */
/* The NVMe-MI message handler: checks a message, runs its command, and sends
 * the response through the command slot of the message. */
#include <string.h>

#include "base/crc32c.h"
#include "nvme_mi/command.h"

enum {
	MESSAGE_MIN = NVME_MI_HEADER_SIZE + NVME_MI_MIC_SIZE,
	/* A longer command sends More Processing Required, 4.1.2.3. */
	RESPONSE_TIME_MAX_MS = 50,
};

_Static_assert(DRIVE_CONTROLLERS *NVME_MI_CONTROLLER_HEALTH_SIZE <=
		       NVME_MI_DATA_MAX,
	       "the health of all controllers fits into one response");

static const struct message_type {
	enum nvme_mi_status (*run)(struct nvme_mi_request *q);
	bool completion; /* the response has a completion queue entry */
} message_types[] = {
	[NVME_MI_CONTROL_PRIMITIVE] = { nvme_mi_run_primitive, false },
	[NVME_MI_COMMAND] = { nvme_mi_run_command, false },
	[NVME_MI_ADMIN_COMMAND] = { nvme_mi_run_admin, true },
	[NVME_MI_PCIE_COMMAND] = { nvme_mi_run_pcie, false },
};

static uint8_t message_type_of(const uint8_t *header)
{
	return (header[1] & NVME_MI_MESSAGE_TYPE) >> NVME_MI_MESSAGE_TYPE_SHIFT;
}

static const struct message_type *find_message_type(uint8_t type)
{
	if (type >= sizeof(message_types) / sizeof(message_types[0]) ||
	    !message_types[type].run)
		return NULL;
	return &message_types[type];
}

/* Whether the message is a valid request. Others are ignored (3.1 and 4.1). */
static bool is_request(struct nvme_mi *mi, const struct mctp_msg *msg)
{
	uint32_t crc;
	struct rd r;

	mctp_note_drop(mi->mctp, "nvme-mi-drop-no-request");
	if (!msg->ic || msg->len < MESSAGE_MIN)
		return false;
	crc = crc32c(0, msg->data, msg->len - NVME_MI_MIC_SIZE);
	r = rd_init(msg->data + msg->len - NVME_MI_MIC_SIZE, NVME_MI_MIC_SIZE);
	if (rd_le32(&r) == crc)
		return !(msg->data[1] & NVME_MI_RESPONSE);
	mi->bad_integrity_check = true;
	mctp_note_drop(mi->mctp, "nvme-mi-drop-integrity");
	return false;
}

enum nvme_mi_status nvme_mi_result(struct nvme_mi_request *q, int err,
				   uint16_t byte)
{
	switch (err) {
	case ERR_OK:
		return NVME_MI_SUCCESS;
	case ERR_INVALID:
	case ERR_LENGTH:
	case ERR_NOT_FOUND:
		return nvme_mi_invalid(q, byte, 0);
	case ERR_FULL:
		return NVME_MI_VPD_UPDATES_EXCEEDED;
	default:
		return NVME_MI_INTERNAL_ERROR;
	}
}

/* --- data and the Management Endpoint Buffer, 4.1.1 --- */

enum nvme_mi_status nvme_mi_request_data(struct nvme_mi_request *q,
					 uint32_t len, const uint8_t **data)
{
	if (rd_remaining(&q->in) != (q->endpoint_buffer ? 0 : len) ||
	    (q->endpoint_buffer && len > sizeof(q->mi->buffer)))
		return NVME_MI_INVALID_COMMAND_INPUT_DATA_SIZE;
	if (q->endpoint_buffer && len && q->mi->buffer_cleared)
		return NVME_MI_BUFFER_CLEARED_DUE_TO_SANITIZE;
	*data = q->endpoint_buffer ? q->mi->buffer : rd_bytes(&q->in, len);
	return NVME_MI_SUCCESS;
}

/* Move the response data to the buffer, and clear the rest of the buffer. */
static void move_to_buffer(struct nvme_mi_request *q, size_t header)
{
	uint8_t *data = q->out.start + header;
	size_t len = (size_t)(q->out.p - data);

	memcpy(q->mi->buffer, data, len);
	memset(q->mi->buffer + len, 0, sizeof(q->mi->buffer) - len);
	q->mi->buffer_cleared = false;
	q->out.p = data;
}

/* The start of a sanitize operation clears the buffer too. */
static void clear_buffer(struct nvme_mi *mi)
{
	memset(mi->buffer, 0, sizeof(mi->buffer));
	mi->buffer_cleared = true;
}

static bool may_use_buffer(const struct nvme_mi_request *q, uint8_t type)
{
	return rd_remaining(&q->in) &&
	       nvme_mi_may_use_buffer((enum nvme_mi_message_type)type,
				      *q->in.p);
}

/* --- responses --- */

/* 4.1.2.1 and 4.1.2.2: the status, and the location of an invalid parameter. A
 * control primitive has its tag instead of the location. */
static void write_error(struct wr *w, const struct nvme_mi_request *q,
			enum nvme_mi_status status)
{
	w->p = w->start + NVME_MI_HEADER_SIZE;
	wr_u8(w, (uint8_t)status);
	if (message_type_of(w->start) == NVME_MI_CONTROL_PRIMITIVE) {
		wr_le(w, q->management_response, 3);
		return;
	}
	wr_u8(w, q->error_bit);
	wr_le16(w, q->error_byte);
}

/* Write the header of a successful response. The data already follows the room
 * that respond() reserved for the header. */
static void write_success(struct nvme_mi_request *q,
			  const struct message_type *type)
{
	struct wr w = wr_init(q->out.start + NVME_MI_HEADER_SIZE,
			      NVME_MI_ADMIN_RESPONSE_SIZE);

	wr_u8(&w, NVME_MI_SUCCESS);
	wr_le(&w, q->management_response, 3);
	if (!type->completion)
		return;
	wr_le32(&w, q->dword0);
	wr_le32(&w, 0);
	wr_le32(&w, (uint32_t)q->completion << NVME_COMPLETION_STATUS_SHIFT);
}

/* 3.1: refuse reserved bits, Command Initiated Auto Pause, which Port
 * Information does not announce (CIAPS), and a buffer that the command cannot
 * use. */
static enum nvme_mi_status check_header(struct nvme_mi_request *q,
					const uint8_t *header)
{
	static const uint8_t refused[NVME_MI_HEADER_SIZE] = {
		0,
		NVME_MI_HEADER_1_RESERVED,
		NVME_MI_HEADER_2_RESERVED | NVME_MI_AUTO_PAUSE,
		NVME_MI_HEADER_3_RESERVED,
	};

	for (unsigned int byte = 0; byte < NVME_MI_HEADER_SIZE; byte++)
		if (header[byte] & refused[byte])
			return nvme_mi_invalid_bits(q, (uint16_t)byte,
						    header[byte] &
							    refused[byte]);
	if (header[NVME_MI_AT_FLAGS] & NVME_MI_ENDPOINT_BUFFER &&
	    !may_use_buffer(q, message_type_of(header)))
		return nvme_mi_invalid(q, NVME_MI_AT_FLAGS, 0);
	return NVME_MI_SUCCESS;
}

static enum nvme_mi_status run(struct nvme_mi_request *q,
			       const struct message_type *type,
			       const uint8_t *header)
{
	size_t start = wr_len(&q->out);
	enum nvme_mi_status status = check_header(q, header);

	if (status)
		return status;
	q->endpoint_buffer = header[NVME_MI_AT_FLAGS] & NVME_MI_ENDPOINT_BUFFER;
	if (nvme_mi_is_locked(q, message_type_of(header)))
		return NVME_MI_ACCESS_DENIED;
	if (q->fault.message_status)
		return (enum nvme_mi_status)q->fault.message_status;
	status = type->run(q);
	if (status == NVME_MI_SUCCESS && !wr_ok(&q->out))
		status = NVME_MI_INTERNAL_ERROR;
	if (status == NVME_MI_SUCCESS && q->endpoint_buffer &&
	    wr_len(&q->out) > start)
		move_to_buffer(q, start);
	return status;
}

static void write_mic(struct wr *w)
{
	uint32_t crc = crc32c(0, w->start, wr_len(w));

	w->end += NVME_MI_MIC_SIZE;
	wr_le32(w, crc);
}

/* Run the request and write its response to q->out. */
static void respond(struct nvme_mi_request *q, const struct message_type *type,
		    const uint8_t *header)
{
	enum nvme_mi_status status;
	struct wr *w = &q->out;

	wr_u8(w, header[0]);
	wr_u8(w, NVME_MI_RESPONSE | (header[1] & (NVME_MI_MESSAGE_TYPE |
						  NVME_MI_COMMAND_SLOT)));
	wr_fill(w, 0, 2);
	wr_fill(w, 0,
		(type->completion ? NVME_MI_ADMIN_RESPONSE_SIZE
				  : NVME_MI_RESPONSE_SIZE) -
			NVME_MI_HEADER_SIZE);
	status = run(q, type, header);
	if (status == NVME_MI_SUCCESS) {
		write_success(q, type);
		if (q->endpoint_buffer)
			w->start[NVME_MI_AT_FLAGS] = NVME_MI_ENDPOINT_BUFFER;
	} else {
		q->wait_ms = 0;
		write_error(w, q, status);
	}
	write_mic(w);
}

static uint16_t endpoint_unit(const struct nvme_mi *mi)
{
	return mi->drive->port[mi->drive->endpoint_port].unit;
}

static void run_primitive(struct nvme_mi_request *q,
			  const struct message_type *type)
{
	struct nvme_mi *mi = q->mi;
	struct nvme_mi_primitive *p = &mi->primitive;
	struct rd in = q->in;

	/* An error response has the tag, too. */
	rd_skip(&in, 1);
	q->management_response = rd_u8(&in);
	/* 4.2.1: a requester that does not wait for responses is guaranteed
	 * only the last response. So drop the previous response; its primitive
	 * was still executed. */
	if (mctp_tx_busy(&p->tx)) {
		mctp_count_busy(mi->mctp);
		mctp_withdraw(mi->mctp, &p->tx);
	}
	nvme_mi_find_fault(q);
	if (q->fault.lose_request)
		return;
	q->out = wr_init(p->response, sizeof(p->response) - NVME_MI_MIC_SIZE);
	respond(q, type, q->msg->data);
	if (q->fault.lose_response)
		return;
	if (q->fault.corrupt_check)
		q->out.p[-1] ^= UINT8_MAX;
	p->tx.mtu = (uint16_t)(endpoint_unit(mi) + MCTP_HEADER_SIZE);
	(void)mctp_reply(mi->mctp, &p->tx, q->msg, p->response,
			 wr_len(&q->out));
}

/* Send the response now, or after the time of the command or of a simulated
 * fault. */
static void send_response(struct nvme_mi_request *q)
{
	struct nvme_mi_slot *s = &q->mi->slot[q->slot];
	const struct nvme_mi_fault *f = &q->fault;
	uint16_t unit = endpoint_unit(q->mi);
	size_t len = wr_len(&q->out);

	if (f->delay_ms > q->wait_ms)
		q->wait_ms = f->delay_ms;
	s->silent = f->silent || q->wait_ms <= RESPONSE_TIME_MAX_MS;
	s->corrupted = false;
	if (f->corrupt_check)
		nvme_mi_slot_corrupt(s, len);
	if (q->no_response)
		s->len = 0;
	else if (f->lose_response)
		nvme_mi_slot_lose(s, q->msg, unit, len);
	else if (q->wait_ms > RESPONSE_TIME_MAX_MS || f->delay_ms)
		nvme_mi_slot_process(s, q->mi->mctp, q->msg, unit, len,
				     q->wait_ms);
	else
		nvme_mi_slot_respond(s, q->mi->mctp, q->msg, unit, len);
}

static void run_command(struct nvme_mi_request *q,
			const struct message_type *type)
{
	struct nvme_mi *mi = q->mi;
	struct nvme_mi_slot *s = &mi->slot[q->slot];
	bool sanitizing = mi->drive->sanitize.operation.active;

	if (nvme_mi_slot_state(s) != NVME_MI_SLOT_IDLE) {
		mctp_count_busy(mi->mctp);
		mi->slot_not_idle = true;
		return;
	}
	nvme_mi_find_fault(q);
	if (q->fault.lose_request)
		return;
	q->out = wr_init(s->response, sizeof(s->response) - NVME_MI_MIC_SIZE);
	respond(q, type, q->msg->data);
	if (!sanitizing && mi->drive->sanitize.operation.active)
		clear_buffer(mi);
	send_response(q);
}

/* --- the endpoint --- */

/* A management endpoint forgets its state when the drive loses power. */
static void follow_power(struct nvme_mi *mi)
{
	if (mi->off == mi->drive->off)
		return;
	mi->off = mi->drive->off;
	nvme_mi_reset(mi);
	nvme_mi_clear_errors(mi);
}

static void advance_clock(struct nvme_mi *mi, uint32_t now_ms)
{
	drive_poll(mi->drive, now_ms);
	follow_power(mi);
	for (int i = 0; i < NVME_MI_COMMAND_SLOTS; i++)
		nvme_mi_slot_poll(&mi->slot[i], mi->mctp, now_ms);
	nvme_mi_events_poll(mi, now_ms);
}

static void handle_message(void *ctx, const struct mctp_msg *msg)
{
	struct nvme_mi *mi = ctx;
	struct nvme_mi_request q = { .mi = mi, .msg = msg };
	const struct message_type *type = NULL;

	follow_power(mi);
	if (!mi->off && is_request(mi, msg))
		type = find_message_type(message_type_of(msg->data));
	if (!type) {
		mi->silent++;
		return;
	}
	mctp_note_drop(mi->mctp, NULL);
	advance_clock(mi, msg->now_ms);
	q.slot = msg->data[1] & NVME_MI_COMMAND_SLOT;
	q.in = rd_init(msg->data + NVME_MI_HEADER_SIZE,
		       msg->len - NVME_MI_HEADER_SIZE - NVME_MI_MIC_SIZE);
	if (message_type_of(msg->data) == NVME_MI_CONTROL_PRIMITIVE)
		run_primitive(&q, type);
	else
		run_command(&q, type);
}

int nvme_mi_init(struct nvme_mi *mi, struct mctp *m, struct drive *d)
{
	memset(mi, 0, sizeof(*mi));
	mi->mctp = m;
	mi->drive = d;
	mi->primitive.tx.urgent = true;
	return mctp_register(m, MCTP_TYPE_NVME_MI, handle_message, mi);
}

void nvme_mi_poll(struct nvme_mi *mi, uint32_t now_ms)
{
	advance_clock(mi, now_ms);
	/* End the pause of a slot when the message that the slot was receiving
	 * has been dropped. */
	for (unsigned int i = 0; i < NVME_MI_COMMAND_SLOTS; i++)
		if (mi->slot[i].paused &&
		    nvme_mi_state(mi, i) == NVME_MI_SLOT_IDLE)
			mi->slot[i].paused = false;
}

void nvme_mi_reset(struct nvme_mi *mi)
{
	for (int i = 0; i < NVME_MI_COMMAND_SLOTS; i++)
		(void)nvme_mi_slot_abort(&mi->slot[i], mi->mctp);
	mctp_withdraw(mi->mctp, &mi->primitive.tx);
	nvme_mi_events_reset(mi);
	memset(mi->buffer, 0, sizeof(mi->buffer));
	mi->buffer_cleared = false;
	drive_endpoint_reset(mi->drive);
}

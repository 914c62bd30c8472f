/* SPDX-License-Identifier: Apache-2.0 */
#include "nvme_mi/nvme_mi.h"

#include <string.h>

#include "base/crc32c.h"
#include "nvme_mi/command.h"

enum {
	SHORTEST = NVME_MI_HEADER_SIZE + NVME_MI_MIC_SIZE,
	/* A response that takes longer is announced, 4.1.2.3. */
	MAX_RESPONSE_MS = 50,
};

_Static_assert(SUBSYSTEM_CONTROLLERS * 16 <= NVME_MI_DATA_MAX,
	       "the health of all controllers goes into one response");

/* A kind of message: what runs it, and how its response begins. */
static const struct kind {
	enum nvme_mi_status (*run)(struct nvme_mi_request *q);
	bool admin; /* three dwords of a completion queue entry */
} kinds[] = {
	[NVME_MI_CONTROL_PRIMITIVE] = { nvme_mi_run_primitive, false },
	[NVME_MI_COMMAND] = { nvme_mi_run_command, false },
	[NVME_MI_ADMIN_COMMAND] = { nvme_mi_run_admin, true },
	[NVME_MI_PCIE_COMMAND] = { nvme_mi_run_pcie, false },
};

static uint8_t nmimt_of(const uint8_t *header)
{
	return (header[1] & NVME_MI_MESSAGE_TYPE) >> NVME_MI_MESSAGE_TYPE_SHIFT;
}

static const struct kind *find_kind(uint8_t nmimt)
{
	if (nmimt >= sizeof(kinds) / sizeof(kinds[0]) || !kinds[nmimt].run)
		return NULL;
	return &kinds[nmimt];
}

/* The rules of silence, 3.1 and 4.1: who is not answered at all. */
static bool is_request(struct nvme_mi *mi, const struct mctp_msg *msg)
{
	uint32_t crc;
	struct rd r;

	if (!msg->ic || msg->len < SHORTEST)
		return false;
	crc = crc32c(0, msg->data, msg->len - NVME_MI_MIC_SIZE);
	r = rd_init(msg->data + msg->len - NVME_MI_MIC_SIZE, NVME_MI_MIC_SIZE);
	if (rd_le32(&r) == crc)
		return !(msg->data[1] & NVME_MI_RESPONSE);
	mi->bad_mic = true;
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

/* 4.1.2.1 and .2: status and, of an invalid parameter only, where it is. */
static void put_error(struct wr *w, const struct nvme_mi_request *q,
		      enum nvme_mi_status status)
{
	w->p = w->start + NVME_MI_HEADER_SIZE;
	wr_u8(w, (uint8_t)status);
	if (nmimt_of(w->start) == NVME_MI_CONTROL_PRIMITIVE) {
		wr_le(w, q->nmresp, 3); /* its tag */
		return;
	}
	wr_u8(w, q->at_bit);
	wr_le16(w, q->at_byte);
}

static void put_success(struct nvme_mi_request *q, const struct kind *kind)
{
	/* The data is in place behind the room that was left for this. */
	struct wr head = wr_init(q->w.start + NVME_MI_HEADER_SIZE,
				 NVME_MI_ADMIN_RESPONSE_SIZE);

	wr_u8(&head, NVME_MI_SUCCESS);
	wr_le(&head, q->nmresp, 3);
	if (!kind->admin)
		return;
	wr_le32(&head, q->dword0);
	wr_le32(&head, 0);
	wr_le32(&head, q->dword3);
}

enum nvme_mi_status nvme_mi_request_data(struct nvme_mi_request *q,
					 uint32_t len, const uint8_t **data)
{
	if (rd_remaining(&q->r) != (q->meb ? 0 : len) ||
	    (q->meb && len > sizeof(q->mi->buffer)))
		return NVME_MI_INVALID_COMMAND_INPUT_DATA_SIZE;
	if (q->meb && len && q->mi->buffer_cleared)
		return NVME_MI_BUFFER_CLEARED_DUE_TO_SANITIZE;
	*data = q->meb ? q->mi->buffer : rd_bytes(&q->r, len);
	return NVME_MI_SUCCESS;
}

/* 4.1.1: data goes to the buffer, what is behind it there is cleared. */
static void move_to_buffer(struct nvme_mi_request *q, size_t head)
{
	uint8_t *data = q->w.start + head;
	size_t len = (size_t)(q->w.p - data);

	memcpy(q->mi->buffer, data, len);
	memset(q->mi->buffer + len, 0, sizeof(q->mi->buffer) - len);
	q->mi->buffer_cleared = false;
	q->w.p = data;
}

static bool may_use_buffer(const struct nvme_mi_request *q, uint8_t nmimt)
{
	return rd_remaining(&q->r) &&
	       nvme_mi_may_use_buffer((enum nvme_mi_message_type)nmimt,
				      *q->r.p);
}

static enum nvme_mi_status run(struct nvme_mi_request *q,
			       const struct kind *kind, const uint8_t *header)
{
	size_t head = wr_len(&q->w);
	enum nvme_mi_status status;

	q->meb = header[2] & NVME_MI_ENDPOINT_BUFFER;
	if (q->meb && !may_use_buffer(q, nmimt_of(header)))
		return nvme_mi_invalid(q, NVME_MI_AT_FLAGS, 0);
	status = kind->run(q);
	if (status == NVME_MI_SUCCESS && !wr_ok(&q->w))
		status = NVME_MI_INTERNAL_ERROR;
	if (status == NVME_MI_SUCCESS && q->meb && wr_len(&q->w) > head)
		move_to_buffer(q, head);
	return status;
}

static void put_mic(struct wr *w)
{
	uint32_t crc = crc32c(0, w->start, wr_len(w));

	w->end += NVME_MI_MIC_SIZE;
	wr_le32(w, crc);
}

static void respond(struct nvme_mi_request *q, const struct kind *kind,
		    const uint8_t *header)
{
	enum nvme_mi_status status;
	struct wr *w = &q->w;

	wr_u8(w, header[0]);
	wr_u8(w, NVME_MI_RESPONSE | (header[1] & (NVME_MI_MESSAGE_TYPE |
						  NVME_MI_COMMAND_SLOT)));
	wr_fill(w, 0, 2);
	wr_fill(w, 0,
		(kind->admin ? NVME_MI_ADMIN_RESPONSE_SIZE
			     : NVME_MI_RESPONSE_SIZE) -
			NVME_MI_HEADER_SIZE);
	status = run(q, kind, header);
	if (status == NVME_MI_SUCCESS) {
		put_success(q, kind);
		if (q->meb)
			w->start[2] = NVME_MI_ENDPOINT_BUFFER;
	} else {
		q->wait_ms = 0;
		put_error(w, q, status);
	}
	put_mic(w);
}

static uint16_t unit_of(const struct nvme_mi *mi)
{
	return mi->subsystem->port[mi->subsystem->endpoint].unit;
}

static void run_primitive(struct nvme_mi_request *q, const struct kind *kind)
{
	struct nvme_mi *mi = q->mi;
	struct nvme_mi_primitive *p = &mi->primitive;

	/* 4.2.1: of several that were not awaited only the last is sure to be
	 * answered. Each has had its effect. */
	if (mctp_tx_busy(&p->tx)) {
		mctp_count_busy(mi->mctp);
		mctp_withdraw(mi->mctp, &p->tx);
	}
	q->w = wr_init(p->response, sizeof(p->response) - NVME_MI_MIC_SIZE);
	respond(q, kind, q->msg->data);
	p->tx.mtu = (uint16_t)(unit_of(mi) + MCTP_HEADER_SIZE);
	(void)mctp_reply(mi->mctp, &p->tx, q->msg, p->response, wr_len(&q->w));
}

/* A sanitize operation that begins is one of the buffer's as well. */
static void clear_buffer(struct nvme_mi *mi)
{
	memset(mi->buffer, 0, sizeof(mi->buffer));
	mi->buffer_cleared = true;
}

static void run_command(struct nvme_mi_request *q, const struct kind *kind)
{
	struct nvme_mi *mi = q->mi;
	struct nvme_mi_slot *s = &mi->slot[q->slot];
	bool sanitizing = mi->subsystem->sanitize.active;
	uint16_t unit = unit_of(mi);

	if (nvme_mi_slot_state(s) != NVME_MI_SLOT_IDLE) {
		mctp_count_busy(mi->mctp);
		mi->busy_slot = true;
		return;
	}
	q->w = wr_init(s->response, sizeof(s->response) - NVME_MI_MIC_SIZE);
	respond(q, kind, q->msg->data);
	if (!sanitizing && mi->subsystem->sanitize.active)
		clear_buffer(mi);
	if (q->unanswered)
		s->len = 0;
	else if (q->wait_ms > MAX_RESPONSE_MS)
		nvme_mi_slot_process(s, mi->mctp, q->msg, unit, wr_len(&q->w),
				     q->wait_ms);
	else
		nvme_mi_slot_respond(s, mi->mctp, q->msg, unit, wr_len(&q->w));
}

/* What time brings with it. */
static void advance(struct nvme_mi *mi, uint32_t now_ms)
{
	subsystem_poll(mi->subsystem, now_ms);
	for (int i = 0; i < NVME_MI_COMMAND_SLOTS; i++)
		nvme_mi_slot_poll(&mi->slot[i], mi->mctp, now_ms);
	nvme_mi_aem_poll(mi, now_ms);
}

static void handle(void *ctx, const struct mctp_msg *msg)
{
	struct nvme_mi *mi = ctx;
	struct nvme_mi_request q = { .mi = mi, .msg = msg };
	const struct kind *kind = NULL;

	if (is_request(mi, msg))
		kind = find_kind(nmimt_of(msg->data));
	if (!kind) {
		mi->silent++;
		return;
	}
	advance(mi, msg->now_ms);
	q.slot = msg->data[1] & NVME_MI_COMMAND_SLOT;
	q.r = rd_init(msg->data + NVME_MI_HEADER_SIZE,
		      msg->len - NVME_MI_HEADER_SIZE - NVME_MI_MIC_SIZE);
	if (nmimt_of(msg->data) == NVME_MI_CONTROL_PRIMITIVE)
		run_primitive(&q, kind);
	else
		run_command(&q, kind);
}

int nvme_mi_init(struct nvme_mi *mi, struct mctp *m, struct subsystem *s)
{
	memset(mi, 0, sizeof(*mi));
	mi->mctp = m;
	mi->subsystem = s;
	mi->primitive.tx.urgent = true;
	return mctp_register(m, MCTP_TYPE_NVME_MI, handle, mi);
}

void nvme_mi_poll(struct nvme_mi *mi, uint32_t now_ms)
{
	advance(mi, now_ms);
	/* What was to come when it was paused was dropped. */
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
	nvme_mi_aem_reset(mi);
	memset(mi->buffer, 0, sizeof(mi->buffer));
	mi->buffer_cleared = false;
	subsystem_reset_endpoint(mi->subsystem);
}

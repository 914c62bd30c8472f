/* SPDX-License-Identifier: Apache-2.0 */
#include "pldm/request.h"

#include <string.h>

#include "base/err.h"
#include "pldm/pldm.h"

void pldm_requester_init(struct pldm_requester *by, struct mctp *m,
			 uint32_t *wrong)
{
	memset(by, 0, sizeof(*by));
	by->mctp = m;
	by->wrong = wrong;
}

void pldm_requester_start(struct pldm_requester *by, uint8_t dest)
{
	by->dest = dest;
	by->timeout_ms = PLDM_REQUEST_MS;
}

static uint32_t clamp_timeout(uint32_t ms)
{
	if (ms < PLDM_REQUEST_MS)
		return PLDM_REQUEST_MS;
	return ms < PLDM_REQUEST_TOP ? ms : PLDM_REQUEST_TOP;
}

static void transmit(struct pldm_request *q)
{
	struct pldm_requester *by = q->by;

	/* The request stays due until the previous packet was sent and a tag is
	 * free. */
	q->due = true;
	q->due_ms = by->now_ms;
	if (mctp_tx_busy(&q->req.tx))
		return;
	q->req.tx.data = q->message[q->at];
	q->req.tx.len = q->length;
	q->req.tx.dest = by->dest;
	q->req.timeout_ms = by->timeout_ms;
	q->sent_ms = by->now_ms;
	q->serial = ++by->serial;
	q->due = mctp_request(by->mctp, &q->req, by->now_ms) != ERR_OK;
}

static void count_try(struct pldm_request *q)
{
	if (q->tries < UINT8_MAX)
		q->tries++;
}

void pldm_request_delay(struct pldm_request *q, uint32_t ms)
{
	count_try(q);
	q->due = true;
	q->due_ms = q->by->now_ms + ms;
}

void pldm_request_later(struct pldm_request *q)
{
	pldm_request_delay(q, q->by->timeout_ms);
}

struct pldm_header pldm_request_header(const struct pldm_request *q)
{
	struct rd r = rd_init(q->message[q->at], PLDM_HEADER_SIZE);
	struct pldm_header h = { 0 };

	(void)pldm_read_header(&r, &h);
	return h;
}

/*
 * Wait for another response if this response does not match. The response may
 * belong to an earlier, repeated request with the same tag. A retry would only
 * cause more late responses. Wait for a quarter of the time-out, which is the
 * measured response time.
 */
static bool wait_for_match(void *ctx, const struct mctp_msg *msg)
{
	struct rd r = rd_init(msg->data, msg->len);
	struct pldm_request *q = ctx;
	const struct pldm_header asked = pldm_request_header(q);

	if (pldm_read_response(&r, &asked))
		return false;
	++*q->by->wrong;
	q->req.timeout_ms = q->by->timeout_ms / 4;
	return ++q->bad < PLDM_REQUEST_BAD;
}

static void handle_answer(struct pldm_request *q, const struct mctp_msg *msg)
{
	struct rd r = rd_init(msg->data, msg->len);
	const struct pldm_header asked = pldm_request_header(q);
	struct pldm_requester *by = q->by;
	uint8_t code;

	by->now_ms = msg->now_ms;
	if (!pldm_read_response(&r, &asked)) {
		q->done(q, ERR_INTEGRITY, 0, &r);
		return;
	}
	q->bad = 0;
	/* Measure only without a retry: after a retry, either request may have
	 * caused this response. */
	if (!q->tries)
		by->timeout_ms = clamp_timeout(4 * (by->now_ms - q->sent_ms));
	code = rd_u8(&r);
	if (code == PLDM_ERROR_NOT_READY)
		pldm_request_later(q);
	else
		q->done(q, ERR_OK, code, &r);
}

static void handle_done(void *ctx, int err, const struct mctp_msg *msg)
{
	struct pldm_request *q = ctx;
	struct rd none = rd_init(q->message[0], 0);

	if (msg) {
		handle_answer(q, msg);
		return;
	}
	/* Several requests may time out together: double only once. */
	if (err == ERR_TIMEOUT && q->by->timeout_ms == q->req.timeout_ms)
		q->by->timeout_ms = clamp_timeout(2 * q->by->timeout_ms);
	q->done(q, err, 0, &none);
}

void pldm_request_init(struct pldm_request *q, struct pldm_requester *by,
		       pldm_request_done fn)
{
	memset(q, 0, sizeof(*q));
	q->by = by;
	q->done = fn;
	q->req.done = handle_done;
	q->req.more = wait_for_match;
	q->req.ctx = q;
}

struct wr pldm_request_begin(struct pldm_request *q, uint8_t type,
			     uint8_t command)
{
	struct pldm_header h = { .rq = true, .type = type, .command = command };
	struct wr w;

	q->by->instance = (q->by->instance + 1) & PLDM_INSTANCE;
	h.instance = q->by->instance;
	if (mctp_tx_busy(&q->req.tx))
		q->at = q->req.tx.data == q->message[0];
	w = wr_init(q->message[q->at], PLDM_REQUEST_MAX);
	pldm_write_header(&w, &h);
	return w;
}

void pldm_request_send(struct pldm_request *q, const struct wr *w)
{
	q->length = (uint8_t)wr_len(w);
	q->tries = q->bad = 0;
	transmit(q);
}

void pldm_request_again(struct pldm_request *q)
{
	count_try(q);
	transmit(q);
}

void pldm_request_cancel(struct pldm_request *q)
{
	q->due = false;
	mctp_cancel(q->by->mctp, &q->req);
}

bool pldm_request_busy(const struct pldm_request *q)
{
	return q->due || q->req.active;
}

void pldm_request_poll(struct pldm_request *q)
{
	if (q->due && (int32_t)(q->by->now_ms - q->due_ms) >= 0)
		transmit(q);
}

bool pldm_request_overtaken(const struct pldm_request *q, uint32_t answered)
{
	return q->req.active && (int32_t)(answered - q->serial) >= PLDM_REORDER;
}

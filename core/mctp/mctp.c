/* SPDX-License-Identifier: Apache-2.0 */
#include "mctp/mctp.h"

#include <string.h>

#include "base/compiler.h"

enum {
	SOM = MCTP_SOM,
	EOM = MCTP_EOM,
	SEQUENCE = MCTP_SEQUENCE,
	TAG_OWNER = MCTP_TAG_OWNER,
	TAG = MCTP_TAG,
	VERSION = MCTP_VERSION,
	VERSION_MASK = 0x0f, /* the upper bits are reserved */
};

void mctp_init(struct mctp *m)
{
	/* Do not clear the buffers: untouched pages use no memory. */
	memset(m, 0, offsetof(struct mctp, buffer));
	m->mtu = MCTP_BASELINE_MTU;
	m->last = &m->slot[0];
}

int mctp_register(struct mctp *m, uint8_t type, mctp_handler_fn fn, void *ctx)
{
	for (uint8_t i = 0; i < m->handlers; i++)
		if (m->types[i] == type)
			return ERR_BUSY;
	if (m->handlers == MCTP_HANDLERS)
		return ERR_FULL;
	m->types[m->handlers] = type;
	m->handler[m->handlers].fn = fn;
	m->handler[m->handlers].ctx = ctx;
	m->handlers++;
	return ERR_OK;
}

int mctp_set_mtu(struct mctp *m, uint16_t mtu)
{
	if (mtu < MCTP_BASELINE_MTU)
		return ERR_INVALID;
	m->mtu = mtu;
	return ERR_OK;
}

void mctp_set_eid(struct mctp *m, uint8_t eid)
{
	m->eid = eid;
	/* Invalidate the fast path of mctp_rx(): it compares packets with a
	 * cached header that contains the old EID. */
	for (uint8_t i = 0; i < MCTP_REASSEMBLIES; i++)
		m->slot[i].expect[0] = 0;
}

/* --- receive --- */

static void unlink_request(struct mctp *m, struct mctp_req *req)
{
	struct mctp_req **p = &m->requests;

	while (*p && *p != req)
		p = &(*p)->next;
	if (*p)
		*p = req->next;
	req->next = NULL;
	req->active = false;
}

static void dispatch_response(struct mctp *m, const struct mctp_msg *msg)
{
	for (struct mctp_req *r = m->requests; r; r = r->next) {
		if (r->tx.tag != msg->tag || r->tx.busy)
			continue;
		if (r->tx.dest != msg->src && r->tx.dest != MCTP_EID_NULL)
			continue;
		if ((r->tx.data[0] & MCTP_TYPE_MASK) != msg->type)
			continue;
		if (r->more && r->more(r->ctx, msg)) {
			r->start_ms = msg->now_ms;
			return;
		}
		unlink_request(m, r);
		if (r->done)
			r->done(r->ctx, ERR_OK, msg);
		return;
	}
	m->count[MCTP_DROP_NO_REQUEST]++;
}

static inline void dispatch(struct mctp *m, const uint8_t *header,
			    const uint8_t *data, size_t len, uint32_t now_ms)
{
	struct mctp_msg msg = {
		.dest = header[1],
		.src = header[2],
		.tag = header[3] & TAG,
		.to = header[3] & TAG_OWNER,
		.type = data[0] & MCTP_TYPE_MASK,
		.ic = data[0] & MCTP_IC,
		.data = data,
		.len = len,
		.now_ms = now_ms,
	};

	m->count[MCTP_RX_MESSAGES]++;
	if (MCTP_TAP && m->tap && m->tap->message)
		m->tap->message(m->tap->ctx, &msg);
	if (!msg.to) {
		dispatch_response(m, &msg);
		return;
	}
	for (uint8_t i = 0; i < m->handlers; i++) {
		if (m->types[i] == msg.type) {
			m->handler[i].fn(m->handler[i].ctx, &msg);
			return;
		}
	}
	m->count[MCTP_DROP_TYPE]++;
}

/* Source EID, tag owner and tag identify a message (DSP0236 8.1). */
static bool is_same_message(const uint8_t *a, const uint8_t *b)
{
	return a[2] == b[2] && !((a[3] ^ b[3]) & (TAG_OWNER | TAG));
}

static struct mctp_reassembly *find_slot(struct mctp *m, const uint8_t *header)
{
	for (size_t i = 0; i < MCTP_REASSEMBLIES; i++) {
		struct mctp_reassembly *s = &m->slot[i];

		if (s->packet && is_same_message(s->expect, header)) {
			m->last = s;
			return s;
		}
	}
	return NULL;
}

static struct mctp_reassembly *allocate_slot(struct mctp *m)
{
	for (uint8_t i = 0; i < MCTP_REASSEMBLIES; i++) {
		if (!m->slot[i].packet) {
			m->last = &m->slot[i];
			m->in_use++;
			return m->last;
		}
	}
	return NULL;
}

static void free_slot(struct mctp *m, struct mctp_reassembly *s)
{
	s->packet = 0;
	m->in_use--;
}

static void drop_reassembly(struct mctp *m, struct mctp_reassembly *s,
			    enum mctp_counter why)
{
	free_slot(m, s);
	m->count[why]++;
}

static inline void append(struct mctp_reassembly *s, const uint8_t *body,
			  size_t len, uint32_t now_ms)
{
	uint8_t *at = s->at;

	s->last_ms = now_ms;
	s->room -= (uint32_t)len;
	s->at = at + len;
	memcpy(at, body, len);
}

static void rx_start(struct mctp *m, const uint8_t *packet, size_t len,
		     uint32_t now_ms)
{
	struct mctp_reassembly *s = m->in_use ? find_slot(m, packet) : NULL;
	size_t body = len - MCTP_HEADER_SIZE;

	/* DSP0236 8.9: a second start packet drops the first message. */
	if (s)
		drop_reassembly(m, s, MCTP_DROP_RESTART);
	/* One packet of DSP0283 v1.1 may exceed the message limit. */
	if (body > MCTP_MESSAGE_MAX) {
		m->count[MCTP_DROP_TOO_LONG]++;
		return;
	}
	if (packet[3] & EOM) {
		dispatch(m, packet, packet + MCTP_HEADER_SIZE, body, now_ms);
		return;
	}
	s = allocate_slot(m);
	if (!s) {
		m->count[MCTP_DROP_NO_SLOT]++;
		return;
	}
	memcpy(s->expect, packet, MCTP_HEADER_SIZE);
	s->expect[3] = mctp_next_flags(packet[3]);
	s->packet = (uint32_t)len;
	s->at = m->buffer[s - m->slot];
	s->room = MCTP_MESSAGE_MAX;
	s->held = false;
	append(s, packet + MCTP_HEADER_SIZE, body, now_ms);
}

static void rx_continue(struct mctp *m, const uint8_t *packet, size_t len,
			uint32_t now_ms)
{
	struct mctp_reassembly *s = find_slot(m, packet);
	size_t body = len - MCTP_HEADER_SIZE;
	bool end = packet[3] & EOM;

	if (!s) {
		m->count[MCTP_DROP_NO_START]++;
		return;
	}
	if ((packet[3] ^ s->expect[3]) & SEQUENCE) {
		drop_reassembly(m, s, MCTP_DROP_SEQUENCE);
		return;
	}
	/* DSP0236 8.9: all packets but the last have the same size. */
	if (len > s->packet || (!end && len != s->packet)) {
		drop_reassembly(m, s, MCTP_DROP_UNIT);
		return;
	}
	if (body > s->room) {
		drop_reassembly(m, s, MCTP_DROP_TOO_LONG);
		return;
	}
	s->expect[3] = mctp_next_flags(packet[3]);
	append(s, packet + MCTP_HEADER_SIZE, body, now_ms);
	if (end) {
		/* Free the slot before the handler runs, so that no handler can
		 * occupy the slot. The buffer is not reused before the handler
		 * returns. */
		free_slot(m, s);
		dispatch(m, packet, m->buffer[s - m->slot],
			 MCTP_MESSAGE_MAX - s->room, now_ms);
	}
}

/* Check version, source and destination; count a rejected packet. */
static bool is_addressed_here(struct mctp *m, const uint8_t *packet)
{
	uint8_t dest = packet[1], src = packet[2];

	if ((packet[0] & VERSION_MASK) != VERSION) {
		m->count[MCTP_DROP_VERSION]++;
		return false;
	}
	if ((src < MCTP_EID_FIRST && src != MCTP_EID_NULL) || src == 0xff) {
		m->count[MCTP_DROP_SOURCE]++;
		return false;
	}
	if (dest == m->eid || dest == MCTP_EID_NULL)
		return true;
	if (dest != MCTP_EID_BROADCAST) {
		m->count[MCTP_DROP_DEST]++;
		return false;
	}
	/* DSP0236 8.2: only single-packet control messages are broadcast. */
	if ((packet[3] & (SOM | EOM)) == (SOM | EOM) &&
	    (packet[4] & MCTP_TYPE_MASK) == MCTP_TYPE_CONTROL)
		return true;
	m->count[MCTP_DROP_BROADCAST]++;
	return false;
}

/* Process any packet that the fast path does not handle. */
static void NOINLINE rx_other(struct mctp *m, const uint8_t *packet, size_t len,
			      uint32_t now_ms)
{
	if (len <= MCTP_HEADER_SIZE) {
		m->count[MCTP_DROP_SHORT]++;
		return;
	}
	if (!is_addressed_here(m, packet))
		return;
	if (packet[3] & SOM)
		rx_start(m, packet, len, now_ms);
	else
		rx_continue(m, packet, len, now_ms);
}

static inline void rx_packet(struct mctp *m, const uint8_t *packet, size_t len,
			     uint32_t now_ms)
{
	struct mctp_reassembly *s = m->last;

	m->count[MCTP_RX_PACKETS]++;
	/* Fast path for a middle packet. Its header equals the expected header,
	 * so the packet passes the checks that the start packet has passed. A
	 * length of 0 wraps around and fails the comparison with the room. */
	if (len != s->packet || len - MCTP_HEADER_SIZE > s->room ||
	    memcmp(packet, s->expect, MCTP_HEADER_SIZE) != 0) {
		rx_other(m, packet, len, now_ms);
		return;
	}
	s->expect[3] = mctp_next_flags(s->expect[3]);
	append(s, packet + MCTP_HEADER_SIZE, len - MCTP_HEADER_SIZE, now_ms);
}

/* Process a packet, then report it to the observer. */
static void NOINLINE rx_tapped(struct mctp *m, const uint8_t *packet,
			       size_t len, uint32_t now_ms)
{
	uint32_t before[MCTP_COUNTERS];

	memcpy(before, m->count, sizeof(before));
	m->drop_note = NULL;
	rx_packet(m, packet, len, now_ms);
	mctp_tap_received(m, packet, len, before);
}

void mctp_rx(struct mctp *m, const uint8_t *packet, size_t len, uint32_t now_ms)
{
	if (MCTP_TAP && m->tap)
		rx_tapped(m, packet, len, now_ms);
	else
		rx_packet(m, packet, len, now_ms);
}

/* --- messages that are being reassembled --- */

/* Find the first slot from number i on whose message matches. NULL: none. */
static struct mctp_reassembly *find_receiving(struct mctp *m, uint8_t i,
					      uint16_t head, uint16_t mask)
{
	for (; m->in_use && i < MCTP_REASSEMBLIES; i++) {
		const uint8_t *start = m->buffer[i];

		if (m->slot[i].packet && m->slot[i].at - start >= 2 &&
		    !(((start[0] | start[1] << 8) ^ head) & mask))
			return &m->slot[i];
	}
	return NULL;
}

bool mctp_is_receiving(struct mctp *m, uint16_t head, uint16_t mask)
{
	return find_receiving(m, 0, head, mask) != NULL;
}

void mctp_hold_receiving(struct mctp *m, uint16_t head, uint16_t mask,
			 bool held, uint32_t now_ms)
{
	struct mctp_reassembly *s;

	for (uint8_t i = 0; (s = find_receiving(m, i, head, mask)); i++) {
		i = (uint8_t)(s - m->slot);
		s->held = held;
		s->last_ms = now_ms;
	}
}

void mctp_stop_receiving(struct mctp *m, uint16_t head, uint16_t mask)
{
	struct mctp_reassembly *s = m->slot;

	while ((s = find_receiving(m, (uint8_t)(s - m->slot), head, mask)))
		free_slot(m, s);
}

void mctp_poll(struct mctp *m, uint32_t now_ms)
{
	struct mctp_req *r = m->requests;

	for (uint8_t i = 0; i < MCTP_REASSEMBLIES; i++) {
		struct mctp_reassembly *s = &m->slot[i];

		if (s->packet && !s->held &&
		    now_ms - s->last_ms >= MCTP_TIMEOUT_MS)
			drop_reassembly(m, s, MCTP_DROP_TIMEOUT);
	}
	while (r) {
		/* Unlink before done(), which may send the request again. */
		if (now_ms - r->start_ms >= r->timeout_ms) {
			m->count[MCTP_REQUEST_TIMEOUTS]++;
			mctp_cancel(m, r);
			if (r->done)
				r->done(r->ctx, ERR_TIMEOUT, NULL);
			r = m->requests;
		} else {
			r = r->next;
		}
	}
}

/* --- transmit --- */

static void enqueue(struct mctp_queue *q, struct mctp_tx *tx)
{
	tx->next = NULL;
	if (q->head)
		q->tail->next = tx;
	else
		q->head = tx;
	q->tail = tx;
}

int mctp_send(struct mctp *m, struct mctp_tx *tx)
{
	if (tx->busy)
		return ERR_BUSY;
	if (tx->len < 1 || tx->len > MCTP_MESSAGE_MAX)
		return ERR_LENGTH;
	tx->busy = true;
	tx->held = false;
	tx->header[0] = VERSION;
	tx->header[1] = tx->dest;
	tx->header[2] = m->eid;
	tx->header[3] =
		(uint8_t)(SOM | (tx->to ? TAG_OWNER : 0) | (tx->tag & TAG));
	tx->unit = (size_t)(tx->mtu ? tx->mtu : m->mtu) - MCTP_HEADER_SIZE;
	tx->pos = 0;
	enqueue(tx->urgent ? &m->urgent : &m->normal, tx);
	return ERR_OK;
}

int mctp_reply(struct mctp *m, struct mctp_tx *tx, const struct mctp_msg *msg,
	       const uint8_t *data, size_t len)
{
	if (tx->busy)
		return ERR_BUSY;
	tx->data = data;
	tx->len = len;
	tx->dest = msg->src;
	tx->tag = msg->tag;
	tx->to = false;
	return mctp_send(m, tx);
}

int mctp_request(struct mctp *m, struct mctp_req *req, uint32_t now_ms)
{
	uint8_t used = 0;
	uint8_t tag = m->next_tag;
	int err;

	if (req->active || req->tx.busy)
		return ERR_BUSY;
	/* A request to the null EID accepts a response from any source, so no
	 * other request may use its tag. */
	for (struct mctp_req *r = m->requests; r; r = r->next)
		if (r->tx.dest == req->tx.dest || !r->tx.dest || !req->tx.dest)
			used |= (uint8_t)(1U << r->tx.tag);
	if (used == 0xff)
		return ERR_BUSY;
	while (used & 1U << tag)
		tag = (tag + 1) & TAG;
	req->tx.tag = tag;
	req->tx.to = true;
	err = mctp_send(m, &req->tx);
	if (err)
		return err;
	m->next_tag = (tag + 1) & TAG;
	if (!req->timeout_ms)
		req->timeout_ms = MCTP_TIMEOUT_MS;
	req->start_ms = now_ms;
	req->active = true;
	req->next = m->requests;
	m->requests = req;
	return ERR_OK;
}

static void unlink_queued(struct mctp_queue *q, struct mctp_tx *tx)
{
	struct mctp_tx *before = NULL, *t = q->head;

	while (t && t != tx) {
		before = t;
		t = t->next;
	}
	if (!t)
		return;
	if (before)
		before->next = t->next;
	else
		q->head = t->next;
	if (q->tail == t)
		q->tail = before;
}

static void dequeue(struct mctp *m, struct mctp_tx *tx)
{
	if (m->current == tx) {
		if (m->before_dequeue)
			m->before_dequeue(m->before_dequeue_ctx);
		m->current = NULL;
	}
	unlink_queued(&m->urgent, tx);
	unlink_queued(&m->normal, tx);
}

void mctp_withdraw(struct mctp *m, struct mctp_tx *tx)
{
	dequeue(m, tx);
	tx->busy = tx->held = false;
}

void mctp_hold(struct mctp *m, struct mctp_tx *tx)
{
	if (!tx->busy)
		return;
	dequeue(m, tx);
	/* before_dequeue() may have consumed the last packet. */
	tx->held = tx->busy;
}

void mctp_release(struct mctp *m, struct mctp_tx *tx)
{
	if (!tx->held)
		return;
	tx->held = false;
	enqueue(tx->urgent ? &m->urgent : &m->normal, tx);
}

void mctp_cancel(struct mctp *m, struct mctp_req *req)
{
	unlink_request(m, req);
	mctp_withdraw(m, &req->tx);
}

void mctp_tx_finish(struct mctp *m, struct mctp_tx *tx)
{
	struct mctp_queue *q = tx->urgent ? &m->urgent : &m->normal;

	q->head = tx->next;
	tx->busy = false;
	m->count[MCTP_TX_MESSAGES]++;
}

static void clear_queue(struct mctp_queue *q)
{
	for (struct mctp_tx *tx = q->head; tx; tx = tx->next)
		tx->busy = false;
	q->head = q->tail = NULL;
}

void mctp_reset(struct mctp *m)
{
	struct mctp_req *pending = m->requests;

	for (uint8_t i = 0; i < MCTP_REASSEMBLIES; i++)
		m->slot[i].packet = 0;
	m->in_use = 0;
	clear_queue(&m->urgent);
	clear_queue(&m->normal);
	m->current = NULL;
	m->requests = NULL;
	while (pending) {
		struct mctp_req *r = pending;

		/* The list was detached above, because done() may send a
		 * request. */
		pending = r->next;
		r->next = NULL;
		r->active = false;
		if (r->done)
			r->done(r->ctx, ERR_CANCELLED, NULL);
	}
}

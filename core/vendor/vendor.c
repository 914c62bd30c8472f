/* SPDX-License-Identifier: Apache-2.0 */
#include "vendor/vendor.h"

#include <string.h>

#include "base/wire.h"

enum {
	BENCH_TAG = 0, /* tag of all messages of a run */
	COMMAND_SIZE = 11,
	BENCH_BODY_SIZE = 14,
};

/* Reserve room for a response of len bytes; NULL: the ring is full. */
static uint8_t *reserve(struct echo_ring *r, size_t len)
{
	size_t oldest;

	while (r->used && !mctp_tx_busy(&r->tx[r->first])) {
		r->first = (uint8_t)((r->first + 1) % ECHO_SLOTS);
		r->used--;
	}
	if (!r->used) {
		r->at = 0;
		return r->data;
	}
	if (r->used == ECHO_SLOTS)
		return NULL;
	oldest = (size_t)(r->tx[r->first].data - r->data);
	if (r->at > oldest) {
		if (len <= sizeof(r->data) - r->at)
			return r->data + r->at;
		r->at = 0;
	}
	return len <= oldest - r->at ? r->data + r->at : NULL;
}

static void handle_echo(struct vendor *v, const struct mctp_msg *msg)
{
	struct echo_ring *r = &v->ring;
	size_t at = r->at;
	uint8_t *data = reserve(r, msg->len);

	if (!data) {
		r->at = at;
		mctp_count_busy(v->mctp);
		return;
	}
	memcpy(data, msg->data, msg->len);
	(void)mctp_reply(v->mctp, &r->tx[(r->first + r->used) % ECHO_SLOTS],
			 msg, data, msg->len);
	r->used++;
	r->at = (size_t)(data - r->data) + msg->len;
}

static void write_prefix(struct wr *w, uint8_t service)
{
	wr_u8(w, MCTP_TYPE_VENDOR_PCI);
	wr_be16(w, VENDOR_PCI_ID);
	wr_u8(w, service);
}

static enum bench_status start_bench(struct vendor *v,
				     const struct mctp_msg *msg, struct rd *r)
{
	uint32_t flags = rd_le32(r);
	uint16_t size = rd_le16(r);
	uint64_t count = rd_le64(r);

	if (!rd_done(r))
		return BENCH_OTHER;
	if (flags || size < BENCH_DATA_MIN ||
	    (size_t)size + 1 > MCTP_MESSAGE_MAX)
		return BENCH_BAD_ARGUMENT;
	v->remaining = count;
	v->size = size;
	v->dest = msg->src;
	v->sequence = BENCH_FIRST_SEQUENCE;
	return BENCH_OK;
}

static void handle_bench(struct vendor *v, const struct mctp_msg *msg,
			 struct rd *r)
{
	uint16_t magic = rd_le16(r);
	uint8_t version = rd_u8(r), command = rd_u8(r);
	uint32_t iid = rd_le32(r);
	struct wr w = wr_init(v->response_data, sizeof(v->response_data));
	enum bench_status status;

	if (!rd_ok(r) || magic != BENCH_MAGIC_COMMAND ||
	    version != BENCH_VERSION) {
		mctp_note_drop(v->mctp, "vendor-drop-unknown");
		return;
	}
	if (mctp_tx_busy(&v->response)) {
		mctp_count_busy(v->mctp);
		return;
	}
	if (command == BENCH_REQUEST)
		status = start_bench(v, msg, r);
	else
		status = BENCH_UNKNOWN_COMMAND;
	write_prefix(&w, VENDOR_BENCH);
	wr_le16(&w, BENCH_MAGIC_COMMAND);
	wr_u8(&w, BENCH_VERSION);
	wr_u8(&w, BENCH_RESPONSE);
	wr_le32(&w, iid);
	wr_u8(&w, (uint8_t)status);
	(void)mctp_reply(v->mctp, &v->response, msg, v->response_data,
			 wr_len(&w));
}

static void handle_message(void *ctx, const struct mctp_msg *msg)
{
	struct vendor *v = ctx;
	struct rd r = rd_init(msg->data, msg->len);
	uint16_t vendor;
	uint8_t service;

	rd_skip(&r, 1);
	vendor = rd_be16(&r);
	service = rd_u8(&r);
	if (!rd_ok(&r) || msg->ic || vendor != VENDOR_PCI_ID)
		service = 0;
	if (service == VENDOR_ECHO && v->echo)
		handle_echo(v, msg);
	else if (service == VENDOR_BENCH && v->bench)
		handle_bench(v, msg, &r);
	else
		mctp_note_drop(v->mctp, "vendor-drop-unknown");
}

/* Byte i after the type byte of a bench message is i modulo 256. */
static void fill_pattern(struct bench_slot *s, size_t size)
{
	for (size_t i = s->filled; i < size; i++)
		s->data[i + 1] = (uint8_t)i;
	if (s->filled < size)
		s->filled = size;
}

static void send_bench(struct vendor *v, struct bench_slot *s)
{
	struct wr w = wr_init(s->data, sizeof(s->data));

	if (!s->filled)
		s->filled = BENCH_DATA_MIN;
	fill_pattern(s, v->size);
	write_prefix(&w, VENDOR_BENCH);
	wr_le16(&w, BENCH_MAGIC_DATA);
	wr_le32(&w, v->sequence++);
	s->tx.data = s->data;
	s->tx.len = (size_t)v->size + 1;
	s->tx.dest = v->dest;
	s->tx.tag = BENCH_TAG;
	s->tx.to = true;
	(void)mctp_send(v->mctp, &s->tx);
	v->remaining--;
}

void vendor_poll(struct vendor *v)
{
	while (v->remaining) {
		struct bench_slot *s = &v->bench_slot[v->next_slot];

		/* Use slots in turn: messages with the same tag must be
		 * sent in order. */
		if (mctp_tx_busy(&s->tx))
			return;
		send_bench(v, s);
		v->next_slot = (uint8_t)((v->next_slot + 1) % BENCH_SLOTS);
	}
}

void vendor_reset(struct vendor *v)
{
	v->remaining = 0;
}

int vendor_init(struct vendor *v, struct mctp *m, bool echo, bool bench)
{
	memset(v, 0, offsetof(struct vendor, ring.data));
	for (unsigned int i = 0; i < BENCH_SLOTS; i++) {
		memset(&v->bench_slot[i].tx, 0, sizeof(v->bench_slot[i].tx));
		v->bench_slot[i].filled = 0;
	}
	v->mctp = m;
	v->echo = echo;
	v->bench = bench;
	if (!echo && !bench)
		return ERR_OK;
	return mctp_register(m, MCTP_TYPE_VENDOR_PCI, handle_message, v);
}

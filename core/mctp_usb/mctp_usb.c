/* SPDX-License-Identifier: Apache-2.0 */
#include "mctp_usb/mctp_usb.h"

#include <string.h>

#include "base/compiler.h"
#include "mctp/mctp.h"

enum {
	ID_HIGH = 0x1a,
	ID_LOW = 0xb4,
	LENGTH_MIN = MCTP_USB_HEADER_SIZE + MCTP_HEADER_SIZE,
	LENGTH_HIGH_1_1 = 0x1f,
	HEADERS = MCTP_USB_HEADER_SIZE + MCTP_HEADER_SIZE,
};

static const char *const counter_names[MCTP_USB_COUNTERS] = {
	[MCTP_USB_RX_TRANSFERS] = "usb-rx-transfers",
	[MCTP_USB_RX_BYTES] = "usb-rx-bytes",
	[MCTP_USB_TX_TRANSFERS] = "usb-tx-transfers",
	[MCTP_USB_TX_BYTES] = "usb-tx-bytes",
	[MCTP_USB_DROP_ID] = "usb-drop-id",
	[MCTP_USB_DROP_LENGTH] = "usb-drop-length",
	[MCTP_USB_DROP_TRUNCATED] = "usb-drop-truncated",
};

const char *mctp_usb_counter_name(enum mctp_usb_counter c)
{
	return c < MCTP_USB_COUNTERS ? counter_names[c] : "unknown";
}

static const uint8_t id[2] = { ID_HIGH, ID_LOW };

/* --- split packets --- */

static void write_headers(const struct mctp_packet *p, uint8_t *out)
{
	size_t total = HEADERS + p->len;

	memcpy(out, id, sizeof(id));
	out[2] = (uint8_t)(total >> 8);
	out[3] = (uint8_t)total;
	memcpy(out + MCTP_USB_HEADER_SIZE, p->header, MCTP_HEADER_SIZE);
}

/* Copy a packet from offset u->sent on, as much as fits. Returns the number of
 * bytes copied. */
static size_t write_part(struct mctp_usb *u, const struct mctp_packet *p,
			 uint8_t *out, size_t room)
{
	size_t n = 0, k;
	uint8_t h[HEADERS];

	write_headers(p, h);
	if (u->sent < HEADERS) {
		n = HEADERS - (size_t)u->sent;
		n = n < room ? n : room;
		memcpy(out, h + u->sent, n);
	}
	k = HEADERS + p->len - u->sent - n;
	if (k > room - n)
		k = room - n;
	if (k)
		memcpy(out + n, p->body + (u->sent + n - HEADERS), k);
	u->sent = (uint16_t)(u->sent + n + k);
	return n + k;
}

/* Save the unsent part of the current packet before its message is withdrawn.
 * The peer has received the packet's header and expects the rest, but the
 * message buffer returns to its owner. */
static void keep_rest(void *ctx)
{
	struct mctp_usb *u = ctx;
	struct mctp_packet p;

	if (!u->sent || !mctp_tx_peek(u->mctp, &p))
		return;
	u->rest_at = 0;
	u->rest_end = (uint16_t)write_part(u, &p, u->rest, sizeof(u->rest));
	u->sent = 0;
	mctp_tx_consume(u->mctp, &p);
}

static size_t write_rest(struct mctp_usb *u, uint8_t *out, size_t room)
{
	size_t n = (size_t)u->rest_end - u->rest_at;

	n = n < room ? n : room;
	memcpy(out, u->rest + u->rest_at, n);
	u->rest_at = (uint16_t)(u->rest_at + n);
	return n;
}

void mctp_usb_init(struct mctp_usb *u, struct mctp *m,
		   enum mctp_usb_version version)
{
	memset(u, 0, offsetof(struct mctp_usb, span));
	u->mctp = m;
	m->before_dequeue = keep_rest;
	m->before_dequeue_ctx = u;
	u->version = version;
	/* v1.0 reserves the third header byte: ignore it. */
	u->length_high = version == MCTP_USB_1_1 ? LENGTH_HIGH_1_1 : 0;
	u->packing = true;
	(void)mctp_set_mtu(m, version == MCTP_USB_1_1 ? MCTP_USB_MTU_1_1
						      : MCTP_USB_MTU_1_0);
}

void mctp_usb_set_packing(struct mctp_usb *u, bool on)
{
	u->packing = on;
}

int mctp_usb_set_mtu(struct mctp_usb *u, uint16_t mtu)
{
	if (mtu >
	    (u->version == MCTP_USB_1_1 ? MCTP_USB_MTU_1_1 : MCTP_USB_MTU_1_0))
		return ERR_INVALID;
	return mctp_set_mtu(u->mctp, mtu);
}

void mctp_usb_reset(struct mctp_usb *u)
{
	u->dropping = false;
	u->rx_run = u->held = u->sent = 0;
	u->rest_at = u->rest_end = 0;
}

/* --- receive --- */

static void drop_rest(struct mctp_usb *u, enum mctp_usb_counter why)
{
	u->count[why]++;
	u->dropping = true;
	u->held = 0;
}

static inline size_t length_of(const struct mctp_usb *u, const uint8_t *h)
{
	return (size_t)(h[2] & u->length_high) << 8 | h[3];
}

/* Length of the packet, USB header included. 0: malformed; drops the rest of
 * the transfer. */
static size_t header_length(struct mctp_usb *u, const uint8_t *h)
{
	size_t length = length_of(u, h);

	if (memcmp(h, id, sizeof(id)) != 0) {
		drop_rest(u, MCTP_USB_DROP_ID);
		return 0;
	}
	if (length < LENGTH_MIN) {
		drop_rest(u, MCTP_USB_DROP_LENGTH);
		return 0;
	}
	return length;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Receive the split packet until it has `want` bytes; returns the bytes used.
 * Bytes behind the end of span[] are not stored. */
static size_t append_span(struct mctp_usb *u, const uint8_t *data, size_t len,
			  size_t want)
{
	size_t n = smaller(len, want - u->held);

	if (u->held < sizeof(u->span))
		memcpy(u->span + u->held, data,
		       smaller(n, sizeof(u->span) - u->held));
	u->held = (uint16_t)(u->held + n);
	return n;
}

/* Continue the split packet in span[]; returns the bytes used. */
static size_t rx_held(struct mctp_usb *u, const uint8_t *data, size_t len,
		      uint32_t now_ms)
{
	size_t taken = 0, length;

	if (u->held < MCTP_USB_HEADER_SIZE)
		taken = append_span(u, data, len, MCTP_USB_HEADER_SIZE);
	if (u->held < MCTP_USB_HEADER_SIZE)
		return taken;
	length = header_length(u, u->span);
	if (!length)
		return taken;
	taken += append_span(u, data + taken, len - taken, length);
	if (u->held == length) {
		u->held = 0;
		mctp_rx(u->mctp, u->span + MCTP_USB_HEADER_SIZE,
			smaller(length, sizeof(u->span)) - MCTP_USB_HEADER_SIZE,
			now_ms);
	}
	return taken;
}

/* Process complete packets in place. Returns the start of the first packet that
 * is incomplete or malformed. */
static inline const uint8_t *rx_whole(struct mctp_usb *u, const uint8_t *data,
				      const uint8_t *end, uint32_t now_ms)
{
	struct mctp *m = u->mctp;

	while (end - data >= LENGTH_MIN) {
		size_t length = length_of(u, data);

		if (memcmp(data, id, sizeof(id)) != 0 || length < LENGTH_MIN ||
		    length > (size_t)(end - data))
			break;
		mctp_rx(m, data + MCTP_USB_HEADER_SIZE,
			length - MCTP_USB_HEADER_SIZE, now_ms);
		data += length;
	}
	return data;
}

static void rx_bytes(struct mctp_usb *u, const uint8_t *data,
		     const uint8_t *end, uint32_t now_ms)
{
	while (!u->dropping) {
		if (!u->held)
			data = rx_whole(u, data, end, now_ms);
		if (data == end)
			break;
		data += rx_held(u, data, (size_t)(end - data), now_ms);
	}
}

static void end_transfer(struct mctp_usb *u)
{
	u->dropping = false;
	u->rx_run = 0;
	u->count[MCTP_USB_RX_TRANSFERS]++;
	/* A packet may continue in the next transfer only in v1.1. */
	if (u->held && u->version == MCTP_USB_1_0) {
		u->count[MCTP_USB_DROP_TRUNCATED]++;
		u->held = 0;
	}
}

/* Process data outside the fast path of mctp_usb_rx(): parts of transfers,
 * spanning or malformed packets, and data of 512 bytes or more. */
static void NOINLINE rx_pieces(struct mctp_usb *u, const uint8_t *data,
			       size_t len, bool end, uint32_t now_ms)
{
	while (len && u->version == MCTP_USB_1_0) {
		size_t n = MCTP_USB_TRANSFER_1_0 - (size_t)u->rx_run;

		if (n > len)
			n = len;
		rx_bytes(u, data, data + n, now_ms);
		data += n;
		len -= n;
		u->rx_run = (uint16_t)(u->rx_run + n);
		if (u->rx_run == MCTP_USB_TRANSFER_1_0)
			end_transfer(u);
	}
	rx_bytes(u, data, data + len, now_ms);
	/* After 512 bytes, a v1.0 transfer has ended already. */
	if (end && (u->rx_run || u->version == MCTP_USB_1_1))
		end_transfer(u);
}

static void rx_transfer(struct mctp_usb *u, const uint8_t *data, size_t len,
			bool end, uint32_t now_ms)
{
	const uint8_t *stop = data + len;

	u->count[MCTP_USB_RX_BYTES] += (uint32_t)len;
	if (!end || len >= MCTP_USB_TRANSFER_1_0 || u->dropping || u->held ||
	    u->rx_run) {
		rx_pieces(u, data, len, end, now_ms);
		return;
	}
	data = rx_whole(u, data, stop, now_ms);
	if (data != stop) {
		rx_pieces(u, data, (size_t)(stop - data), end, now_ms);
		return;
	}
	u->count[MCTP_USB_RX_TRANSFERS]++;
}

/* Process a transfer, then report its bytes if the framing was wrong. */
static void NOINLINE rx_tapped(struct mctp_usb *u, const uint8_t *data,
			       size_t len, bool end, uint32_t now_ms)
{
	struct mctp_tap_packet p = { .unframed = true,
				     .body = data,
				     .len = len };
	const struct mctp_tap *tap = u->mctp->tap;
	uint32_t before[MCTP_USB_COUNTERS];

	memcpy(before, u->count, sizeof(before));
	rx_transfer(u, data, len, end, now_ms);
	for (int i = MCTP_USB_DROP_ID; i <= MCTP_USB_DROP_TRUNCATED; i++)
		if (u->count[i] != before[i])
			p.drop = counter_names[i];
	if (p.drop)
		tap->packet(tap->ctx, &p);
}

void mctp_usb_rx(struct mctp_usb *u, const uint8_t *data, size_t len, bool end,
		 uint32_t now_ms)
{
	if (MCTP_TAP && u->mctp->tap)
		rx_tapped(u, data, len, end, now_ms);
	else
		rx_transfer(u, data, len, end, now_ms);
}

/* --- transmit --- */

/* Write the packets that fit completely; without packing, at most one packet.
 * Returns the number of bytes. */
static inline size_t write_whole(struct mctp_usb *u, uint8_t *out, size_t room)
{
	struct mctp *m = u->mctp;
	struct mctp_packet p;
	uint8_t *at = out, *end = out + room;

	/* Do not start a packet if only its headers fit. */
	while (end - at > HEADERS && mctp_tx_peek(m, &p)) {
		if (p.len > (size_t)(end - at) - HEADERS)
			break;
		write_headers(&p, at);
		memcpy(at + HEADERS, p.body, p.len);
		at += HEADERS + p.len;
		mctp_tx_consume(m, &p);
		if (!u->packing)
			break;
	}
	return (size_t)(at - out);
}

/* v1.1: fill the transfer, splitting packets at its beginning and end. */
static size_t NOINLINE write_spanning(struct mctp_usb *u, uint8_t *out,
				      size_t room)
{
	struct mctp_packet p;
	size_t len = 0;

	if (u->rest_at < u->rest_end) {
		len = write_rest(u, out, room);
		if (!u->packing || len == room)
			return len;
	} else if (u->sent) {
		if (!mctp_tx_peek(u->mctp, &p))
			return 0;
		len = write_part(u, &p, out, room);
		if (u->sent < HEADERS + p.len)
			return len;
		u->sent = 0;
		mctp_tx_consume(u->mctp, &p);
		if (!u->packing)
			return len;
	}
	len += write_whole(u, out + len, room - len);
	if ((!len || u->packing) && room - len > HEADERS &&
	    mctp_tx_peek(u->mctp, &p))
		len += write_part(u, &p, out + len, room - len);
	return len;
}

size_t mctp_usb_poll(struct mctp_usb *u, uint8_t *transfer, size_t cap)
{
	size_t len;

	if (u->version == MCTP_USB_1_1)
		len = write_spanning(u, transfer, cap);
	else
		len = write_whole(u, transfer,
				  cap < MCTP_USB_TRANSFER_1_0
					  ? cap
					  : MCTP_USB_TRANSFER_1_0);
	if (len) {
		u->count[MCTP_USB_TX_TRANSFERS]++;
		u->count[MCTP_USB_TX_BYTES] += (uint32_t)len;
	}
	return len;
}

bool mctp_usb_needs_zlp(const struct mctp_usb *u, size_t len, uint16_t mps)
{
	if (!len || len % mps)
		return false;
	return u->version == MCTP_USB_1_1 || len < MCTP_USB_TRANSFER_1_0;
}

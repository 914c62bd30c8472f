/* SPDX-License-Identifier: Apache-2.0 */
#include "mctp_serial/mctp_serial.h"

#include <string.h>

#include "mctp/mctp.h"

enum {
	FCS_START = 0xffff,
	FCS_POLYNOMIAL = 0x8408, /* x^16 + x^12 + x^5 + 1, reflected */
	ESCAPED_BIT = 0x20,
};

static const char *const counter_names[MCTP_SERIAL_COUNTERS] = {
	[MCTP_SERIAL_RX_BYTES] = "serial-rx-bytes",
	[MCTP_SERIAL_RX_FRAMES] = "serial-rx-frames",
	[MCTP_SERIAL_TX_BYTES] = "serial-tx-bytes",
	[MCTP_SERIAL_TX_FRAMES] = "serial-tx-frames",
	[MCTP_SERIAL_DROP_NOISE] = "serial-drop-noise",
	[MCTP_SERIAL_DROP_VERSION] = "serial-drop-version",
	[MCTP_SERIAL_DROP_LENGTH] = "serial-drop-length",
	[MCTP_SERIAL_DROP_FCS] = "serial-drop-fcs",
};

const char *mctp_serial_counter_name(enum mctp_serial_counter c)
{
	return c < MCTP_SERIAL_COUNTERS ? counter_names[c] : "unknown";
}

/* A serial line has a few bytes per millisecond: no table needed. */
static uint16_t add_to_fcs(uint16_t fcs, uint8_t byte)
{
	fcs ^= byte;
	for (int i = 0; i < 8; i++)
		fcs = (uint16_t)(fcs >> 1 ^ (fcs & 1 ? FCS_POLYNOMIAL : 0));
	return fcs;
}

void mctp_serial_init(struct mctp_serial *s, struct mctp *m)
{
	memset(s, 0, offsetof(struct mctp_serial, rx));
	s->mctp = m;
	(void)mctp_set_mtu(m, MCTP_SERIAL_MTU);
}

void mctp_serial_reset(struct mctp_serial *s)
{
	s->state = MCTP_SERIAL_WAIT;
	s->tx_at = s->tx_end = 0;
}

/* --- receive --- */

/* Report the bytes of a dropped frame to an observer of the endpoint. */
static void drop(struct mctp_serial *s, enum mctp_serial_counter why)
{
	const struct mctp_tap *tap = s->mctp->tap;
	const struct mctp_tap_packet p = {
		.unframed = true,
		.body = s->rx,
		.len = s->held,
		.drop = counter_names[why],
	};

	s->counter[why]++;
	s->state = MCTP_SERIAL_WAIT;
	if (MCTP_TAP && tap)
		tap->packet(tap->ctx, &p);
}

/* A flag begins a frame, also one that comes too early: it then is the first
 * byte of the next frame, because a byte of this frame was lost. A flag that
 * ends a frame may also begin the next one. */
static void begin(struct mctp_serial *s)
{
	s->state = MCTP_SERIAL_AT_VERSION;
	s->held = 0;
	s->fcs = FCS_START;
}

static void rx_flag(struct mctp_serial *s, uint32_t now_ms)
{
	switch (s->state) {
	case MCTP_SERIAL_WAIT:
	case MCTP_SERIAL_AT_VERSION: /* 7E 7E: no frame between them */
		break;
	case MCTP_SERIAL_AT_END:
		if (s->fcs != s->received_fcs) {
			drop(s, MCTP_SERIAL_DROP_FCS);
			break;
		}
		s->counter[MCTP_SERIAL_RX_FRAMES]++;
		mctp_rx(s->mctp, s->rx, s->held, now_ms);
		break;
	default:
		drop(s, MCTP_SERIAL_DROP_LENGTH);
		break;
	}
	begin(s);
}

static void rx_count(struct mctp_serial *s, uint8_t byte)
{
	s->count = byte;
	s->fcs = add_to_fcs(s->fcs, byte);
	if (byte < MCTP_HEADER_SIZE)
		drop(s, MCTP_SERIAL_DROP_LENGTH);
	else
		s->state = MCTP_SERIAL_AT_DATA;
}

static void rx_data(struct mctp_serial *s, uint8_t byte)
{
	s->rx[s->held++] = byte;
	s->fcs = add_to_fcs(s->fcs, byte);
	s->state = s->held == s->count ? MCTP_SERIAL_AT_FCS_HIGH
				       : MCTP_SERIAL_AT_DATA;
}

/* Process a byte that is not a flag. */
static void rx_byte(struct mctp_serial *s, uint8_t byte)
{
	switch (s->state) {
	case MCTP_SERIAL_WAIT:
		s->counter[MCTP_SERIAL_DROP_NOISE]++;
		break;
	case MCTP_SERIAL_AT_VERSION:
		s->fcs = add_to_fcs(s->fcs, byte);
		if (byte == MCTP_SERIAL_VERSION)
			s->state = MCTP_SERIAL_AT_COUNT;
		else
			drop(s, MCTP_SERIAL_DROP_VERSION);
		break;
	case MCTP_SERIAL_AT_COUNT:
		rx_count(s, byte);
		break;
	case MCTP_SERIAL_AT_DATA:
		if (byte == MCTP_SERIAL_ESCAPE)
			s->state = MCTP_SERIAL_AT_ESCAPED;
		else
			rx_data(s, byte);
		break;
	case MCTP_SERIAL_AT_ESCAPED:
		rx_data(s, byte | ESCAPED_BIT);
		break;
	case MCTP_SERIAL_AT_FCS_HIGH:
		s->received_fcs = (uint16_t)(byte << 8);
		s->state = MCTP_SERIAL_AT_FCS_LOW;
		break;
	case MCTP_SERIAL_AT_FCS_LOW:
		s->received_fcs |= byte;
		s->state = MCTP_SERIAL_AT_END;
		break;
	default: /* the end flag is missing */
		drop(s, MCTP_SERIAL_DROP_LENGTH);
		break;
	}
}

/* The FCS is not escaped, so that a flag in its place is data. */
static bool is_flag(const struct mctp_serial *s, uint8_t byte)
{
	return byte == MCTP_SERIAL_FLAG &&
	       s->state != MCTP_SERIAL_AT_FCS_HIGH &&
	       s->state != MCTP_SERIAL_AT_FCS_LOW &&
	       s->state != MCTP_SERIAL_AT_COUNT;
}

void mctp_serial_rx(struct mctp_serial *s, const uint8_t *data, size_t len,
		    uint32_t now_ms)
{
	s->counter[MCTP_SERIAL_RX_BYTES] += (uint32_t)len;
	for (size_t i = 0; i < len; i++) {
		if (is_flag(s, data[i]))
			rx_flag(s, now_ms);
		else
			rx_byte(s, data[i]);
	}
}

/* --- transmit --- */

struct writer {
	uint8_t *at;
	uint16_t fcs;
};

static void write_escaped(struct writer *w, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t byte = data[i];

		w->fcs = add_to_fcs(w->fcs, byte);
		if (byte == MCTP_SERIAL_FLAG || byte == MCTP_SERIAL_ESCAPE) {
			*w->at++ = MCTP_SERIAL_ESCAPE;
			byte &= (uint8_t)~ESCAPED_BIT;
		}
		*w->at++ = byte;
	}
}

size_t mctp_serial_encode(const struct mctp_packet *p, uint8_t *frame)
{
	struct writer w = { frame, FCS_START };
	uint8_t count = (uint8_t)(MCTP_HEADER_SIZE + p->len);

	*w.at++ = MCTP_SERIAL_FLAG;
	*w.at++ = MCTP_SERIAL_VERSION;
	*w.at++ = count;
	w.fcs = add_to_fcs(w.fcs, MCTP_SERIAL_VERSION);
	w.fcs = add_to_fcs(w.fcs, count);
	write_escaped(&w, p->header, MCTP_HEADER_SIZE);
	write_escaped(&w, p->body, p->len);
	*w.at++ = (uint8_t)(w.fcs >> 8);
	*w.at++ = (uint8_t)w.fcs;
	*w.at++ = MCTP_SERIAL_FLAG;
	return (size_t)(w.at - frame);
}

/*
 * Linux' driver begins a frame with the position that the last frame left
 * behind: 0, or after a damaged frame 1 or 2. The position says which byte of
 * flag, version and count is expected. Half of these bytes leads
 * - from 0 to 0: not a flag, so the driver waits for the next flag;
 * - from 2 to 0: a count of 1, one byte, a wrong FCS, and the flag;
 * - from 1 to 2: the version, and a count that is too large.
 * A count of 0 would make the driver write behind its buffer.
 */
static const uint8_t resync[MCTP_SERIAL_RESYNC_SIZE] = {
	0x01, 0x4b, 0x00, 0x00, MCTP_SERIAL_FLAG,
	0x01, 0x4b, 0x00, 0x00, MCTP_SERIAL_FLAG,
};

void mctp_serial_resync(struct mctp_serial *s)
{
	s->resync = true;
}

/* Encode the next waiting packet to tx[]. false: there is none. */
static bool next_frame(struct mctp_serial *s)
{
	struct mctp_packet p;

	if (!mctp_tx_peek(s->mctp, &p))
		return false;
	s->tx_at = s->tx_end = 0;
	if (s->resync) {
		memcpy(s->tx, resync, sizeof(resync));
		s->tx_end = sizeof(resync);
		s->resync = false;
	}
	s->tx_end = (uint16_t)(s->tx_end +
			       mctp_serial_encode(&p, s->tx + s->tx_end));
	mctp_tx_consume(s->mctp, &p);
	s->counter[MCTP_SERIAL_TX_FRAMES]++;
	return true;
}

size_t mctp_serial_poll(struct mctp_serial *s, uint8_t *out, size_t cap)
{
	size_t len = 0, n;

	while (len < cap) {
		if (s->tx_at == s->tx_end && !next_frame(s))
			break;
		n = (size_t)(s->tx_end - s->tx_at);
		n = n < cap - len ? n : cap - len;
		memcpy(out + len, s->tx + s->tx_at, n);
		s->tx_at = (uint16_t)(s->tx_at + n);
		len += n;
	}
	s->counter[MCTP_SERIAL_TX_BYTES] += (uint32_t)len;
	return len;
}

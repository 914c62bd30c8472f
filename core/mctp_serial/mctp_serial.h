/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MCTP over serial (DSP0253 1.0): framing between a stream of bytes and MCTP
 * packets, with a frame check sequence and escapes. The caller owns the buffers
 * and moves the bytes.
 *
 * A frame: 7Eh, version 01h, byte count, the packet with 7Dh and 7Eh escaped,
 * FCS (high byte first), 7Eh. The FCS is CRC-CCITT (RFC 1662, FCS-16) over
 * version, byte count and the packet before escaping. As in Linux, it starts
 * with FFFFh, is not inverted at the end, and is not escaped itself.
 */
#ifndef TETHER_MCTP_SERIAL_MCTP_SERIAL_H
#define TETHER_MCTP_SERIAL_MCTP_SERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mctp;
struct mctp_packet;

enum {
	MCTP_SERIAL_FLAG = 0x7e,   /* first and last byte of a frame */
	MCTP_SERIAL_ESCAPE = 0x7d, /* the next byte has bit 5 cleared */
	MCTP_SERIAL_VERSION = 0x01,
	MCTP_SERIAL_MTU = 68, /* the largest packet that Linux sends, accepts */
	MCTP_SERIAL_PACKET_MAX = 255, /* byte count: the packet */
	/* flag, version, count, packet with every byte escaped, FCS, flag */
	MCTP_SERIAL_FRAME_MAX = 3 + 2 * MCTP_SERIAL_PACKET_MAX + 3,
	MCTP_SERIAL_RESYNC_SIZE = 10, /* bytes of mctp_serial_resync() */
};

enum mctp_serial_counter {
	MCTP_SERIAL_RX_BYTES,
	MCTP_SERIAL_RX_FRAMES,
	MCTP_SERIAL_TX_BYTES,
	MCTP_SERIAL_TX_FRAMES,
	MCTP_SERIAL_DROP_NOISE,	  /* bytes outside of a frame */
	MCTP_SERIAL_DROP_VERSION, /* frame of another version */
	MCTP_SERIAL_DROP_LENGTH,  /* shorter or longer than its byte count */
	MCTP_SERIAL_DROP_FCS,	  /* wrong frame check sequence */
	MCTP_SERIAL_COUNTERS,
};

enum mctp_serial_state {
	MCTP_SERIAL_WAIT, /* for a flag */
	MCTP_SERIAL_AT_VERSION,
	MCTP_SERIAL_AT_COUNT,
	MCTP_SERIAL_AT_DATA,
	MCTP_SERIAL_AT_ESCAPED,
	MCTP_SERIAL_AT_FCS_HIGH,
	MCTP_SERIAL_AT_FCS_LOW,
	MCTP_SERIAL_AT_END,
};

struct mctp_serial {
	struct mctp *mctp;
	enum mctp_serial_state state;
	uint16_t fcs, received_fcs;
	uint8_t count, held; /* bytes of the packet: announced, received */
	/* The frame that is being sent. */
	uint16_t tx_at, tx_end;
	bool resync; /* before the next frame */
	uint32_t counter[MCTP_SERIAL_COUNTERS];
	uint8_t rx[MCTP_SERIAL_PACKET_MAX];
	uint8_t tx[MCTP_SERIAL_RESYNC_SIZE + MCTP_SERIAL_FRAME_MAX];
};

/** Initialize for endpoint m, and set its MTU to MCTP_SERIAL_MTU. */
void mctp_serial_init(struct mctp_serial *s, struct mctp *m);

/** Process received bytes. Damaged frames are counted and dropped; the next
 * flag byte begins a new frame. */
void mctp_serial_rx(struct mctp_serial *s, const uint8_t *data, size_t len,
		    uint32_t now_ms);

/** Write the bytes of waiting packets, up to cap bytes. Frames may be split at
 * any byte. Returns the number of bytes; 0: no packet is waiting. */
size_t mctp_serial_poll(struct mctp_serial *s, uint8_t *out, size_t cap);

/**
 * Send bytes before the next frame that bring the receiver of Linux'
 * mctp-serial driver back to the start of a frame. After some damaged frames
 * the driver (seen in 7.3) keeps its position in the frame's header or
 * trailer, and then drops every frame. Other receivers skip the bytes, which
 * are outside of a frame.
 */
void mctp_serial_resync(struct mctp_serial *s);

/** Forget partly received and partly sent frames, as after a reconnection. */
void mctp_serial_reset(struct mctp_serial *s);

/** Encode a packet as a frame into MCTP_SERIAL_FRAME_MAX bytes. Returns the
 * length. p: at most MCTP_SERIAL_PACKET_MAX bytes with its header. */
size_t mctp_serial_encode(const struct mctp_packet *p, uint8_t *frame);

/** Name of a counter for output, such as "serial-drop-fcs". */
const char *mctp_serial_counter_name(enum mctp_serial_counter c);

#endif

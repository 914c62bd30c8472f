/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames and numbers of gdb's remote serial protocol: "$payload#checksum",
 * acknowledged by "+" or "-". The bytes are hostile: every length is bounded.
 *
 * Source: the gdb manual, "GDB Remote Serial Protocol".
 */
#ifndef TETHER_EMULATOR_GDB_GDB_PACKET_H
#define TETHER_EMULATOR_GDB_GDB_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	GDB_PACKET_MAX = 4096, /* bytes of a payload after unescaping */
	GDB_FRAME_MAX = 2 * GDB_PACKET_MAX + 4,
};

/** What a byte from gdb has completed. */
enum gdb_event {
	GDB_NOTHING,
	GDB_PACKET,    /* decoder.payload is complete */
	GDB_BAD,       /* a packet with a wrong checksum, or one too long */
	GDB_ACK,       /* "+" */
	GDB_NAK,       /* "-" */
	GDB_INTERRUPT, /* Ctrl-C */
};

/** Zero-initialize before the first byte. */
struct gdb_decoder {
	enum { GDB_OUTSIDE, GDB_PAYLOAD, GDB_ESCAPE, GDB_SUM1, GDB_SUM2 } state;
	uint8_t sum, wanted;
	bool bad;
	size_t len;
	uint8_t payload[GDB_PACKET_MAX + 1]; /* ends with a zero */
};

enum gdb_event gdb_packet_decode(struct gdb_decoder *d, uint8_t byte);

/** A payload to send. Text that does not fit is dropped. */
struct gdb_payload {
	size_t len;
	uint8_t data[GDB_PACKET_MAX];
};

void gdb_payload_text(struct gdb_payload *p, const char *text);
void gdb_payload_printf(struct gdb_payload *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** Append `len` bytes as pairs of hex digits. */
void gdb_payload_hex(struct gdb_payload *p, const void *data, size_t len);

/** Frame a payload. Returns the length of the frame in `frame`. */
size_t gdb_packet_encode(const struct gdb_payload *p,
			 uint8_t frame[GDB_FRAME_MAX]);

/** A position in a payload. A parser that fails sets `bad`, and every later
 * result is 0. */
struct gdb_text {
	const char *at, *end;
	bool bad;
};

struct gdb_text gdb_text_init(const uint8_t *payload, size_t len);

/** A hexadecimal number of 1 to 8 digits. */
uint32_t gdb_text_number(struct gdb_text *t);

/** Skip `c`, which must follow. */
void gdb_text_expect(struct gdb_text *t, char c);

/** Whether the text continues with `word`; if so, skip it. */
bool gdb_text_skip(struct gdb_text *t, const char *word);

/** Decode exactly `len` bytes from pairs of hex digits. */
void gdb_text_bytes(struct gdb_text *t, uint8_t *data, size_t len);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/gdb/gdb_packet.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "posix/parse.h"

enum { ESCAPE = '}', ESCAPE_BIT = 0x20, INTERRUPT = 3, NUMBER_DIGITS = 8 };

/* --- from gdb --- */

static void add(struct gdb_decoder *d, uint8_t byte)
{
	if (d->len == GDB_PACKET_MAX)
		d->bad = true;
	else
		d->payload[d->len++] = byte;
}

static enum gdb_event decode_outside(struct gdb_decoder *d, uint8_t byte)
{
	switch (byte) {
	case '$':
		d->state = GDB_PAYLOAD;
		d->len = 0;
		d->sum = 0;
		d->bad = false;
		return GDB_NOTHING;
	case '+':
		return GDB_ACK;
	case '-':
		return GDB_NAK;
	case INTERRUPT:
		return GDB_INTERRUPT;
	default:
		return GDB_NOTHING;
	}
}

static void decode_payload(struct gdb_decoder *d, uint8_t byte)
{
	if (byte == '#') {
		d->state = GDB_SUM1;
		return;
	}
	d->sum = (uint8_t)(d->sum + byte);
	if (d->state == GDB_ESCAPE) {
		d->state = GDB_PAYLOAD;
		add(d, byte ^ ESCAPE_BIT);
	} else if (byte == ESCAPE) {
		d->state = GDB_ESCAPE;
	} else {
		add(d, byte);
	}
}

static enum gdb_event end_packet(struct gdb_decoder *d)
{
	d->state = GDB_OUTSIDE;
	d->payload[d->len] = 0;
	return d->bad || d->sum != d->wanted ? GDB_BAD : GDB_PACKET;
}

enum gdb_event gdb_packet_decode(struct gdb_decoder *d, uint8_t byte)
{
	int digit;

	switch (d->state) {
	case GDB_OUTSIDE:
		return decode_outside(d, byte);
	case GDB_PAYLOAD:
	case GDB_ESCAPE:
		decode_payload(d, byte);
		return GDB_NOTHING;
	case GDB_SUM1:
	case GDB_SUM2:
	default:
		digit = parse_digit((char)byte);
		d->bad |= digit < 0;
		d->wanted = (uint8_t)(d->wanted << 4 | (digit & 15));
		if (d->state == GDB_SUM2)
			return end_packet(d);
		d->state = GDB_SUM2;
		return GDB_NOTHING;
	}
}

struct gdb_text gdb_text_init(const uint8_t *payload, size_t len)
{
	const char *at = (const char *)payload;

	return (struct gdb_text){ at, at + len, false };
}

static int peek_digit(const struct gdb_text *t)
{
	return t->at < t->end ? parse_digit(*t->at) : -1;
}

uint32_t gdb_text_number(struct gdb_text *t)
{
	unsigned int digits = 0;
	uint32_t value = 0;

	for (; peek_digit(t) >= 0; t->at++, digits++)
		value = value << 4 | (uint32_t)peek_digit(t);
	if (!digits || digits > NUMBER_DIGITS)
		t->bad = true;
	return t->bad ? 0 : value;
}

void gdb_text_expect(struct gdb_text *t, char c)
{
	if (t->at < t->end && *t->at == c)
		t->at++;
	else
		t->bad = true;
}

bool gdb_text_skip(struct gdb_text *t, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(t->end - t->at) < len || memcmp(t->at, word, len) != 0)
		return false;
	t->at += len;
	return true;
}

void gdb_text_bytes(struct gdb_text *t, uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		int high = peek_digit(t), low;

		if (high < 0) {
			t->bad = true;
			return;
		}
		t->at++;
		low = peek_digit(t);
		if (low < 0) {
			t->bad = true;
			return;
		}
		t->at++;
		data[i] = (uint8_t)(high << 4 | low);
	}
}

/* --- to gdb --- */

static void append(struct gdb_payload *p, const char *data, size_t len)
{
	if (len > sizeof(p->data) - p->len)
		len = sizeof(p->data) - p->len;
	memcpy(p->data + p->len, data, len);
	p->len += len;
}

void gdb_payload_text(struct gdb_payload *p, const char *text)
{
	append(p, text, strlen(text));
}

void gdb_payload_printf(struct gdb_payload *p, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	gdb_payload_text(p, text);
}

void gdb_payload_hex(struct gdb_payload *p, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *bytes = data;

	for (size_t i = 0; i < len; i++) {
		const char pair[] = { digits[bytes[i] >> 4],
				      digits[bytes[i] & 15] };

		append(p, pair, sizeof(pair));
	}
}

static bool is_special(uint8_t byte)
{
	return byte == '$' || byte == '#' || byte == ESCAPE || byte == '*';
}

size_t gdb_packet_encode(const struct gdb_payload *p,
			 uint8_t frame[GDB_FRAME_MAX])
{
	struct gdb_payload end = { 0 };
	uint8_t sum = 0;
	size_t n = 0;

	frame[n++] = '$';
	for (size_t i = 0; i < p->len; i++) {
		if (is_special(p->data[i])) {
			frame[n++] = ESCAPE;
			frame[n++] = p->data[i] ^ ESCAPE_BIT;
		} else {
			frame[n++] = p->data[i];
		}
	}
	for (size_t i = 1; i < n; i++)
		sum = (uint8_t)(sum + frame[i]);
	gdb_payload_text(&end, "#");
	gdb_payload_hex(&end, &sum, 1);
	memcpy(frame + n, end.data, end.len);
	return n + end.len;
}

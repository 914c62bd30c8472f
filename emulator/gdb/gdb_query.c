/* SPDX-License-Identifier: Apache-2.0 */
/* The general queries of a session: packets "q" and "Q". */
#include "emulator/gdb/gdb_session.h"

#include <string.h>

enum { COMMAND_MAX = 256, CRC_MAX = 64 << 20, CRC_PART = 4096 };

static void supported(struct gdb_session *s, struct gdb_text *t)
{
	(void)t;
	gdb_payload_printf(&s->reply,
			   "PacketSize=%x;QStartNoAckMode+;"
			   "qXfer:features:read+;vContSupported+",
			   GDB_PACKET_MAX);
}

/* "target.xml:OFFSET,LENGTH": a part of the target's description. */
static void read_features(struct gdb_session *s, struct gdb_text *t)
{
	const char *text = s->target->description;
	uint32_t at, len, left;

	if (!gdb_text_skip(t, "target.xml:")) {
		gdb_payload_text(&s->reply, "E00");
		return;
	}
	at = gdb_text_number(t);
	gdb_text_expect(t, ',');
	len = gdb_text_number(t);
	if (t->bad || t->at != t->end || at > strlen(text)) {
		gdb_payload_text(&s->reply, "E00");
		return;
	}
	left = (uint32_t)strlen(text) - at;
	if (len > GDB_PACKET_MAX / 2)
		len = GDB_PACKET_MAX / 2;
	gdb_payload_text(&s->reply, left > len ? "m" : "l");
	for (uint32_t i = 0; i < left && i < len; i++) {
		const char c[2] = { text[at + i], '\0' };

		gdb_payload_text(&s->reply, c);
	}
}

/* "monitor COMMAND", in hex digits. */
static void monitor(struct gdb_session *s, struct gdb_text *t)
{
	char command[COMMAND_MAX] = "";
	size_t len = (size_t)(t->end - t->at) / 2;

	if (len < sizeof(command))
		gdb_text_bytes(t, (uint8_t *)command, len);
	if (t->bad || t->at != t->end) {
		gdb_payload_text(&s->reply, "E16");
		return;
	}
	s->target->monitor(s->target->ctx, command, s);
	s->reply.len = 0;
	gdb_payload_text(&s->reply, "OK");
}

/* The CRC-32 of compare-sections: polynomial 0x04C11DB7, most significant bit
 * first, initial value all ones. */
static uint32_t add_crc(uint32_t crc, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		crc ^= (uint32_t)data[i] << 24;
		for (int bit = 0; bit < 8; bit++)
			crc = crc << 1 ^ (crc >> 31 ? 0x04C11DB7 : 0);
	}
	return crc;
}

static void compute_crc(struct gdb_session *s, struct gdb_text *t)
{
	uint32_t at = gdb_text_number(t), len, crc = UINT32_MAX;
	uint8_t data[CRC_PART];

	gdb_text_expect(t, ',');
	len = gdb_text_number(t);
	if (t->bad || t->at != t->end || len > CRC_MAX) {
		gdb_payload_text(&s->reply, "E16");
		return;
	}
	while (len) {
		uint32_t n = len < sizeof(data) ? len : sizeof(data);

		if (!s->target->read_memory(s->target->ctx, at, data, n)) {
			gdb_payload_text(&s->reply, "E0e");
			return;
		}
		crc = add_crc(crc, data, n);
		at += n;
		len -= n;
	}
	gdb_payload_printf(&s->reply, "C%08x", (unsigned int)crc);
}

static void answer_text(struct gdb_session *s, const char *text)
{
	gdb_payload_text(&s->reply, text);
}

void gdb_query_get(struct gdb_session *s, struct gdb_text *t)
{
	/* Queries with a fixed answer. Thread 1 is the core. The program runs
	 * already, so gdb detaches from it when gdb ends. */
	static const struct {
		const char *query, *answer;
	} fixed[] = {
		{ "fThreadInfo", "m1" }, { "sThreadInfo", "l" },
		{ "Attached", "1" },	 { "Symbol", "OK" },
		{ "TStatus", "" },
	};

	if (gdb_text_skip(t, "Supported")) {
		supported(s, t);
	} else if (gdb_text_skip(t, "Xfer:features:read:")) {
		read_features(s, t);
	} else if (gdb_text_skip(t, "Rcmd,")) {
		monitor(s, t);
	} else if (gdb_text_skip(t, "CRC:")) {
		compute_crc(s, t);
	} else if (t->end - t->at == 1 && gdb_text_skip(t, "C")) {
		answer_text(s, "QC1");
	} else {
		for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
			if (gdb_text_skip(t, fixed[i].query)) {
				answer_text(s, fixed[i].answer);
				return;
			}
	}
}

void gdb_query_set(struct gdb_session *s, struct gdb_text *t)
{
	if (!gdb_text_skip(t, "StartNoAckMode"))
		return;
	gdb_payload_text(&s->reply, "OK");
	s->no_ack = true;
}

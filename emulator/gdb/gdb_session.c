/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/gdb/gdb_session.h"

#include <stdio.h>
#include <string.h>

/* Numbers of errors, as in gdb's File-I/O; gdb prints them. */
enum { BAD_REQUEST = 0x16, BAD_ADDRESS = 0x0e, NO_ROOM = 0x1c };

static void reply_error(struct gdb_session *s, unsigned int number)
{
	s->reply.len = 0;
	gdb_payload_printf(&s->reply, "E%02x", number);
}

static void reply_ok(struct gdb_session *s)
{
	gdb_payload_text(&s->reply, "OK");
}

static void send_reply(struct gdb_session *s)
{
	s->frame_len = gdb_packet_encode(&s->reply, s->frame);
	s->send(s->ctx, s->frame, s->frame_len);
}

static void add_stop(struct gdb_session *s)
{
	static const char *const words[] = {
		[GDB_POINT_WRITE] = "watch",
		[GDB_POINT_READ] = "rwatch",
		[GDB_POINT_ACCESS] = "awatch",
	};
	const struct gdb_stop *stop = &s->stop;

	gdb_payload_printf(&s->reply, "T%02x", (unsigned int)stop->signal);
	if (stop->watched)
		gdb_payload_printf(&s->reply, "%s:%x;", words[stop->point],
				   (unsigned int)stop->address);
	gdb_payload_text(&s->reply, "thread:1;");
}

/* --- registers --- */

static void add_register(struct gdb_session *s, unsigned int number)
{
	uint64_t value = s->target->read_register(s->target->ctx, number);
	unsigned int size = s->target->register_size(number);
	uint8_t bytes[GDB_REGISTER_SIZE_MAX];

	for (unsigned int i = 0; i < size; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
	gdb_payload_hex(&s->reply, bytes, size);
}

/* Parse a register in the byte order of the target. */
static uint64_t parse_register(struct gdb_text *t, unsigned int size)
{
	uint8_t bytes[GDB_REGISTER_SIZE_MAX] = { 0 };
	uint64_t value = 0;

	gdb_text_bytes(t, bytes, size);
	for (unsigned int i = 0; i < size; i++)
		value |= (uint64_t)bytes[i] << 8 * i;
	return value;
}

static void read_registers(struct gdb_session *s, struct gdb_text *t)
{
	(void)t;
	for (unsigned int i = 0; i < s->target->registers; i++)
		add_register(s, i);
}

/* Parse all registers before the first is written. */
static void write_registers(struct gdb_session *s, struct gdb_text *t)
{
	const struct gdb_target *target = s->target;
	uint64_t value[GDB_REGISTERS_MAX];

	for (unsigned int i = 0; i < target->registers; i++)
		value[i] = parse_register(t, target->register_size(i));
	if (t->bad || t->at != t->end) {
		reply_error(s, BAD_REQUEST);
		return;
	}
	for (unsigned int i = 0; i < target->registers; i++)
		target->write_register(target->ctx, i, value[i]);
	reply_ok(s);
}

static void read_register(struct gdb_session *s, struct gdb_text *t)
{
	uint32_t number = gdb_text_number(t);

	if (t->bad || t->at != t->end || number >= s->target->registers)
		reply_error(s, BAD_REQUEST);
	else
		add_register(s, number);
}

static void write_register(struct gdb_session *s, struct gdb_text *t)
{
	uint32_t number = gdb_text_number(t);
	uint64_t value = 0;

	gdb_text_expect(t, '=');
	if (!t->bad && number < s->target->registers)
		value = parse_register(t, s->target->register_size(number));
	if (t->bad || t->at != t->end || number >= s->target->registers) {
		reply_error(s, BAD_REQUEST);
		return;
	}
	s->target->write_register(s->target->ctx, number, value);
	reply_ok(s);
}

/* --- memory --- */

/* Parse "address,length". */
static void parse_range(struct gdb_text *t, uint32_t *at, uint32_t *len)
{
	*at = gdb_text_number(t);
	gdb_text_expect(t, ',');
	*len = gdb_text_number(t);
}

static void read_memory(struct gdb_session *s, struct gdb_text *t)
{
	uint8_t data[GDB_PACKET_MAX / 2];
	uint32_t at, len;

	parse_range(t, &at, &len);
	if (len > sizeof(data))
		len = sizeof(data);
	if (t->bad || t->at != t->end)
		reply_error(s, BAD_REQUEST);
	else if (!s->target->read_memory(s->target->ctx, at, data, len))
		reply_error(s, BAD_ADDRESS);
	else
		gdb_payload_hex(&s->reply, data, len);
}

static void write_bytes(struct gdb_session *s, uint32_t at, const uint8_t *data,
			size_t len)
{
	if (s->target->write_memory(s->target->ctx, at, data, len))
		reply_ok(s);
	else
		reply_error(s, BAD_ADDRESS);
}

static void write_memory(struct gdb_session *s, struct gdb_text *t)
{
	uint8_t data[GDB_PACKET_MAX / 2];
	uint32_t at, len;

	parse_range(t, &at, &len);
	gdb_text_expect(t, ':');
	if (!t->bad && len <= sizeof(data))
		gdb_text_bytes(t, data, len);
	if (t->bad || t->at != t->end || len > sizeof(data))
		reply_error(s, BAD_REQUEST);
	else
		write_bytes(s, at, data, len);
}

static void write_binary(struct gdb_session *s, struct gdb_text *t)
{
	uint32_t at, len;

	parse_range(t, &at, &len);
	gdb_text_expect(t, ':');
	if (t->bad || (size_t)(t->end - t->at) != len)
		reply_error(s, BAD_REQUEST);
	else
		write_bytes(s, at, (const uint8_t *)t->at, len);
}

/* --- points --- */

static void set_point(struct gdb_session *s, struct gdb_text *t, bool insert)
{
	uint32_t kind = gdb_text_number(t), at, len;

	gdb_text_expect(t, ',');
	parse_range(t, &at, &len);
	/* Conditions, which follow a semicolon, are evaluated by gdb. */
	if (t->bad || t->at != t->end) {
		reply_error(s, BAD_REQUEST);
		return;
	}
	if (kind > GDB_POINT_ACCESS)
		return; /* an empty reply: not supported */
	if (s->target->set_point(s->target->ctx, (enum gdb_point)kind, at, len,
				 insert))
		reply_ok(s);
	else
		reply_error(s, NO_ROOM);
}

static void insert_point(struct gdb_session *s, struct gdb_text *t)
{
	set_point(s, t, true);
}

static void remove_point(struct gdb_session *s, struct gdb_text *t)
{
	set_point(s, t, false);
}

/* --- running --- */

static void resume(struct gdb_session *s, bool step)
{
	s->state = GDB_RUNNING;
	s->target->resume(s->target->ctx, step);
}

/* "c", "s" with an optional address to go on at. */
static void resume_at(struct gdb_session *s, struct gdb_text *t, bool step)
{
	enum { PC = 15 };
	uint32_t at;

	if (t->at != t->end) {
		at = gdb_text_number(t);
		if (t->bad || t->at != t->end) {
			reply_error(s, BAD_REQUEST);
			return;
		}
		s->target->write_register(s->target->ctx, PC, at);
	}
	resume(s, step);
}

static void resume_all(struct gdb_session *s, struct gdb_text *t)
{
	resume_at(s, t, false);
}

static void step_one(struct gdb_session *s, struct gdb_text *t)
{
	resume_at(s, t, true);
}

/* "C", "S": the program has no signals, so the number is ignored. */
static void skip_signal(struct gdb_text *t)
{
	(void)gdb_text_number(t);
	(void)gdb_text_skip(t, ";");
}

static void resume_with_signal(struct gdb_session *s, struct gdb_text *t)
{
	skip_signal(t);
	resume_at(s, t, false);
}

static void step_with_signal(struct gdb_session *s, struct gdb_text *t)
{
	skip_signal(t);
	resume_at(s, t, true);
}

static void kill_target(struct gdb_session *s, struct gdb_text *t)
{
	(void)t;
	s->state = GDB_KILLED;
}

static void detach(struct gdb_session *s, struct gdb_text *t)
{
	(void)t;
	reply_ok(s);
	s->state = GDB_DETACHED;
}

static void restart(struct gdb_session *s, struct gdb_text *t)
{
	(void)t;
	s->target->reset(s->target->ctx);
	s->stop = (struct gdb_stop){ .signal = GDB_SIGTRAP };
}

static void handle_v(struct gdb_session *s, struct gdb_text *t)
{
	if (gdb_text_skip(t, "Cont?")) {
		gdb_payload_text(&s->reply, "vCont;c;C;s;S");
	} else if (gdb_text_skip(t, "Cont;")) {
		/* One thread: the first action is the one that counts. */
		if (t->at < t->end && strchr("cCsS", *t->at))
			resume(s, *t->at == 's' || *t->at == 'S');
		else
			reply_error(s, BAD_REQUEST);
	} else if (gdb_text_skip(t, "Kill")) {
		reply_ok(s);
		s->state = GDB_KILLED;
	}
}

/* --- the rest --- */

static void report_stop(struct gdb_session *s, struct gdb_text *t)
{
	(void)t;
	add_stop(s);
}

static void accept_thread(struct gdb_session *s, struct gdb_text *t)
{
	(void)t;
	reply_ok(s);
}

static const struct {
	char letter;
	void (*handle)(struct gdb_session *s, struct gdb_text *t);
} packets[] = {
	{ '?', report_stop },	     { '!', accept_thread },
	{ 'C', resume_with_signal }, { 'D', detach },
	{ 'G', write_registers },    { 'H', accept_thread },
	{ 'M', write_memory },	     { 'P', write_register },
	{ 'Q', gdb_query_set },	     { 'R', restart },
	{ 'S', step_with_signal },   { 'T', accept_thread },
	{ 'X', write_binary },	     { 'Z', insert_point },
	{ 'c', resume_all },	     { 'g', read_registers },
	{ 'k', kill_target },	     { 'm', read_memory },
	{ 'p', read_register },	     { 'q', gdb_query_get },
	{ 's', step_one },	     { 'v', handle_v },
	{ 'z', remove_point },
};

/* Packets without a reply: the stop of a resumed target is reported later, and
 * a restart and a kill have none. An unknown packet has an empty reply. */
static bool has_reply(const struct gdb_session *s, char letter)
{
	return (s->state == GDB_HALTED && letter != 'R') ||
	       s->state == GDB_DETACHED ||
	       (s->state == GDB_KILLED && letter == 'v');
}

static void handle_packet(struct gdb_session *s)
{
	struct gdb_text t = gdb_text_init(s->decoder.payload, s->decoder.len);
	char letter = (char)s->decoder.payload[0];

	s->reply.len = 0;
	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
		if (packets[i].letter == letter) {
			t.at++;
			packets[i].handle(s, &t);
			break;
		}
	}
	if (has_reply(s, letter))
		send_reply(s);
}

/* gdb sends no packet before it has the reply to the last, and only Ctrl-C
 * while the program runs. */
static void handle_event(struct gdb_session *s, enum gdb_event event)
{
	if (!s->no_ack && (event == GDB_PACKET || event == GDB_BAD))
		s->send(s->ctx,
			(const uint8_t *)(event == GDB_PACKET ? "+" : "-"), 1);
	if (event == GDB_INTERRUPT && s->state == GDB_RUNNING)
		s->state = GDB_INTERRUPTED;
	else if (event == GDB_PACKET && s->decoder.len &&
		 s->state == GDB_HALTED)
		handle_packet(s);
	else if (event == GDB_NAK && !s->no_ack && s->frame_len)
		s->send(s->ctx, s->frame, s->frame_len);
}

void gdb_session_init(struct gdb_session *s, const struct gdb_target *target,
		      const struct gdb_stop *stop)
{
	memset(s, 0, sizeof(*s));
	s->target = target;
	s->stop = *stop;
	s->state = GDB_HALTED;
}

void gdb_session_input(struct gdb_session *s, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s->state == GDB_DETACHED || s->state == GDB_KILLED)
			return;
		handle_event(s, gdb_packet_decode(&s->decoder, data[i]));
	}
}

void gdb_session_halt(struct gdb_session *s, const struct gdb_stop *stop)
{
	s->state = GDB_HALTED;
	s->stop = *stop;
	s->reply.len = 0;
	add_stop(s);
	send_reply(s);
}

void gdb_session_exit(struct gdb_session *s, int status)
{
	s->reply.len = 0;
	gdb_payload_printf(&s->reply, "W%02x", (unsigned int)status & 0xff);
	send_reply(s);
}

/* A packet has two digits for a byte of text. */
void gdb_session_print(struct gdb_session *s, const char *text)
{
	const size_t most = GDB_PACKET_MAX / 2 - 1;
	size_t left = strlen(text);

	while (left) {
		size_t n = left < most ? left : most;

		s->reply.len = 0;
		gdb_payload_text(&s->reply, "O");
		gdb_payload_hex(&s->reply, text, n);
		send_reply(s);
		text += n;
		left -= n;
	}
}

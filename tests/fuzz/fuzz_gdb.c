/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes the session of nucleo-emu with gdb. The target has registers and a
 * small memory. Each reply must be well-formed, and the target must see only
 * valid register numbers and ranges.
 *
 * Input: flags (bit 0: add frame and checksum to each line), then bytes from
 * gdb, or lines.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "emulator/gdb/gdb_session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { REGISTERS = 20, MEMORY = 0x3000, POINTS = 4 };

static struct gdb_session session;
static uint64_t registers[REGISTERS];
static uint8_t memory[MEMORY];
static unsigned int points;

static void expect(bool true_always)
{
	if (!true_always)
		abort();
}

static unsigned int size_of(unsigned int number)
{
	expect(number < REGISTERS);
	return number < 18 ? 4 : 8;
}

static uint64_t get(void *ctx, unsigned int number)
{
	(void)ctx;
	expect(number < REGISTERS);
	return registers[number];
}

static void set(void *ctx, unsigned int number, uint64_t value)
{
	(void)ctx;
	expect(number < REGISTERS);
	expect(size_of(number) == 8 || value <= UINT32_MAX);
	registers[number] = value;
}

static bool read_memory(void *ctx, uint32_t at, uint8_t *data, size_t len)
{
	(void)ctx;
	expect(len <= GDB_PACKET_MAX);
	if (at > MEMORY || len > MEMORY - at)
		return false;
	memcpy(data, memory + at, len);
	return true;
}

static bool write_memory(void *ctx, uint32_t at, const uint8_t *data,
			 size_t len)
{
	(void)ctx;
	expect(len <= GDB_PACKET_MAX);
	if (at > MEMORY || len > MEMORY - at)
		return false;
	memcpy(memory + at, data, len);
	return true;
}

static bool set_point(void *ctx, enum gdb_point kind, uint32_t address,
		      uint32_t len, bool insert)
{
	(void)ctx;
	(void)address;
	(void)len;
	expect(kind <= GDB_POINT_ACCESS);
	if (insert && points == POINTS)
		return false;
	points += insert ? 1U : -(unsigned int)(points > 0);
	return true;
}

static void clear_points(void *ctx)
{
	(void)ctx;
	points = 0;
}

static void resume(void *ctx, bool step)
{
	(void)ctx;
	registers[15] += step ? 2 : 4;
}

static void reset(void *ctx)
{
	(void)ctx;
	registers[15] = 0;
}

static void monitor(void *ctx, const char *command, struct gdb_session *s)
{
	(void)ctx;
	gdb_session_print(s, command);
}

/* A frame ends with the sum of the bytes between "$" and "#". */
static void check_reply(void *ctx, const uint8_t *data, size_t len)
{
	uint8_t sum = 0;

	(void)ctx;
	if (len == 1 && (*data == '+' || *data == '-'))
		return;
	expect(len >= 4 && len <= GDB_FRAME_MAX);
	expect(data[0] == '$' && data[len - 3] == '#');
	for (size_t i = 1; i < len - 3; i++) {
		expect(data[i] != '$' && data[i] != '#');
		sum = (uint8_t)(sum + data[i]);
	}
	expect(data[len - 2] == "0123456789abcdef"[sum >> 4]);
	expect(data[len - 1] == "0123456789abcdef"[sum & 15]);
}

/* After each input, the program halts again. */
static void feed(const uint8_t *data, size_t len)
{
	const struct gdb_stop stop = { .signal = GDB_SIGTRAP,
				       .watched = len & 1,
				       .point = GDB_POINT_READ };

	gdb_session_input(&session, data, len);
	if (session.state == GDB_RUNNING || session.state == GDB_INTERRUPTED)
		gdb_session_halt(&session, &stop);
}

static void feed_line(const uint8_t *data, size_t len)
{
	struct gdb_payload p = { 0 };
	static uint8_t frame[GDB_FRAME_MAX];

	p.len = len < sizeof(p.data) ? len : sizeof(p.data);
	memcpy(p.data, data, p.len);
	feed(frame, gdb_packet_encode(&p, frame));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct gdb_target target = {
		.description = "<target>}$#*</target>",
		.registers = REGISTERS,
		.register_size = size_of,
		.read_register = get,
		.write_register = set,
		.read_memory = read_memory,
		.write_memory = write_memory,
		.set_point = set_point,
		.clear_points = clear_points,
		.resume = resume,
		.reset = reset,
		.monitor = monitor,
	};
	const struct gdb_stop stop = { .signal = GDB_SIGTRAP };
	const uint8_t *end = data + size;

	gdb_session_init(&session, &target, &stop);
	session.send = check_reply;
	points = 0;
	if (!size)
		return 0;
	if (!(*data++ & 1)) {
		feed(data, (size_t)(end - data));
		return 0;
	}
	while (data < end) {
		const uint8_t *line_end =
			memchr(data, '\n', (size_t)(end - data));
		const uint8_t *stop_at = line_end ? line_end : end;

		feed_line(data, (size_t)(stop_at - data));
		data = line_end ? line_end + 1 : end;
	}
	gdb_session_exit(&session, 3);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/gdb/gdb_board.h"

#include <string.h>

#include "emulator/cpu/cpu.h"
#include "emulator/gdb/gdb_monitor.h"
#include "emulator/gdb/gdb_register.h"

static uint64_t read_register(void *ctx, unsigned int number)
{
	return gdb_register_read(ctx, number);
}

static void write_register(void *ctx, unsigned int number, uint64_t value)
{
	gdb_register_write(ctx, number, value);
}

/* --- memory --- */

/* The widest access at `at` that the peripheral accepts: at most `len`
 * bytes, and at least `least`. 0: none. */
static unsigned int choose_width(struct cpu *c, uint32_t at, size_t len)
{
	const struct bus_device *d = bus_find(&c->machine->bus, at);

	for (unsigned int width = 4; d && width; width /= 2)
		if (width <= len && at % width == 0 &&
		    (d->peripheral->widths & width))
			return width;
	return 0;
}

/* Read from a peripheral and return the number of bytes; 0: it refuses. A part
 * of a register that accepts only words is read as a word. */
static size_t read_peripheral(struct cpu *c, uint32_t at, uint8_t *data,
			      size_t len)
{
	unsigned int width = choose_width(c, at, len), skip = 0;
	uint32_t value = 0;

	if (!width) {
		width = 4;
		skip = at % 4;
	}
	if (!bus_debug_read(&c->machine->bus, at - skip, width, &value))
		return 0;
	for (unsigned int i = skip; i < width && i - skip < len; i++)
		data[i - skip] = (uint8_t)(value >> 8 * i);
	return width - skip < len ? width - skip : len;
}

static bool read_memory(void *ctx, uint32_t at, uint8_t *data, size_t len)
{
	struct cpu *c = ctx;

	while (len) {
		const uint8_t *p = emu_memory_at(&c->machine->memory, at, 1);
		size_t n = 1;

		if (p)
			*data = *p;
		else
			n = read_peripheral(c, at, data, len);
		if (!n)
			return false;
		at += (uint32_t)n;
		data += n;
		len -= n;
	}
	return true;
}

static size_t write_peripheral(struct cpu *c, uint32_t at, const uint8_t *data,
			       size_t len)
{
	unsigned int width = choose_width(c, at, len);
	uint32_t value = 0;

	for (unsigned int i = 0; i < width; i++)
		value |= (uint32_t)data[i] << 8 * i;
	if (!width || !bus_debug_write(&c->machine->bus, at, width, value))
		return 0;
	return width;
}

/* Rights do not count, as for a debug probe: also the flash is written. */
static bool write_memory(void *ctx, uint32_t at, const uint8_t *data,
			 size_t len)
{
	struct cpu *c = ctx;

	while (len) {
		size_t n = 1;

		/* Unicorn's function also discards translated code. */
		if (emu_memory_at(&c->machine->memory, at, 1))
			n = uc_mem_write(c->uc, at, data, 1) ? 0 : 1;
		else
			n = write_peripheral(c, at, data, len);
		if (!n)
			return false;
		at += (uint32_t)n;
		data += n;
		len -= n;
	}
	return true;
}

/* --- points and running --- */

static bool set_point(void *ctx, enum gdb_point kind, uint32_t address,
		      uint32_t len, bool insert)
{
	static const uint8_t access[] = {
		[GDB_POINT_WRITE] = MEMORY_WRITE,
		[GDB_POINT_READ] = MEMORY_READ,
		[GDB_POINT_ACCESS] = MEMORY_READ | MEMORY_WRITE,
	};
	struct cpu_watchpoint w = { .address = address, .size = len };

	if (kind < GDB_POINT_WRITE)
		return cpu_debug_set_breakpoint(ctx, address, insert);
	w.access = access[kind];
	return cpu_debug_set_watchpoint(ctx, &w, insert);
}

static void clear_points(void *ctx)
{
	cpu_debug_clear(ctx);
}

static void resume(void *ctx, bool step)
{
	cpu_debug_resume(ctx, step);
}

/* Press the reset button. A run that had failed starts again. */
static void reset(void *ctx)
{
	struct cpu *c = ctx;
	struct emu *e = &c->machine->emu;

	e->failed = e->ended = false;
	emu_request_reset(e, EMU_RESET_PIN);
	emu_signal_fire(&c->reset);
	cpu_update_rights(c);
}

static void monitor(void *ctx, const char *command, struct gdb_session *s)
{
	gdb_monitor_run(ctx, command, s);
}

void gdb_board_init(struct gdb_target *t, struct cpu *c)
{
	*t = (struct gdb_target){
		.ctx = c,
		.description = gdb_register_description(),
		.registers = gdb_register_count(),
		.register_size = gdb_register_size,
		.read_register = read_register,
		.write_register = write_register,
		.read_memory = read_memory,
		.write_memory = write_memory,
		.set_point = set_point,
		.clear_points = clear_points,
		.resume = resume,
		.reset = reset,
		.monitor = monitor,
	};
}

struct gdb_stop gdb_board_stop(const struct cpu *c)
{
	const struct cpu_watchpoint *w = &c->debug.seen;
	struct gdb_stop stop = { .signal = GDB_SIGTRAP };

	if (c->machine->emu.failed) {
		stop.signal = GDB_SIGABRT;
	} else if (c->debug.halt == CPU_HALT_REQUEST) {
		stop.signal = GDB_SIGINT;
	} else if (c->debug.halt == CPU_HALT_WATCHPOINT) {
		stop.watched = true;
		stop.address = w->address;
		stop.point = w->access == MEMORY_WRITE	? GDB_POINT_WRITE
			     : w->access == MEMORY_READ ? GDB_POINT_READ
							: GDB_POINT_ACCESS;
	}
	return stop;
}

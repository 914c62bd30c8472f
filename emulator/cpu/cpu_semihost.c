/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arm semihosting for the emulated program: console, command line, time and
 * exit. The program can open the console and the list of features, but no
 * file of the host, and run no command there.
 *
 * Source: Arm, "Semihosting for AArch32 and AArch64", 2023Q3.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "emulator/cpu/cpu.h"

enum {
	SYS_OPEN = 0x01,
	SYS_CLOSE = 0x02,
	SYS_WRITEC = 0x03,
	SYS_WRITE0 = 0x04,
	SYS_WRITE = 0x05,
	SYS_READ = 0x06,
	SYS_READC = 0x07,
	SYS_ISERROR = 0x08,
	SYS_ISTTY = 0x09,
	SYS_SEEK = 0x0A,
	SYS_FLEN = 0x0C,
	SYS_TMPNAM = 0x0D,
	SYS_REMOVE = 0x0E,
	SYS_RENAME = 0x0F,
	SYS_CLOCK = 0x10,
	SYS_TIME = 0x11,
	SYS_SYSTEM = 0x12,
	SYS_ERRNO = 0x13,
	SYS_GET_CMDLINE = 0x15,
	SYS_HEAPINFO = 0x16,
	SYS_EXIT = 0x18,
	SYS_EXIT_EXTENDED = 0x20,
	SYS_ELAPSED = 0x30,
	SYS_TICKFREQ = 0x31,
	STOPPED_APPLICATION_EXIT = 0x20026,
};

/* Handles. 0 is none. */
enum { STDIN = 1, STDOUT, STDERR, FEATURES };

enum { FAILED = -1, TICK_HZ = 1000000000, NAME_MAX_SIZE = 64 };

/* The magic number, then SH_EXT_EXIT_EXTENDED and SH_EXT_STDOUT_STDERR. */
static const uint8_t features[] = { 'S', 'H', 'F', 'B', 3 };

/** A call with its block of arguments. */
struct call {
	struct cpu *cpu;
	struct semihost_state *state;
	uint32_t block; /* r1 */
};

/* Argument `n` of the block; 0 if it is not in memory. */
static uint32_t argument(const struct call *c, unsigned int n)
{
	uint32_t value = 0;

	cpu_load(c->cpu, c->block + 4 * n, &value);
	return value;
}

/* Memory of the program; NULL: some of it does not exist. */
static uint8_t *memory_of(const struct call *c, uint32_t at, uint32_t len)
{
	return emu_memory_at(&c->cpu->machine->memory, at, len);
}

static int32_t fail(const struct call *c, int error)
{
	c->state->error = error;
	return FAILED;
}

/* --- files --- */

static int32_t open_console(uint32_t mode)
{
	return mode < 4 ? STDIN : mode < 8 ? STDOUT : STDERR;
}

static int32_t do_open(const struct call *c)
{
	uint32_t mode = argument(c, 1), len = argument(c, 2);
	const uint8_t *at = memory_of(c, argument(c, 0), len);
	char name[NAME_MAX_SIZE] = "";

	if (!at || len >= sizeof(name) || mode > 11)
		return fail(c, EINVAL);
	memcpy(name, at, len);
	if (!strcmp(name, ":tt"))
		return open_console(mode);
	if (strcmp(name, ":semihosting-features") != 0)
		return fail(c, EACCES);
	if (mode > 1)
		return fail(c, EINVAL);
	c->state->features_at = 0;
	return FEATURES;
}

static bool is_handle(uint32_t handle)
{
	return handle >= STDIN && handle <= FEATURES;
}

static int32_t do_close(const struct call *c)
{
	return is_handle(argument(c, 0)) ? 0 : fail(c, EBADF);
}

static int32_t do_istty(const struct call *c)
{
	uint32_t handle = argument(c, 0);

	if (!is_handle(handle))
		return fail(c, EBADF);
	return handle != FEATURES;
}

static int32_t do_flen(const struct call *c)
{
	if (argument(c, 0) != FEATURES)
		return fail(c, is_handle(argument(c, 0)) ? ESPIPE : EBADF);
	return sizeof(features);
}

static int32_t do_seek(const struct call *c)
{
	if (argument(c, 0) != FEATURES || argument(c, 1) > sizeof(features))
		return fail(c, is_handle(argument(c, 0)) ? EINVAL : EBADF);
	c->state->features_at = argument(c, 1);
	return 0;
}

/* Returns the number of bytes that were not written. */
static int32_t do_write(const struct call *c)
{
	uint32_t handle = argument(c, 0), len = argument(c, 2);
	const uint8_t *from = memory_of(c, argument(c, 1), len);
	FILE *out = handle == STDERR ? stderr : stdout;

	if (!from || (handle != STDOUT && handle != STDERR)) {
		fail(c, from ? EBADF : EFAULT);
		return (int32_t)len;
	}
	return (int32_t)(len - fwrite(from, 1, len, out));
}

/* Read a line of the console, or what the buffer holds of it. */
static uint32_t read_console(uint8_t *to, uint32_t len)
{
	uint32_t n = 0;
	int byte = 0;

	while (n < len && byte != '\n' && (byte = getchar()) != EOF)
		to[n++] = (uint8_t)byte;
	return n;
}

static uint32_t read_features(struct semihost_state *s, uint8_t *to,
			      uint32_t len)
{
	uint32_t left = sizeof(features) - s->features_at;

	len = len < left ? len : left;
	memcpy(to, features + s->features_at, len);
	s->features_at += len;
	return len;
}

/* Returns the number of bytes that were not read. */
static int32_t do_read(const struct call *c)
{
	uint32_t handle = argument(c, 0), len = argument(c, 2), n = 0;
	uint8_t *to = memory_of(c, argument(c, 1), len);

	if (to && handle == STDIN)
		n = read_console(to, len);
	else if (to && handle == FEATURES)
		n = read_features(c->state, to, len);
	else
		fail(c, to ? EBADF : EFAULT);
	return (int32_t)(len - n);
}

/* --- the console without a handle --- */

static int32_t do_write_byte(const struct call *c)
{
	const uint8_t *p = memory_of(c, c->block, 1);

	if (p)
		putchar(*p);
	return 0;
}

static int32_t do_write_text(const struct call *c)
{
	const uint8_t *p;

	for (uint32_t at = c->block; (p = memory_of(c, at, 1)) && *p; at++)
		putchar(*p);
	return 0;
}

static int32_t do_read_byte(const struct call *c)
{
	(void)c;
	return getchar();
}

/* --- the rest --- */

static int32_t do_is_error(const struct call *c)
{
	return (int32_t)argument(c, 0) < 0;
}

static int32_t refuse(const struct call *c)
{
	return fail(c, EACCES);
}

static int32_t do_clock(const struct call *c)
{
	return (int32_t)(emu_now(&c->cpu->machine->emu) / (10 * EMU_MS));
}

/* The calendar begins at power-on, so that runs are equal. */
static int32_t do_time(const struct call *c)
{
	return (int32_t)(emu_now(&c->cpu->machine->emu) / EMU_S);
}

static int32_t do_errno(const struct call *c)
{
	return c->state->error;
}

static int32_t do_cmdline(const struct call *c)
{
	const char *text = c->state->cmdline ? c->state->cmdline : "";
	uint32_t at = argument(c, 0), room = argument(c, 1);
	uint32_t len = (uint32_t)strlen(text);
	uint8_t *to = memory_of(c, at, len + 1);

	if (!to || len >= room)
		return fail(c, to ? E2BIG : EFAULT);
	memcpy(to, text, len + 1);
	return cpu_store(c->cpu, c->block + 4, len) ? 0 : fail(c, EFAULT);
}

/* Zeros: the host does not know, and the program uses its own values. */
static int32_t do_heap_info(const struct call *c)
{
	uint8_t *to = memory_of(c, argument(c, 0), 16);

	if (to)
		memset(to, 0, 16);
	return to ? 0 : fail(c, EFAULT);
}

static int32_t do_elapsed(const struct call *c)
{
	uint64_t ns = emu_now(&c->cpu->machine->emu) / 1000;

	return cpu_store(c->cpu, c->block, (uint32_t)ns) &&
			       cpu_store(c->cpu, c->block + 4,
					 (uint32_t)(ns >> 32))
		       ? 0
		       : fail(c, EFAULT);
}

static int32_t do_tick_frequency(const struct call *c)
{
	(void)c;
	return TICK_HZ;
}

static int32_t end(const struct call *c, uint32_t reason, int status)
{
	struct emu *e = &c->cpu->machine->emu;

	e->ended = true;
	e->status = reason == STOPPED_APPLICATION_EXIT ? status : 1;
	return 0;
}

static int32_t do_exit(const struct call *c)
{
	return end(c, c->block, 0);
}

static int32_t do_exit_extended(const struct call *c)
{
	return end(c, argument(c, 0), (int)(argument(c, 1) & 0xff));
}

static const struct {
	uint32_t number;
	int32_t (*run)(const struct call *c);
} calls[] = {
	{ SYS_OPEN, do_open },
	{ SYS_CLOSE, do_close },
	{ SYS_WRITEC, do_write_byte },
	{ SYS_WRITE0, do_write_text },
	{ SYS_WRITE, do_write },
	{ SYS_READ, do_read },
	{ SYS_READC, do_read_byte },
	{ SYS_ISERROR, do_is_error },
	{ SYS_ISTTY, do_istty },
	{ SYS_SEEK, do_seek },
	{ SYS_FLEN, do_flen },
	{ SYS_TMPNAM, refuse },
	{ SYS_REMOVE, refuse },
	{ SYS_RENAME, refuse },
	{ SYS_CLOCK, do_clock },
	{ SYS_TIME, do_time },
	{ SYS_SYSTEM, refuse },
	{ SYS_ERRNO, do_errno },
	{ SYS_GET_CMDLINE, do_cmdline },
	{ SYS_HEAPINFO, do_heap_info },
	{ SYS_EXIT, do_exit },
	{ SYS_EXIT_EXTENDED, do_exit_extended },
	{ SYS_ELAPSED, do_elapsed },
	{ SYS_TICKFREQ, do_tick_frequency },
};

void cpu_semihost_call(struct cpu *cpu)
{
	const struct call c = { cpu, &cpu->semihost, cpu_reg(cpu, 1) };
	uint32_t number = cpu_reg(cpu, 0);

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (calls[i].number == number) {
			cpu_set_reg(cpu, 0, (uint32_t)calls[i].run(&c));
			fflush(stdout);
			return;
		}
	}
	emu_fail(&cpu->machine->emu,
		 "semihosting has no call 0x%x; check r0 at the BKPT 0xAB",
		 number);
}

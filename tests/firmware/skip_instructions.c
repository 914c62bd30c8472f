/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fault injection: runs the loader with an image that it must reject, once for
 * each chosen instruction between the first read of the image's header and the
 * rejection, and skips this instruction. No run may execute code of the image.
 *
 * usage: skip_instructions LOADER.elf IMAGE BEGIN END LOCKS WHICH
 *   BEGIN, END  addresses of elf_open() and serve_dfu(), from nm
 *   LOCKS       the security counter of the chip
 *   WHICH       all, or N[/K]: each static instruction at up to N of its
 *               executions; of these, each K-th
 *
 * The program forks before each chosen instruction: the child replaces the
 * instruction by a NOP for one execution. Prints the number of runs and the
 * skipped instructions that started the image. Exit status 1: one did.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emulator/emu_board.h"
#include "emulator/peripheral/emu_flash.h"

enum {
	FILE_MAX = 16 << 20,
	TRACE_MAX = 32 << 20, /* instructions of the reference run */
	SHOWN = 20,	      /* bypasses that are printed */
	/* A run may take longer than the reference run, not forever. */
	LIMIT_FACTOR = 3,
	EXTRA = 1000000,
};

enum outcome { HANGS, REJECTED, RESET, STARTED, OUTCOMES };

static struct emu_board board;
static enum outcome outcome;
static bool begun;
static uint64_t begin_insns;
static uint32_t *trace; /* addresses of the reference run; shared memory */
static uint64_t *trace_len;
static uint64_t *stops;
static uc_hook hooks[8];
static unsigned int hook_count;

static void fail(const char *what, const char *name)
{
	fprintf(stderr, "skip_instructions: %s %s\n", what, name);
	_exit(99);
}

static uint8_t *read_file(const char *name, size_t *size)
{
	FILE *f = fopen(name, "rb");
	uint8_t *data = malloc(FILE_MAX);

	if (!f || !data)
		fail("cannot read", name);
	*size = fread(data, 1, FILE_MAX, f);
	fclose(f);
	return data;
}

/* --- outcomes --- */

static void end_run(enum outcome o)
{
	outcome = o;
	board.machine.emu.ended = true;
	emu_request_stop(&board.machine.emu);
	uc_emu_stop(board.cpu.uc);
}

static void on_start(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
	(void)uc, (void)address, (void)size, (void)user;
	end_run(STARTED);
}

static void on_reject(uc_engine *uc, uint64_t address, uint32_t size,
		      void *user)
{
	(void)uc, (void)address, (void)size, (void)user;
	if (outcome == HANGS)
		end_run(REJECTED);
}

static void on_reset(void *ctx)
{
	(void)ctx;
	board.machine.emu.reset_request = EMU_RESET_NONE;
	end_run(RESET);
}

/* Called after the emulator's own hook, which counts the instruction. */
static void on_trace(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
	uint64_t at = board.machine.emu.insns - 1 - begin_insns;

	(void)uc, (void)size, (void)user;
	/* The emulator stops before the instruction, and executes it later. */
	if (board.cpu.held)
		return;
	if (at >= TRACE_MAX)
		fail("the reference run is too long", "");
	trace[at] = (uint32_t)address;
	*trace_len = at + 1;
}

static void hook(void *function, uint64_t first, uint64_t last)
{
	if (uc_hook_add(board.cpu.uc, &hooks[hook_count++], UC_HOOK_CODE,
			function, NULL, first, last))
		fail("cannot add a hook", "");
}

/* --- runs --- */

static void run_to(uint64_t insns)
{
	board.cpu.insns_max = insns;
	cpu_run(&board.cpu, EMU_NEVER);
}

static void on_begin(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
	(void)address, (void)size, (void)user;
	if (begun)
		return;
	begun = true;
	board.cpu.insns_max = 0;
	uc_emu_stop(uc);
}

static void set_up(const char *loader, const char *image, unsigned int locks)
{
	char error[256];
	size_t size;
	uint8_t *data = read_file(loader, &size);

	if (emu_board_open(&board, true) ||
	    emu_board_load_elf(&board, data, size, true, error, sizeof(error)))
		fail("cannot load", loader);
	free(data);
	data = read_file(image, &size);
	if (emu_nor_load(&board.nor, 0, data, (uint32_t)size))
		fail("cannot load", image);
	free(data);
	board.machine.emu.violations = EMU_VIOLATIONS_IGNORE;
	emu_flash_set_otp_locks(board.flash, locks);
	emu_board_power_on(&board, FLASH_BASE);
	board.cpu.reset = (struct emu_signal){ on_reset, NULL };
}

static void add_hooks(uint32_t begin, uint32_t end)
{
	/* The loader executes only the internal flash. */
	hook((void *)on_start, ITCM_BASE, FLASH_BASE - 1);
	hook((void *)on_start, FLASH_BASE + FLASH_SIZE, UINT32_MAX);
	hook((void *)on_begin, begin & ~1U, begin & ~1U);
	hook((void *)on_reject, end & ~1U, end & ~1U);
}

static void *share(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		fail("no memory", "");
	return p;
}

/* Run a function in a child process. Returns its outcome. */
static enum outcome in_child(void (*run)(uint64_t), uint64_t argument)
{
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	if (child < 0)
		fail("cannot fork", "");
	if (!child) {
		run(argument);
		_exit((int)outcome);
	}
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status) ||
	    WEXITSTATUS(status) >= OUTCOMES)
		fail("a run of the emulator failed", "");
	return (enum outcome)WEXITSTATUS(status);
}

/* The reference run: record the address of each instruction. */
static void run_reference(uint64_t unused)
{
	(void)unused;
	hook((void *)on_trace, FLASH_BASE, FLASH_BASE + FLASH_SIZE - 1);
	run_to(UINT64_MAX);
}

static uint16_t opcode_of(uint32_t address)
{
	const uint8_t *p = emu_memory_at(&board.machine.memory, address, 2);

	return p ? (uint16_t)(p[0] | p[1] << 8) : 0;
}

static bool is_wide(uint16_t opcode)
{
	return opcode >> 11 >= 0x1d;
}

/* Number of instructions in the IT block that an opcode begins; 0: not IT. */
static unsigned int block_len(uint16_t opcode)
{
	unsigned int len = 4;

	if (opcode >> 8 != 0xbf || !(opcode & 15))
		return 0;
	for (unsigned int mask = opcode; !(mask & 1); mask >>= 1)
		len--;
	return len;
}

/* Address behind the IT block that begins at `it`. */
static uint32_t block_end(uint32_t it)
{
	uint32_t at = it + 2;

	for (unsigned int n = block_len(opcode_of(it)); n; n--)
		at += is_wide(opcode_of(at)) ? 4 : 2;
	return at;
}

/* Unicorn must not stop inside an IT block: it would lose the condition. Fill
 * in stops[i]: the instruction before which the run stops in order to skip
 * instruction i, which is i itself or the IT instruction before it. */
static void find_stops(uint64_t len)
{
	uint64_t it = 0;
	uint32_t end = 0;

	for (uint64_t i = 0; i < len; i++) {
		if (trace[i] >= end || trace[i] <= trace[it])
			end = 0;
		stops[i] = end ? it : i;
		if (!end && block_len(opcode_of(trace[i]))) {
			it = i;
			end = block_end(trace[i]);
		}
	}
}

static void write_code(uint8_t *p, const uint8_t *bytes, uint32_t address)
{
	memcpy(p, bytes, 4);
	uc_ctl_remove_cache(board.cpu.uc, address, address + 4);
}

/* Skip instruction `index`. The run has stopped at stops[index]. */
static void run_with_skip(uint64_t index)
{
	uint64_t limit = begin_insns + LIMIT_FACTOR * *trace_len + EXTRA;
	uint64_t after = index + 1;
	uint32_t pc = trace[index];
	uint8_t *p = emu_memory_at(&board.machine.memory, pc, 4);
	uint8_t saved[4], patched[4];

	if (!p ||
	    (cpu_reg(&board.cpu, CPU_REG_PC) & ~1U) != trace[stops[index]])
		fail("the run differs from the reference run", "");
	while (stops[index] != index && after < *trace_len &&
	       stops[after] == stops[index])
		after++;
	memcpy(saved, p, 4);
	memcpy(patched, p, 4);
	if (is_wide(opcode_of(pc)))
		memcpy(patched, "\xaf\xf3\x00\x80", 4); /* NOP.W */
	else
		memcpy(patched, "\x00\xbf", 2); /* NOP */
	write_code(p, patched, pc);
	run_to(begin_insns + after);
	write_code(p, saved, pc);
	if (!board.machine.emu.ended && !board.machine.emu.failed)
		run_to(limit);
}

/* --- the choice of instructions --- */

/* Mark up to `count` executions of each static instruction, evenly spread from
 * the first to the last. */
static void choose_spread(uint8_t *chosen, uint64_t len, uint64_t count)
{
	uint64_t *executions = calloc(FLASH_SIZE / 2, sizeof(*executions));
	uint64_t *seen = calloc(FLASH_SIZE / 2, sizeof(*seen));

	if (!executions || !seen)
		fail("no memory", "");
	for (uint64_t i = 0; i < len; i++)
		if (trace[i])
			executions[(trace[i] - FLASH_BASE) / 2]++;
	for (uint64_t i = 0; i < len; i++) {
		uint32_t at = (trace[i] - FLASH_BASE) / 2;
		uint64_t n, k;

		if (!trace[i])
			continue;
		n = executions[at];
		k = seen[at]++;

		/* The j-th of `count` choices is execution j (n-1)/(count-1).
		 */
		if (n <= count || k == n - 1 ||
		    (count > 1 && k * (count - 1) % (n - 1) < count - 1))
			chosen[i] = 1;
	}
	free(executions);
	free(seen);
}

static uint8_t *choose(uint64_t len, const char *which)
{
	uint8_t *chosen = calloc(1, len);
	char *end;
	uint64_t count, every;

	if (!chosen)
		fail("no memory", "");
	if (!strcmp(which, "all")) {
		memset(chosen, 1, len);
		return chosen;
	}
	count = strtoull(which, &end, 10);
	every = *end == '/' ? strtoull(end + 1, NULL, 10) : 1;
	choose_spread(chosen, len, count);
	for (uint64_t i = 0, n = 0; i < len; i++) {
		if (chosen[i] && n++ % every)
			chosen[i] = 0;
	}
	return chosen;
}

static int inject(const uint8_t *chosen, uint64_t len)
{
	uint64_t counts[OUTCOMES] = { 0 }, tried = 0;

	for (uint64_t i = 0; i < len; i++) {
		enum outcome o;

		if (!chosen[i] || !trace[i])
			continue;
		if (stops[i])
			run_to(begin_insns + stops[i]);
		o = in_child(run_with_skip, i);
		tried++;
		counts[o]++;
		if (o == STARTED && counts[STARTED] <= SHOWN)
			printf("BYPASS: skip %08x, instruction %llu\n",
			       trace[i], (unsigned long long)i);
	}
	printf("%llu of %llu instructions skipped: %llu starts, %llu "
	       "rejections, %llu resets, %llu hangs\n",
	       (unsigned long long)tried, (unsigned long long)len,
	       (unsigned long long)counts[STARTED],
	       (unsigned long long)counts[REJECTED],
	       (unsigned long long)counts[RESET],
	       (unsigned long long)counts[HANGS]);
	return counts[STARTED] ? 1 : 0;
}

int main(int argc, char **argv)
{
	uint32_t begin, end;
	uint8_t *chosen;
	enum outcome o;
	int status;

	if (argc != 7)
		fail("usage: LOADER IMAGE BEGIN END LOCKS WHICH", "");
	begin = (uint32_t)strtoul(argv[3], NULL, 16);
	end = (uint32_t)strtoul(argv[4], NULL, 16);
	set_up(argv[1], argv[2], (unsigned int)atoi(argv[5]));
	add_hooks(begin, end);
	trace = share((size_t)TRACE_MAX * sizeof(*trace));
	trace_len = share(sizeof(*trace_len));
	run_to(UINT64_MAX);
	if (!begun)
		fail("the loader does not open the image", "");
	begin_insns = board.machine.emu.insns;
	o = in_child(run_reference, 0);
	if (o == STARTED) {
		printf("the image starts without a fault after %llu "
		       "instructions\n",
		       (unsigned long long)*trace_len);
		return 3;
	}
	if (o != REJECTED)
		fail("the loader neither starts nor rejects", argv[2]);
	stops = calloc(*trace_len, sizeof(*stops));
	if (!stops)
		fail("no memory", "");
	find_stops(*trace_len);
	chosen = choose(*trace_len, argv[6]);
	status = inject(chosen, *trace_len);
	free(chosen);
	free(stops);
	return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every part of the emulator needs: virtual time made of executed
 * instructions, events in it, traces, and the one way to say that firmware did
 * what the real part does not forgive.
 *
 * Nothing here knows Unicorn or a host's clock, so the peripherals run in unit
 * tests as they do below a program.
 */
#ifndef TETHER_EMULATOR_EMU_H
#define TETHER_EMULATOR_EMU_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct elf_symbols;

/** Something that happens at a point of virtual time. Belongs to its owner. */
struct emu_event {
	void (*fire)(void *ctx);
	void *ctx;
	uint64_t at_ps;
	bool armed;
	struct emu_event *next;
};

enum emu_trace { EMU_TRACE_USB = 1, EMU_TRACE_MMIO = 2, EMU_TRACE_IRQ = 4 };

enum { EMU_ERROR_SIZE = 512 };

/* Picoseconds. */
#define EMU_US UINT64_C(1000000)
#define EMU_MS (1000 * EMU_US)
#define EMU_S (1000 * EMU_MS)
#define EMU_NEVER UINT64_MAX

struct emu {
	uint64_t insns;	   /* executed since the start */
	uint64_t skipped;  /* of them those of a loop that only waits */
	uint64_t stop_at;  /* the CPU asks back at this many */
	uint64_t deadline; /* instructions at which the next event is due */
	uint64_t base_ps, base_insns; /* where the present rate began */
	uint64_t ps_per_insn;
	uint32_t pc;		  /* of the instruction being executed */
	struct emu_event *events; /* soonest first */

	bool failed; /* the program must not go on: error says why */
	char error[EMU_ERROR_SIZE];
	bool ended; /* it said that it is done */
	int status;

	unsigned int trace; /* enum emu_trace */
	FILE *trace_file;
	const struct elf_symbols *symbols; /* may be NULL */
	uint64_t mmio;			   /* peripheral accesses */
	uint64_t waited; /* instructions between equal reads of a register */
	uint64_t attached_insns, attached_waited; /* first soft-connect */
};

void emu_init(struct emu *e);

/** Virtual time in picoseconds since power-on. */
static inline uint64_t emu_now(const struct emu *e)
{
	return e->base_ps + (e->insns - e->base_insns) * e->ps_per_insn;
}

/** Have the CPU look at its interrupts before the next instruction. */
static inline void emu_attend(struct emu *e)
{
	e->stop_at = 0;
}

/** From now on an instruction takes a cycle of this clock. */
void emu_set_clock(struct emu *e, uint64_t hz);

/** Let time pass without instructions, to `at_ps` (not back). */
void emu_skip_to(struct emu *e, uint64_t at_ps);

/** (Re)arm an event after some time; or take it back. */
void emu_schedule(struct emu *e, struct emu_event *event, uint64_t in_ps);
void emu_cancel(struct emu *e, struct emu_event *event);

/** When the next event is due, EMU_NEVER without one. */
uint64_t emu_next(const struct emu *e);

/** Fire what is due. */
void emu_fire(struct emu *e);

/** Unit tests and the idle loop: skip and fire event by event to `at_ps`. */
void emu_run_to(struct emu *e, uint64_t at_ps);

/**
 * The program did what the real part would not survive, or what this emulator
 * does not model: PC, symbol and reason. Only the first one counts.
 */
void emu_fail(struct emu *e, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** A line of the trace, with virtual time in front, if `what` is traced. */
void emu_trace(struct emu *e, enum emu_trace what, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif

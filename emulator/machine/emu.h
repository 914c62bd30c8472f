/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual time, timed events, traces and failures. Every other part of the
 * emulator uses this module.
 *
 * Virtual time counts executed instructions. The module depends neither on
 * Unicorn nor on the host's clock, so peripherals behave the same in a unit
 * test and with a running program.
 */
#ifndef TETHER_EMULATOR_MACHINE_EMU_H
#define TETHER_EMULATOR_MACHINE_EMU_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct arm_elf_symbols;

/** A call at a point of virtual time. The memory belongs to the caller and
 * must stay valid while the event is armed. */
struct emu_event {
	void (*fire)(void *ctx);
	void *ctx;
	uint64_t at_ps;
	bool armed;
	struct emu_event *next;
};

/** A call into a module that the caller must not include. fire may be NULL. */
struct emu_signal {
	void (*fire)(void *ctx);
	void *ctx;
};

static inline void emu_signal_fire(const struct emu_signal *s)
{
	if (s->fire)
		s->fire(s->ctx);
}

enum emu_trace { EMU_TRACE_USB = 1, EMU_TRACE_MMIO = 2, EMU_TRACE_IRQ = 4 };

/** Why the microcontroller is reset: the bits of RCC RSR. */
enum emu_reset_cause {
	EMU_RESET_NONE = 0,
	EMU_RESET_PIN = 1 << 22,
	EMU_RESET_SOFTWARE = 1 << 24,
	EMU_RESET_IWDG = 1 << 26,
};

enum { EMU_ERROR_SIZE = 512 };

/* Picoseconds. */
#define EMU_US UINT64_C(1000000)
#define EMU_MS (1000 * EMU_US)
#define EMU_S (1000 * EMU_MS)
#define EMU_NEVER UINT64_MAX

/* What a violation does: end the run, print a warning once, or nothing. */
enum emu_violations {
	EMU_VIOLATIONS_END,
	EMU_VIOLATIONS_WARN,
	EMU_VIOLATIONS_IGNORE
};

enum { EMU_REPORTED = 64 };

struct emu {
	uint64_t insns;	   /* instructions executed since power-on */
	uint64_t skipped;  /* part of insns: counted for waiting loops, not
			      executed */
	uint64_t stop_at;  /* instruction count of the CPU's next check */
	uint64_t deadline; /* instruction count at which an event is due */
	uint64_t base_ps, base_insns; /* where the present clock began */
	uint64_t ps_per_insn;
	uint32_t pc;		  /* address of the current instruction */
	struct emu_event *events; /* sorted, soonest first */
	enum emu_reset_cause reset_request;

	enum emu_violations violations;	    /* what emu_violation() does */
	enum emu_violations unmodelled;	    /* what emu_unmodelled() does */
	const char *reported[EMU_REPORTED]; /* warnings printed so far */
	unsigned int reported_count;

	bool failed; /* the run must stop; error says why */
	char error[EMU_ERROR_SIZE];
	bool ended; /* the program has ended with `status` */
	int status;

	unsigned int trace; /* bits of enum emu_trace */
	FILE *trace_file;
	const struct arm_elf_symbols *symbols; /* may be NULL */

	/* Statistics */
	uint64_t mmio;	 /* accesses to peripherals */
	uint64_t waited; /* instructions spent in polling loops */
	uint64_t attached_insns, attached_waited; /* at first soft-connect */
};

void emu_init(struct emu *e);

/** Virtual time since power-on in picoseconds. */
static inline uint64_t emu_now(const struct emu *e)
{
	return e->base_ps + (e->insns - e->base_insns) * e->ps_per_insn;
}

/** Make the CPU check interrupts, events and limits before the next
 * instruction. */
static inline void emu_request_stop(struct emu *e)
{
	e->stop_at = 0;
}

/** Reset the microcontroller before the next instruction. Until the reset, the
 * first cause is kept. */
void emu_request_reset(struct emu *e, enum emu_reset_cause cause);

/** Set the core clock. From now on, an instruction takes one cycle of this
 * clock. */
void emu_set_clock(struct emu *e, uint64_t hz);

/** Advance time to `at_ps` without executing instructions. A time in the past
 * changes nothing. */
void emu_skip_to(struct emu *e, uint64_t at_ps);

/** Arm an event `in_ps` picoseconds from now. An armed event is moved. */
void emu_schedule(struct emu *e, struct emu_event *event, uint64_t in_ps);

/** Disarm an event. Allowed for an event that is not armed. */
void emu_cancel(struct emu *e, struct emu_event *event);

/** Time of the next event in picoseconds, or EMU_NEVER. */
uint64_t emu_next(const struct emu *e);

/** Fire every event that is due. */
void emu_fire(struct emu *e);

/** Advance time to `at_ps` without a CPU, and fire each event at its time. */
void emu_run_to(struct emu *e, uint64_t at_ps);

/**
 * Stop the run, because the program did something that the silicon does not
 * tolerate or used something that is not modelled. The error names the
 * instruction, its function and the reason. Only the first failure is kept.
 */
void emu_fail(struct emu *e, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * Report that the program lacks the work-around of an erratum, exceeds a
 * documented limit, or writes bits that the silicon ignores. Real chips go on,
 * often without a visible fault. e->violations decides what happens: the run
 * ends as by emu_fail(), or a warning is printed to stderr, once for each
 * format. The caller continues as the silicon does.
 */
void emu_violation(struct emu *e, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * Report the use of a register or function that exists on the silicon and is
 * not modelled. e->unmodelled decides what happens, as for emu_violation().
 */
void emu_unmodelled(struct emu *e, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** Write a trace line that starts with the virtual time in seconds, if `what`
 * is traced. */
void emu_trace(struct emu *e, enum emu_trace what, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Breakpoints, watchpoints and single steps of the core, for a debugger.
 *
 * A breakpoint and a watchpoint of memory halt the core before the
 * instruction. A watchpoint of a peripheral's register, or of memory to which
 * an exception pushes its frame, halts it behind the access. Single steps take
 * no exceptions, except for those that the instruction raises itself.
 *
 * Without breakpoints and watchpoints the module costs no time.
 */
#ifndef TETHER_EMULATOR_CPU_CPU_DEBUG_H
#define TETHER_EMULATOR_CPU_CPU_DEBUG_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator/machine/emu.h"

struct cpu;

enum {
	CPU_BREAKPOINTS_MAX = 256,
	CPU_WATCHPOINTS_MAX = 32,
	CPU_WATCHPOINT_SIZE_MAX = 4096
};

enum cpu_halt {
	CPU_NOT_HALTED,
	CPU_HALT_ATTACH, /* for a debugger that connects */
	CPU_HALT_REQUEST,
	CPU_HALT_STEP,
	CPU_HALT_BREAKPOINT,
	CPU_HALT_WATCHPOINT
};

struct cpu_watchpoint {
	uint32_t address, size;
	unsigned int access; /* MEMORY_READ and MEMORY_WRITE bits */
};

struct cpu_debug {
	/* Called by cpu_run() before it executes instructions. The callee
	 * may block while the core is halted. Without a callee nothing
	 * halts. */
	struct emu_signal service;

	uint32_t breakpoint[CPU_BREAKPOINTS_MAX];
	unsigned int breakpoints;
	struct cpu_watchpoint watchpoint[CPU_WATCHPOINTS_MAX];
	unsigned int watchpoints;

	enum cpu_halt halt;	    /* set by the core, cleared by the callee */
	struct cpu_watchpoint seen; /* the watchpoint that halted the core */

	bool stepping;
	uint32_t step_pc;
	/* Instruction count at which the core was resumed: that instruction is
	 * executed without a check. */
	uint64_t resumed_insns;
};

/** Insert a point once, or remove it; removing a point that does not exist
 * succeeds. false: the table is full, or the size is 0 or too large. */
bool cpu_debug_set_breakpoint(struct cpu *c, uint32_t address, bool insert);
bool cpu_debug_set_watchpoint(struct cpu *c, const struct cpu_watchpoint *w,
			      bool insert);
void cpu_debug_clear(struct cpu *c);

/** Leave the halt and execute, or execute one instruction and halt. */
void cpu_debug_resume(struct cpu *c, bool step);

/* --- calls of the CPU --- */

/** Whether the core halts before the instruction at `pc`. */
bool cpu_debug_halts_at(struct cpu *c, uint32_t pc);

/** Rights that watchpoints take from the page at `page`, so that accesses to
 * the page are refused and checked. */
unsigned int cpu_debug_denied_rights(const struct cpu_debug *d, uint32_t page);

/** Whether the core halts before the instruction at `pc`, whose access of
 * memory at `address` was refused. */
bool cpu_debug_watches(struct cpu *c, uint32_t pc, uint32_t address,
		       unsigned int access);

/** Note an access that was made: the core halts before the next
 * instruction if it is watched. */
void cpu_debug_note_access(struct cpu *c, uint32_t address, uint32_t size,
			   unsigned int access);

/** Halt after a single step. Call it after instructions were executed. */
void cpu_debug_end_step(struct cpu *c);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Cortex-M7's instructions, by Unicorn, and the exceptions around them.
 *
 * Each instruction is counted by a hook, which is what virtual time is made
 * of, so that the same program does the same at the same time in every run.
 * Memory without a peripheral runs without hooks.
 */
#ifndef TETHER_EMULATOR_CPU_H
#define TETHER_EMULATOR_CPU_H

#include <stdbool.h>
#include <stdint.h>
#include <unicorn/unicorn.h>

struct board;
struct nvic_masks;

enum { CPU_REG_SP = 13, CPU_REG_LR = 14, CPU_REG_PC = 15 };

struct cpu {
	uc_engine *uc; /* NULL in tests of peripherals */
	uc_hook code_hook, intr_hook;
	bool held; /* stopped by the hook, before an instruction */
	bool step; /* stop after one instruction */
	uint64_t step_end;
	uint32_t intr; /* Unicorn's number, CPU_NO_INTR for none */
	bool sleeping; /* in WFI */
	bool semihosting;
};

enum { CPU_NO_INTR = 0xffff };

/** ERR_IO with a line on stderr when Unicorn refuses. */
int cpu_open(struct board *b);
void cpu_close(struct board *b);

/** As after a reset, from the vector table at VTOR. */
void cpu_restart(struct board *b);

/**
 * Execute until virtual time `until_ps`, a failure, the program's end, or a
 * sleep in which nothing is due before `until_ps` (time is then at it). Resets
 * that the program asks for happen on the way.
 */
void cpu_run(struct board *b, uint64_t until_ps);

/** Execute one instruction, whatever is pending. */
void cpu_step(struct board *b);

uint32_t cpu_reg(struct board *b, unsigned int number);
void cpu_set_reg(struct board *b, unsigned int number, uint32_t value);
uint32_t cpu_ipsr(struct board *b);
void cpu_masks(struct board *b, struct nvic_masks *m);

/* exception.c */

/** Stack, and go to the handler of `exception`, as B1.5.6 has it. */
void exception_enter(struct board *b, unsigned int exception,
		     uint32_t return_address);

/** Return by this EXC_RETURN value, B1.5.8. Tail-chains. */
void exception_return(struct board *b, uint32_t exc_return);

/** A fault of the instruction at `pc`: CFSR bits are set, and it is taken. */
void exception_fault(struct board *b, unsigned int exception, uint32_t cfsr,
		     uint32_t address, uint32_t pc);

/* semihost.c */

/** Arm's semihosting call in r0 and r1, for the comparison with QEMU. */
void semihost_call(struct board *b);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Cortex-M7: Unicorn executes the instructions. This module handles
 * exceptions, sleep, page rights and faults.
 *
 * A hook counts each instruction. The count is virtual time, so that all runs
 * of a program are identical. Unicorn accesses memory directly and peripherals
 * through the bus.
 */
#ifndef TETHER_EMULATOR_CPU_CPU_H
#define TETHER_EMULATOR_CPU_CPU_H

#include <stdbool.h>
#include <stdint.h>
#include <unicorn/unicorn.h>

#include "emulator/cpu/cpu_debug.h"
#include "emulator/cpu/cpu_mpu.h"
#include "emulator/cpu/nvic.h"
#include "emulator/cpu/semihost_state.h"
#include "emulator/cpu/systick.h"
#include "emulator/machine/machine.h"

enum { CPU_REG_SP = 13, CPU_REG_LR = 14, CPU_REG_PC = 15 };

enum { CPU_NO_INTR = 0xffff };

struct cpu;

/** Addresses that Unicorn passes to the bus: the pages of a peripheral. */
struct cpu_window {
	struct cpu *cpu;
	uint32_t base, size;
};

struct cpu {
	struct machine *machine;
	struct nvic nvic;
	struct cpu_mpu mpu;
	struct systick systick;
	struct cpu_debug debug;

	uc_engine *uc; /* NULL in unit tests of peripherals */
	uc_hook code_hook, intr_hook, invalid_hook;
	bool held;	   /* the code hook stopped before an instruction */
	bool step;	   /* stop at step_end */
	uint64_t step_end; /* instruction count */
	uint32_t intr;	   /* Unicorn's exception number or CPU_NO_INTR */
	bool sleeping;	   /* in WFI, or by SLEEPONEXIT */
	struct semihost_state semihost;
	uint64_t run_end;	 /* instruction count at which cpu_run() ends */
	uint64_t insns_max;	 /* instruction count at which the run ends */
	struct emu_signal reset; /* resets the board; set by the board */

	uint8_t *page_rights[MEMORY_REGIONS]; /* present rights in Unicorn */
	struct cpu_window window[BUS_DEVICES_MAX];
	unsigned int windows;
	/* Of the access that Unicorn refused. */
	uint32_t fault_address, fault_size;
	enum emu_memory_right fault_access;
};

/** Connect the parts of the CPU. Afterwards its registers work, for unit tests.
 * To execute instructions, call cpu_open() as well. */
void cpu_init(struct cpu *c, struct machine *m);

/** Start Unicorn and map memories and peripherals. ERR_IO: Unicorn refuses,
 * reported on stderr. ERR_FULL: no memory. */
int cpu_open(struct cpu *c);
void cpu_close(struct cpu *c);

/** Reset the core. It starts with the vector table at `vtor`. Not named
 * cpu_reset(): libunicorn exports, and calls, a function of that name. */
void cpu_restart(struct cpu *c, uint32_t vtor);

/**
 * Execute until virtual time `until_ps`, a failure or the end of the program.
 * If the core sleeps without an event before `until_ps`, time advances to
 * `until_ps`. Performs the resets that the program requests.
 */
void cpu_run(struct cpu *c, uint64_t until_ps);

/** Execute one instruction, without a check for pending exceptions. */
void cpu_step(struct cpu *c);

/** Registers r0 to r15. */
uint32_t cpu_reg(struct cpu *c, unsigned int number);
void cpu_set_reg(struct cpu *c, unsigned int number, uint32_t value);

/** A register of 32 bits by its identifier UC_ARM_REG_*. */
uint32_t cpu_unicorn_reg(struct cpu *c, int id);
void cpu_set_unicorn_reg(struct cpu *c, int id, uint32_t value);

/** Number of the exception being handled; 0 in thread mode or without
 * Unicorn. */
uint32_t cpu_ipsr(struct cpu *c);

/** PRIMASK, BASEPRI and FAULTMASK. */
struct nvic_masks cpu_masks(struct cpu *c);

/* --- cpu_memory.c --- */

/** Map memories and peripherals into Unicorn. Errors as cpu_open(). */
int cpu_map_memory(struct cpu *c);
void cpu_unmap_memory(struct cpu *c);

/** Set Unicorn's page rights to the rights that the memory and the MPU give.
 * Must not be called from a callback of Unicorn. */
void cpu_update_rights(struct cpu *c);

/** Access a word of memory as stacking and vector fetches do: under the MPU
 * and the memory's rights. false: the access faults. */
bool cpu_load(struct cpu *c, uint32_t address, uint32_t *value);
bool cpu_store(struct cpu *c, uint32_t address, uint32_t value);

/** Handle the access that Unicorn refused: raise a fault in the program, or
 * fail the run. pc: address of the instruction. */
void cpu_handle_refused_access(struct cpu *c, uint32_t pc);

/* --- cpu_exception.c; clauses of DDI 0403 --- */

/** Push the frame and branch to the handler, B1.5.6. */
void cpu_exception_enter(struct cpu *c, unsigned int exception,
			 uint32_t return_address);

/** Return from the handler by an EXC_RETURN value, with tail-chaining,
 * B1.5.8. */
void cpu_exception_return(struct cpu *c, uint32_t exc_return);

/** Raise a fault, or SVCALL, of the instruction at `pc`: set CFSR bits `cfsr`,
 * escalate and enter the handler. address: for MMFAR or BFAR, if a VALID bit
 * is in `cfsr`. */
void cpu_exception_fault(struct cpu *c, unsigned int exception, uint32_t cfsr,
			 uint32_t address, uint32_t pc);

/* --- cpu_semihost.c --- */

/** Execute the semihosting call in r0 and r1. */
void cpu_semihost_call(struct cpu *c);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interrupt controller: which exceptions are pending, enabled and active,
 * and which of them the core takes next. Also holds the registers of the
 * System Control Block (SCB), which scs.c reads and writes.
 *
 * An exception number is the index in the vector table: 1 to 15 for the core,
 * 16 + n for interrupt n. Source: Armv7-M Architecture Reference Manual (DDI
 * 0403), B1.5 and B3.2 to B3.4. The module accesses no CPU registers;
 * cpu_exception.c does.
 */
#ifndef TETHER_EMULATOR_CPU_NVIC_H
#define TETHER_EMULATOR_CPU_NVIC_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator/machine/emu.h"

enum {
	NVIC_IRQS = 156, /* of the STM32H7S3 */
	NVIC_VECTORS = 16 + NVIC_IRQS,
	NVIC_SLOTS = 16 + 160,	   /* whole words of 32 interrupts */
	NVIC_PRIORITY_MASK = 0xf0, /* 4 priority bits */
	NVIC_THREAD_PRIORITY = 256,
};

enum nvic_exception {
	EXC_NONE = 0,
	EXC_RESET = 1,
	EXC_NMI = 2,
	EXC_HARDFAULT = 3,
	EXC_MEMMANAGE = 4,
	EXC_BUSFAULT = 5,
	EXC_USAGEFAULT = 6,
	EXC_SVCALL = 11,
	EXC_DEBUGMON = 12,
	EXC_PENDSV = 14,
	EXC_SYSTICK = 15,
};

enum {
	CFSR_IACCVIOL = 1 << 0,
	CFSR_DACCVIOL = 1 << 1,
	CFSR_MUNSTKERR = 1 << 3,
	CFSR_MSTKERR = 1 << 4,
	CFSR_MMARVALID = 1 << 7,
	CFSR_IBUSERR = 1 << 8,
	CFSR_PRECISERR = 1 << 9,
	CFSR_UNSTKERR = 1 << 11,
	CFSR_STKERR = 1 << 12,
	CFSR_BFARVALID = 1 << 15,
	CFSR_UNDEFINSTR = 1 << 16,
	CFSR_INVSTATE = 1 << 17,
	CFSR_INVPC = 1 << 18,
	CFSR_NOCP = 1 << 19,
	CFSR_UNALIGNED = 1 << 24,
	CFSR_DIVBYZERO = 1 << 25
};

enum { HFSR_VECTTBL = 1 << 1, HFSR_FORCED = 1 << 30 };
#define HFSR_DEBUGEVT (UINT32_C(1) << 31)

enum {
	CCR_NONBASETHRDENA = 1 << 0,
	CCR_STKALIGN = 1 << 9,
	CCR_DC = 1 << 16,
	CCR_IC = 1 << 17
};

enum { SCR_SLEEPONEXIT = 1 << 1 };

struct nvic {
	struct emu *emu;
	bool pending[NVIC_SLOTS], active[NVIC_SLOTS];
	bool enabled[NVIC_SLOTS]; /* interrupts only */
	bool line[NVIC_SLOTS];	  /* level of the interrupt's input */
	uint8_t priority[NVIC_SLOTS];
	bool any_pending; /* false: nothing is pending and enabled */

	/* Registers of the SCB */
	uint32_t vtor, prigroup, ccr, scr, shcsr, cfsr, hfsr, mmfar, bfar;
	uint32_t cpacr, fpccr, fpcar, fpdscr, csselr, demcr;
};

/** The mask registers of the core. */
struct nvic_masks {
	uint32_t primask, basepri, faultmask;
};

/** Reset everything except the levels of the inputs. */
void nvic_reset(struct nvic *n, uint32_t vtor);

/** Set the level of interrupt `irq`. The interrupt becomes pending when the
 * level rises, and again on return from its handler while it is high. */
void nvic_set_line(struct nvic *n, unsigned int irq, bool level);

void nvic_pend(struct nvic *n, unsigned int exception);

/** Record that pending, enabled or priority state has changed. */
void nvic_set_changed(struct nvic *n);

/** The exception that the core takes now, or EXC_NONE. */
unsigned int nvic_next(const struct nvic *n, const struct nvic_masks *m);

/** The pending and enabled exception with the highest priority, or EXC_NONE.
 * Ignores masks and active exceptions. */
unsigned int nvic_most_urgent(const struct nvic *n);

/** Whether an exception wakes the core from WFI. PRIMASK does not prevent
 * this. */
bool nvic_wakes(const struct nvic *n, const struct nvic_masks *m);

/** Execution priority; a smaller number is more urgent, B1.5.4. */
int nvic_execution_priority(const struct nvic *n, const struct nvic_masks *m);

/** Return the exception that the core takes for a fault: `exception`;
 * EXC_HARDFAULT if `exception` is disabled or masked; EXC_RESET for lockup. */
unsigned int nvic_escalate(struct nvic *n, const struct nvic_masks *m,
			   unsigned int exception);

/** Mark an exception as active on entry, or as inactive on return. */
void nvic_activate(struct nvic *n, unsigned int exception);
void nvic_deactivate(struct nvic *n, unsigned int exception);

unsigned int nvic_active_count(const struct nvic *n);

#endif

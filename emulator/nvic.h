/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exceptions of the Cortex-M7: what is pending, enabled and active, priorities,
 * the System Control Space, SysTick. Numbers are those of the vector table:
 * 1 to 15 the core's, 16 + n interrupt n. Armv7-M Architecture Reference
 * Manual (DDI 0403) B1.5 and B3.2 to B3.4.
 *
 * Knows no CPU registers: exception.h moves those.
 */
#ifndef TETHER_EMULATOR_NVIC_H
#define TETHER_EMULATOR_NVIC_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator/emu.h"

struct board;

enum {
	NVIC_IRQS = 156, /* of the STM32H7S3 */
	NVIC_VECTORS = 16 + NVIC_IRQS,
	NVIC_SLOTS = 16 + 160, /* whole words of 32 interrupts */
	NVIC_PRIORITY_BITS = 4,
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

/* SCB registers, by their offset in the page at 0xE000E000. */
enum {
	SCS_PAGE = 0xE000E000,
	SCS_CFSR = 0xD28,
	SCS_HFSR = 0xD2C,
	SCS_MMFAR = 0xD34,
	SCS_BFAR = 0xD38,
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

enum { CCR_STKALIGN = 1 << 9, CCR_DC = 1 << 16, CCR_IC = 1 << 17 };

struct nvic {
	bool pending[NVIC_SLOTS], active[NVIC_SLOTS];
	bool enabled[NVIC_SLOTS]; /* interrupts only */
	bool line[NVIC_SLOTS];	  /* level of the interrupt's wire */
	uint8_t priority[NVIC_SLOTS];
	bool any_pending; /* something may be pending and enabled */

	uint32_t vtor, prigroup, ccr, scr, shcsr, cfsr, hfsr, mmfar, bfar;
	uint32_t cpacr, fpccr, fpcar, fpdscr, csselr, demcr;

	/* SysTick counts down from `reload` at each wrap. */
	uint32_t systick_ctrl, systick_load;
	uint64_t systick_from_ps; /* when it was last at `reload` or cleared */
	bool systick_flag;
	struct emu_event systick;

	uint32_t dwt_ctrl;
	uint64_t dwt_base; /* instructions at which CYCCNT was 0 */
};

void nvic_reset(struct board *b);

uint32_t nvic_read(struct board *b, uint32_t offset, unsigned int size);
void nvic_write(struct board *b, uint32_t offset, unsigned int size,
		uint32_t value);

/** The wire of interrupt `irq`: pends while high, and again on return. */
void nvic_set_line(struct board *b, unsigned int irq, bool level);

void nvic_pend(struct board *b, unsigned int exception);

/**
 * What would be taken now with these mask registers: the exception's number,
 * or EXC_NONE. ignore_primask: as a wake-up sees it.
 */
struct nvic_masks {
	uint32_t primask, basepri, faultmask;
};
unsigned int nvic_next(const struct nvic *n, const struct nvic_masks *m);

/** Would WFI end? PRIMASK does not count. */
bool nvic_wakes(const struct nvic *n, const struct nvic_masks *m);

/** Priority of what runs now; smaller is more urgent. */
int nvic_execution_priority(const struct nvic *n, const struct nvic_masks *m);

/** A fault of this kind: itself if it can be taken, else HardFault, else
 * EXC_RESET for lockup. */
unsigned int nvic_escalate(struct nvic *n, const struct nvic_masks *m,
			   unsigned int exception);

void nvic_activate(struct board *b, unsigned int exception);
void nvic_deactivate(struct board *b, unsigned int exception);

/** How many exceptions are active. */
unsigned int nvic_active_count(const struct nvic *n);

/* systick.c */

uint32_t systick_read(struct board *b, uint32_t offset);
void systick_write(struct board *b, uint32_t offset, uint32_t value);
/** Its event; ctx is the board. */
void systick_wrapped(void *ctx);
uint32_t dwt_read(struct board *b, uint32_t offset);
void dwt_write(struct board *b, uint32_t offset, uint32_t value);

#endif

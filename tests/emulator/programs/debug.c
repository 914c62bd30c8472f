/* SPDX-License-Identifier: Apache-2.0 */
/* What a debugger is tried on: a loop with a timer interrupt. The debugger sets
 * `order` to change what the loop does. */
#include "bare.h"

enum { SYST_CSR = 0xE000E010, SYST_RVR = 0xE000E014, RELOAD = 1000 };
enum { GPIOD_BSRR = 0x58020C18, RCC_CFGR = 0x58024410 };

enum order { COUNT, LEAVE, MISUSE, REST, TOUCH, STOP_COUNTING };

extern uint32_t stack_top;
void reset(void);
void systick(void);
void count_up(void);
void store_four(uint32_t *to);
uint32_t choose(uint32_t value);
void rest(void);

volatile uint32_t order, counter, ticks, config;
uint32_t four[4];
volatile double ratio = 1.5;

void __attribute__((noinline)) systick(void)
{
	ticks++;
}

void __attribute__((noinline)) count_up(void)
{
	counter++;
	ratio = ratio + 0.25;
}

/* Store the 4 words by one instruction. */
void __attribute__((naked, noinline)) store_four(uint32_t *to)
{
	(void)to;
	__asm__ volatile("mov r1, #1\n\t"
			 "mov r2, #2\n\t"
			 "mov r3, #3\n\t"
			 "mov r12, #4\n\t"
			 "stmia.w r0, {r1, r2, r3, r12}\n\t"
			 "bx lr");
}

/* Return 1 for 0, else 2, by an IT block. */
uint32_t __attribute__((naked, noinline)) choose(uint32_t value)
{
	(void)value;
	__asm__ volatile("cmp r0, #0\n\t"
			 "ite eq\n\t"
			 "moveq r0, #1\n\t"
			 "movne r0, #2\n\t"
			 "bx lr");
}

void __attribute__((naked, noinline)) rest(void)
{
	__asm__ volatile("wfi\n\t"
			 "bx lr");
}

static void obey(void)
{
	switch (order) {
	case COUNT:
		count_up();
		store_four(four);
		break;
	case LEAVE:
		finish(1);
	case MISUSE:
		REG(GPIOD_BSRR) = 1;
		break;
	case REST:
		rest();
		break;
	case TOUCH:
		config = REG(RCC_CFGR);
		break;
	default:
		break;
	}
}

void reset(void)
{
	REG(0xE000ED88) |= 0xf << 20; /* CPACR: the FPU */
	BARRIER();
	order = counter = ticks = 0;
	ratio = 1.5;
	REG(SYST_RVR) = RELOAD;
	REG(SYST_CSR) = 7;
	for (uint32_t i = 0;; i++) {
		choose(i & 1);
		obey();
	}
}

__attribute__((section(".vectors"), used)) static void *const vectors[16] = {
	&stack_top, reset, reset, reset, [15] = systick,
};

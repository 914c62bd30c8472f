/* SPDX-License-Identifier: Apache-2.0 */
/* Semihosting and register access for the test programs of the emulated
 * Cortex-M7. arm-none-eabi-gcc builds these programs without a C library. */
#ifndef TETHER_TESTS_EMULATOR_PROGRAMS_BARE_H
#define TETHER_TESTS_EMULATOR_PROGRAMS_BARE_H

#include <stdint.h>

#define REG(address) (*(volatile uint32_t *)(address))
#define REG8(address) (*(volatile uint8_t *)(address))
#define BARRIER() __asm__ volatile("dsb; isb" ::: "memory")

static inline int semihost(int call, const void *argument)
{
	register int r0 __asm__("r0") = call;
	register const void *r1 __asm__("r1") = argument;

	__asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
	return r0;
}

static inline void print(const char *text)
{
	semihost(4, text);
}

static inline void print_hex(const char *name, uint32_t value)
{
	char text[9];

	for (int i = 0; i < 8; i++)
		text[i] = "0123456789abcdef"[value >> (28 - 4 * i) & 15];
	text[8] = '\0';
	print(name);
	print(" ");
	print(text);
	print("\n");
}

/* End the run. The exit status is 0 if `good`, else 1. */
static inline void __attribute__((noreturn)) finish(int good)
{
	semihost(0x18, good ? (void *)0x20026 : (void *)0x20024);
	for (;;)
		;
}

#endif

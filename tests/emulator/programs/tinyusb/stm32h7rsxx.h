/* SPDX-License-Identifier: Apache-2.0 */
/* The part of ST's device header that TinyUSB's dwc2 driver uses. */
#ifndef TETHER_TESTS_EMULATOR_PROGRAMS_TINYUSB_STM32H7RSXX_H
#define TETHER_TESTS_EMULATOR_PROGRAMS_TINYUSB_STM32H7RSXX_H

#include <stdint.h>

#define USB_OTG_HS_PERIPH_BASE 0x40040000UL

typedef enum { OTG_HS_IRQn = 91 } IRQn_Type;

extern uint32_t SystemCoreClock;

static inline void NVIC_EnableIRQ(IRQn_Type n)
{
	((volatile uint32_t *)0xE000E100)[n / 32] = 1UL << n % 32;
}

static inline void NVIC_DisableIRQ(IRQn_Type n)
{
	((volatile uint32_t *)0xE000E180)[n / 32] = 1UL << n % 32;
	__asm__ volatile("dsb; isb" ::: "memory");
}

static inline void __NOP(void)
{
	__asm__ volatile("nop");
}

#endif

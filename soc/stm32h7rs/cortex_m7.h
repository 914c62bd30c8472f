/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registers of the Cortex-M7 core that the firmware uses (ARMv7-M Architecture
 * Reference Manual, B3): vectors, interrupts, SysTick, MPU, caches.
 */
#ifndef TETHER_SOC_STM32H7RS_CORTEX_M7_H
#define TETHER_SOC_STM32H7RS_CORTEX_M7_H

#include <stdbool.h>
#include <stdint.h>

#include "soc/stm32h7rs/regs.h"

#define SCS_REG(address) (*(uint32_t volatile *)(address))
#define SYST_CSR SCS_REG(0xe000e010)
#define SYST_RVR SCS_REG(0xe000e014)
#define SYST_CVR SCS_REG(0xe000e018)
#define NVIC_ISER ((uint32_t volatile *)0xe000e100)
#define NVIC_ICER ((uint32_t volatile *)0xe000e180)
#define NVIC_ICPR ((uint32_t volatile *)0xe000e280)
#define NVIC_IPR ((uint8_t volatile *)0xe000e400)
#define SCB_ICSR SCS_REG(0xe000ed04)
#define SCB_VTOR SCS_REG(0xe000ed08)
#define SCB_AIRCR SCS_REG(0xe000ed0c)
#define SCB_CCR SCS_REG(0xe000ed14)
#define SCB_SHPR3 SCS_REG(0xe000ed20)
#define SCB_SHCSR SCS_REG(0xe000ed24)
#define SCB_CFSR SCS_REG(0xe000ed28)
#define SCB_HFSR SCS_REG(0xe000ed2c)
#define SCB_MMFAR SCS_REG(0xe000ed34)
#define SCB_BFAR SCS_REG(0xe000ed38)
#define SCB_CCSIDR SCS_REG(0xe000ed80)
#define SCB_CSSELR SCS_REG(0xe000ed84)
#define SCB_ICIALLU SCS_REG(0xe000ef50)
#define SCB_DCISW SCS_REG(0xe000ef60)
#define SCB_DCCISW SCS_REG(0xe000ef74)
#define MPU_CTRL SCS_REG(0xe000ed94)
#define MPU_RNR SCS_REG(0xe000ed98)
#define MPU_RBAR SCS_REG(0xe000ed9c)
#define MPU_RASR SCS_REG(0xe000eda0)
#define DHCSR SCS_REG(0xe000edf0)

enum {
	SYST_CSR_ENABLE = BIT(0),
	SYST_CSR_TICKINT = BIT(1),
	SYST_CSR_CLKSOURCE = BIT(2),
	SYST_CSR_COUNTFLAG = BIT(16),
	SCB_ICSR_PENDSTCLR = BIT(25),
	SCB_AIRCR_SYSRESETREQ = BIT(2),
	SCB_CCR_DIV_0_TRP = BIT(4),
	SCB_CCR_DC = BIT(16),
	SCB_CCR_IC = BIT(17),
	SCB_SHCSR_FAULTS = BIT(16) | BIT(17) | BIT(18),
	MPU_CTRL_ENABLE = BIT(0),
	MPU_CTRL_HFNMIENA = BIT(1),
	MPU_REGIONS = 16,
	DHCSR_C_DEBUGEN = BIT(0),
};
#define SCB_AIRCR_VECTKEY 0x05fa0000UL

static inline void dsb(void)
{
	__asm volatile("dsb sy" ::: "memory");
}

static inline void isb(void)
{
	__asm volatile("isb sy" ::: "memory");
}

static inline void irq_disable(void)
{
	__asm volatile("cpsid i" ::: "memory");
}

static inline void irq_enable(void)
{
	__asm volatile("cpsie i" ::: "memory");
}

/** Sleep until an interrupt is pending, masked or not. */
static inline void wait_for_interrupt(void)
{
	dsb();
	__asm volatile("wfi" ::: "memory");
}

static inline void irq_line_enable(unsigned int irq)
{
	NVIC_ISER[irq / 32] = BIT(irq % 32);
}

static inline void irq_line_disable(unsigned int irq)
{
	NVIC_ICER[irq / 32] = BIT(irq % 32);
	dsb();
	isb();
}

/** Set a priority, 0 (highest) to 15. */
static inline void irq_priority(unsigned int irq, uint8_t priority)
{
	NVIC_IPR[irq] = (uint8_t)(priority << 4);
}

static inline _Noreturn void system_reset(void)
{
	dsb();
	SCB_AIRCR = SCB_AIRCR_VECTKEY | SCB_AIRCR_SYSRESETREQ;
	dsb();
	for (;;)
		;
}

#endif

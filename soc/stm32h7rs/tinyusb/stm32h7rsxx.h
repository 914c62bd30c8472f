/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replaces the vendor's header for TinyUSB's dwc2 driver. The header defines
 * only the high-speed controller, so that this controller becomes port 0.
 */
#ifndef TETHER_SOC_STM32H7RS_TINYUSB_STM32H7RSXX_H
#define TETHER_SOC_STM32H7RS_TINYUSB_STM32H7RSXX_H

#include "soc/stm32h7rs/cortex_m7.h"
#include "soc/stm32h7rs/vectors.h"

#define USB_OTG_HS_PERIPH_BASE 0x40040000UL

typedef enum { OTG_HS_IRQn = IRQ_OTG_HS } IRQn_Type;

extern uint32_t SystemCoreClock;

static inline void NVIC_EnableIRQ(IRQn_Type irq)
{
	irq_line_enable(irq);
}

static inline void NVIC_DisableIRQ(IRQn_Type irq)
{
	irq_line_disable(irq);
}

static inline void __NOP(void)
{
	__asm volatile("nop");
}

#endif

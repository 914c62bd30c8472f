/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Start-up code and exception vectors, shared by firmware and loader. An image
 * defines main(), the symbols of its linker script, and optionally handlers.
 */
#ifndef TETHER_SOC_STM32H7RS_VECTORS_H
#define TETHER_SOC_STM32H7RS_VECTORS_H

#include <stdint.h>

enum {
	VECTORS = 172, /* 16 of the core, 156 interrupts */
	IRQ_OTG_HS = 91,
};

/* Defined by the linker scripts. */
extern uint32_t stack_bottom[], stack_top[], fault_stack_top[];
extern uint32_t bss_start[], bss_end[], data_start[], data_end[], data_load[];
extern uint32_t buffers_start[], buffers_end[];
extern const uint32_t code_start[], code_end[], fast_start[], fast_end[];

extern void (*const vectors[VECTORS])(void);

_Noreturn void reset_handler(void);
void systick_handler(void);
/** The default handler, for an image without USB, disables the interrupt. */
void otg_hs_handler(void);

int main(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Milliseconds since the start, counted by SysTick. Wraps after 49 days. */
#ifndef TETHER_SOC_STM32H7RS_TICK_H
#define TETHER_SOC_STM32H7RS_TICK_H

#include <stdint.h>

/** Start counting. Call it again after each change of the core clock. */
void tick_init(uint32_t core_hz);

/** Milliseconds since the start. */
uint32_t tick_ms(void);

/** Sleep for at least ms milliseconds. Interrupts must be enabled. */
void tick_delay(uint32_t ms);

void tick_stop(void);

#endif

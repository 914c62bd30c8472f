/* SPDX-License-Identifier: Apache-2.0 */
/* Milliseconds since start, by SysTick; wraps after 49 days. */
#ifndef TETHER_SOC_STM32H7RS_TICK_H
#define TETHER_SOC_STM32H7RS_TICK_H

#include <stdint.h>

/** Count from here on; again after the core's clock changed. */
void tick_init(uint32_t core_hz);
uint32_t tick_ms(void);

/** At least ms; sleeps meanwhile. Interrupts must be enabled. */
void tick_delay(uint32_t ms);

void tick_stop(void);

#endif

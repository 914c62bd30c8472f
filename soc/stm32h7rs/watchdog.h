/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The independent watchdog, on its own 32 kHz oscillator. Once started it
 * cannot be stopped; it stands still while a debugger has halted the core.
 */
#ifndef TETHER_SOC_STM32H7RS_WATCHDOG_H
#define TETHER_SOC_STM32H7RS_WATCHDOG_H

/* Nominal; the oscillator is good for some percent. */
enum { WATCHDOG_MS = 4000 };

void watchdog_start(void);
void watchdog_feed(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The independent watchdog, which has a separate 32 kHz oscillator. Software
 * cannot stop the watchdog. It pauses while a debugger halts the core.
 */
#ifndef TETHER_SOC_STM32H7RS_WATCHDOG_H
#define TETHER_SOC_STM32H7RS_WATCHDOG_H

/* Nominal time; the oscillator is a few percent off. */
enum { WATCHDOG_MS = 4000 };

/** Start with a time-out of WATCHDOG_MS. */
void watchdog_start(void);

/** Restart the time-out. */
void watchdog_feed(void);

#endif

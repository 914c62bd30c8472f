/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults: registers and a backtrace go to RTT and to the crash record in
 * backup SRAM, then the chip is reset; the next start logs the record. With a
 * debugger attached it stops at a breakpoint before.
 *
 * There are no frame pointers, so the backtrace is every word on the stack
 * that follows a call instruction within the code. It can name a call that has
 * returned already; none that is under way is missing.
 */
#ifndef TETHER_SOC_STM32H7RS_FAULT_H
#define TETHER_SOC_STM32H7RS_FAULT_H

#include <stdbool.h>

#include "soc/stm32h7rs/backup.h"

/* Room for fault_format()'s longest: some 220 characters of registers, and
 * CRASH_RECORD_CALLS addresses. */
enum { FAULT_TEXT = 384 };

/** Every exception that has no handler of its own. */
void fault_handler(void);

/** Copy the record of the last fault, if there is one, and forget it. */
bool fault_take(struct crash_record *record);

/** "BusFault 5 at 24001234 after ...": all registers there are, and the calls;
 * cut to cap. */
void fault_format(const struct crash_record *record, char *text, int cap);

/** Called in a fault, on the fault's stack: show it. An image has its own. */
void fault_show(const char *text);

#endif

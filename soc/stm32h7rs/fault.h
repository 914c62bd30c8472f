/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fault handler: writes registers and a backtrace to the crash record in backup
 * SRAM, reports them, and resets the chip. The next start logs the record. With
 * a debugger attached, the handler stops at a breakpoint before the reset.
 *
 * The code has no frame pointers. The backtrace therefore lists every word on
 * the stack that is a return address of a call instruction. The list contains
 * all active calls, and possibly calls that have returned.
 */
#ifndef TETHER_SOC_STM32H7RS_FAULT_H
#define TETHER_SOC_STM32H7RS_FAULT_H

#include <stdbool.h>

#include "soc/stm32h7rs/backup.h"

/* Buffer size for fault_format(): about 220 characters of registers, and
 * CRASH_RECORD_CALLS addresses. */
enum { FAULT_TEXT = 384 };

/** Handler of all exceptions that have no other handler. */
void fault_handler(void);

/** Copy the record of the last fault, and invalidate the stored record. false:
 * no record. */
bool fault_take(struct crash_record *record);

/** Format a record: "BusFault 5 at 24001234 after ...", with all registers and
 * calls. Truncates to cap bytes. */
void fault_format(const struct crash_record *record, char *text, int cap);

/** Report a fault. Runs on the fault handler's stack. An image may define this
 * function; the default does nothing. */
void fault_show(const char *text);

#endif

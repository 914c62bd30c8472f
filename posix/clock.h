/* SPDX-License-Identifier: Apache-2.0 */
/* A monotonic clock for time-outs. */
#ifndef TETHER_POSIX_CLOCK_H
#define TETHER_POSIX_CLOCK_H

#include <stdint.h>

/** Milliseconds of CLOCK_MONOTONIC. Wraps around after 49 days: compare
 * differences only. */
uint32_t clock_now_ms(void);

#endif

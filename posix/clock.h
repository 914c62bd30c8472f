/* SPDX-License-Identifier: Apache-2.0 */
/* A clock for time-outs. */
#ifndef TETHER_POSIX_CLOCK_H
#define TETHER_POSIX_CLOCK_H

#include <stdint.h>

/** Milliseconds of a clock that only goes forward. */
uint32_t clock_now_ms(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts what a program asks of the heap while it is watched: malloc, calloc,
 * realloc, free and their kin, which the linker turns to the functions here
 * (--wrap, see meson.build). What the C library takes for itself is not seen.
 */
#ifndef TETHER_TESTS_DEVICE_ALLOCATIONS_H
#define TETHER_TESTS_DEVICE_ALLOCATIONS_H

#include <stdbool.h>

void allocations_watch(bool on);

/** Calls while watched, since the start; frees count as well. */
unsigned int allocations_seen(void);

/** Whether a call is seen at all: the program was linked as it has to be. */
bool allocations_work(void);

#endif

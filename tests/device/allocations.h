/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts calls of the heap functions: malloc, calloc, realloc, free and related
 * functions. The linker redirects the calls to the wrappers here (option
 * --wrap, see meson.build). Calls inside the C library are not counted.
 */
#ifndef TETHER_TESTS_DEVICE_ALLOCATIONS_H
#define TETHER_TESTS_DEVICE_ALLOCATIONS_H

#include <stdbool.h>

void allocations_watch(bool on);

/** Return the number of calls, free() included, while counting was enabled. */
unsigned int allocations_seen(void);

/** Return whether the wrappers work, which depends on the link options. */
bool allocations_work(void);

#endif

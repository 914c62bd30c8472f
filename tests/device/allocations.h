/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts calls of heap functions: malloc, calloc, realloc, free and related
 * ones. The linker redirects them to the wrappers here (--wrap, see
 * meson.build). Calls inside the C library are not counted.
 */
#ifndef TETHER_TESTS_DEVICE_ALLOCATIONS_H
#define TETHER_TESTS_DEVICE_ALLOCATIONS_H

#include <stdbool.h>

void allocations_watch(bool on);

/** Number of calls while counting is enabled; free() counts too. */
unsigned int allocations_seen(void);

/** Whether the wrappers work, which depends on the link options. */
bool allocations_work(void);

#endif

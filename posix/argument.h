/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands behind options on command lines of programs: numbers, ids,
 * addresses. Each is taken whole or not at all.
 */
#ifndef TETHER_POSIX_ARGUMENT_H
#define TETHER_POSIX_ARGUMENT_H

#include <stddef.h>
#include <stdint.h>

/** Unsigned number of a base, 0: as C writes it. ERR_INVALID: none, or not
 * within min and max; *value is left as it was. */
int argument_number(const char *text, int base, uint64_t min, uint64_t max,
		    uint64_t *value);

/** `size` bytes from twice as many hex digits: 0, or ERR_INVALID. */
int argument_hex(const char *text, uint8_t *out, size_t size);

/** ADDR:PORT, [ADDR]:PORT or ADDR; without PORT *port stays. The address goes
 * into `cap` bytes and is not looked at. ERR_INVALID: none of these, or too
 * long. */
int argument_address(const char *text, char *address, size_t cap,
		     uint16_t *port);

#endif

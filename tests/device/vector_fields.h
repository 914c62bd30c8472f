/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encodes the readable form of vectors: the name of a layout and the values of
 * its fields. tests/vectors/fields.layouts contains the layouts and describes
 * both grammars.
 */
#ifndef TETHER_TESTS_DEVICE_VECTOR_FIELDS_H
#define TETHER_TESTS_DEVICE_VECTOR_FIELDS_H

#include <stddef.h>
#include <stdint.h>

/**
 * Read the layouts from a file. Later calls with the same path do nothing.
 * Returns ERR_OK, or ERR_IO or ERR_INVALID after a message on stderr.
 */
int vector_fields_load(const char *path);

/**
 * Encode "LAYOUT field=value... | LAYOUT field=value..." into at most `cap`
 * bytes. *len: receives the number of bytes. `text` is modified. Returns
 * ERR_OK, or ERR_INVALID after a message on stderr that names the unknown
 * layout, the unknown field or the bad value.
 */
int vector_fields_encode(char *text, uint8_t *out, size_t cap, size_t *len);

#endif

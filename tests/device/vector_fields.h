/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encodes the readable form of vectors: a message written as the name of a
 * layout and the values of its fields. The layouts are in
 * tests/vectors/fields.layouts, which also describes both grammars.
 */
#ifndef TETHER_TESTS_DEVICE_VECTOR_FIELDS_H
#define TETHER_TESTS_DEVICE_VECTOR_FIELDS_H

#include <stddef.h>
#include <stdint.h>

/**
 * Read the layouts, once for a path: later calls with it do nothing.
 * ERR_IO or ERR_INVALID after a message on stderr.
 */
int vector_fields_load(const char *path);

/**
 * Encode "LAYOUT field=value... | LAYOUT field=value..." into `cap` bytes;
 * *len is their number. `text` is modified. ERR_INVALID after a message on
 * stderr that names the unknown layout, field or bad value.
 */
int vector_fields_encode(char *text, uint8_t *out, size_t cap, size_t *len);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encodes the data that FunctionFS expects first on ep0: descriptors for both
 * speeds, and strings (linux/usb/functionfs.h).
 */
#ifndef TETHER_PORTS_FUNCTIONFS_HEAD_H
#define TETHER_PORTS_FUNCTIONFS_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FUNCTIONFS_HEAD_MAX = 128 };

/* Each returns the bytes written to buf, 0 if cap is too small. span: DSP0283
 * v1.1. */
size_t functionfs_descriptors(bool span, uint8_t *buf, size_t cap);
size_t functionfs_strings(uint8_t *buf, size_t cap);

#endif

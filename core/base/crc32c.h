/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRC-32C (Castagnoli, RFC 3720 B.4), as NVMe-MI's message integrity check
 * uses it. Slices by CRC32C_SLICES tables of 1 KiB, made at build time.
 */
#ifndef TETHER_BASE_CRC32C_H
#define TETHER_BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/**
 * CRC of `len` bytes after those that gave `crc`; 0 to start with.
 * crc32c(0, "123456789", 9) is E3069283h.
 */
uint32_t crc32c(uint32_t crc, const void *data, size_t len);

#endif

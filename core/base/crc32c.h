/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRC-32C (Castagnoli, RFC 3720 B.4): NVMe-MI's message integrity check. Uses
 * CRC32C_SLICES tables of 1 KiB, which the build generates.
 */
#ifndef TETHER_BASE_CRC32C_H
#define TETHER_BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/**
 * Continue a CRC over `len` more bytes. crc: result so far, 0 at the start.
 * crc32c(0, "123456789", 9) is E3069283h.
 */
uint32_t crc32c(uint32_t crc, const void *data, size_t len);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRC-32 (IEEE 802.3, as zlib's), with which PLDM checks what it transfers.
 * Slices by CRC32_SLICES tables of 1 KiB, made at build time.
 */
#ifndef TETHER_BASE_CRC32_H
#define TETHER_BASE_CRC32_H

#include <stddef.h>
#include <stdint.h>

/**
 * CRC of `len` bytes after those that gave `crc`; 0 to start with.
 * crc32_ieee(0, "123456789", 9) is CBF43926h.
 */
uint32_t crc32_ieee(uint32_t crc, const void *data, size_t len);

/** The same, by the tables. */
uint32_t crc32_sliced(uint32_t crc, const void *data, size_t len);

/** Use a port's hardware for it from now on; NULL: the tables. */
typedef uint32_t (*crc32_fn)(uint32_t crc, const void *data, size_t len);
void crc32_set(crc32_fn fn);

#endif

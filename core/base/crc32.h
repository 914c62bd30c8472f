/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRC-32 of IEEE 802.3, the checksum of PLDM transfers; same values as zlib's
 * crc32(). Uses CRC32_SLICES tables of 1 KiB, which the build generates.
 */
#ifndef TETHER_BASE_CRC32_H
#define TETHER_BASE_CRC32_H

#include <stddef.h>
#include <stdint.h>

/**
 * Continue a CRC over `len` more bytes. crc: result so far, 0 at the start.
 * crc32_ieee(0, "123456789", 9) is CBF43926h.
 */
uint32_t crc32_ieee(uint32_t crc, const void *data, size_t len);

/** Compute crc32_ieee() in portable C. crc32_set() has no effect. */
uint32_t crc32_sliced(uint32_t crc, const void *data, size_t len);

/** An implementation of crc32_ieee(), for example with CPU instructions. */
typedef uint32_t (*crc32_fn)(uint32_t crc, const void *data, size_t len);

/** Select the implementation that crc32_ieee() calls. NULL: portable C. */
void crc32_set(crc32_fn fn);

#endif

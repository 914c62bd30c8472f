/* SPDX-License-Identifier: Apache-2.0 */
/* Slicing algorithm for reflected CRCs, shared by crc32.c and crc32c.c. */
#ifndef TETHER_BASE_CRC_SLICE_H
#define TETHER_BASE_CRC_SLICE_H

#include <stddef.h>
#include <stdint.h>

static inline uint32_t crc_slice_le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

/* Look up the four bytes of v in four consecutive tables. */
static inline uint32_t crc_slice_word(uint32_t v, const uint32_t table[][256])
{
	return table[3][v & 0xff] ^ table[2][v >> 8 & 0xff] ^
	       table[1][v >> 16 & 0xff] ^ table[0][v >> 24];
}

/* Continue a CRC over `len` bytes at `p`. slices: number of tables, a constant
 * 1, 4, 8 or 16. */
static inline uint32_t crc_slice(const uint32_t table[][256], size_t slices,
				 uint32_t crc, const uint8_t *p, size_t len)
{
	crc = ~crc;
	for (; slices >= 4 && len >= slices; len -= slices) {
		uint32_t next = 0;

		for (size_t i = 0; i < slices; i += 4) {
			uint32_t v = crc_slice_le32(p + i) ^ (i ? 0 : crc);

			next ^= crc_slice_word(v, &table[slices - 4 - i]);
		}
		crc = next;
		p += slices;
	}
	while (len--)
		crc = crc >> 8 ^ table[0][(crc ^ *p++) & 0xff];
	return ~crc;
}

#endif

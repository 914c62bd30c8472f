#include "base/crc32c.h"

#include <stdbool.h>
#include <string.h>

#include "base/config.h"
#include "crc32c_table.h"

#if CRC32C_SLICES >= 4
static inline uint32_t le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

/* One word against the four tables that begin at `table`. */
static inline uint32_t word(uint32_t v, const uint32_t (*table)[256])
{
	return table[3][v & 0xff] ^ table[2][v >> 8 & 0xff] ^
	       table[1][v >> 16 & 0xff] ^ table[0][v >> 24];
}
#endif

uint32_t crc32c(uint32_t crc, const void *data, size_t len)
{
	const uint8_t *p = data;

	crc = ~crc;
#if CRC32C_SLICES >= 4
	for (; len >= CRC32C_SLICES; len -= CRC32C_SLICES) {
		uint32_t next = 0;

		for (size_t i = 0; i < CRC32C_SLICES; i += 4) {
			uint32_t v = le32(p + i) ^ (i ? 0 : crc);

			next ^= word(v, &crc32c_table[CRC32C_SLICES - 4 - i]);
		}
		crc = next;
		p += CRC32C_SLICES;
	}
#endif
	while (len--)
		crc = crc >> 8 ^ crc32c_table[0][(crc ^ *p++) & 0xff];
	return ~crc;
}

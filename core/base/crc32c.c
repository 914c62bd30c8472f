/* SPDX-License-Identifier: Apache-2.0 */
#include "base/crc32c.h"

#include "base/config.h"

#if CRC32C_SLICES
#include "base/crc_slice.h"
#include "crc32c_table.h"

uint32_t crc32c(uint32_t crc, const void *data, size_t len)
{
	return crc_slice(crc32c_table, CRC32C_SLICES, crc, data, len);
}
#else
uint32_t crc32c(uint32_t crc, const void *data, size_t len)
{
	const uint8_t *p = data;

	crc = ~crc;
	while (len--) {
		crc ^= *p++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}
#endif

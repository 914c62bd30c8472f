/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/board/cksum.h"

enum { POLYNOMIAL = 0x04c11db7, SLICES = 8 };

/* table[n][b] is the CRC of byte b and n zero bytes. Eight bytes at a time are
 * five times as fast as one. */
static uint32_t table[SLICES][256];

static void fill_tables(void)
{
	for (uint32_t b = 0; b < 256; b++) {
		uint32_t crc = b << 24;

		for (int bit = 0; bit < 8; bit++)
			crc = crc << 1 ^ (crc >> 31 ? POLYNOMIAL : 0U);
		table[0][b] = crc;
	}
	for (int n = 1; n < SLICES; n++)
		for (int b = 0; b < 256; b++)
			table[n][b] = table[n - 1][b] << 8 ^
				      table[0][table[n - 1][b] >> 24];
}

uint32_t cksum_update(uint32_t crc, const void *data, size_t len)
{
	const uint8_t *p = data;

	if (!table[0][1])
		fill_tables();
	for (; len >= SLICES; len -= SLICES, p += SLICES)
		crc = table[7][p[0] ^ crc >> 24] ^
		      table[6][p[1] ^ (crc >> 16 & 0xff)] ^
		      table[5][p[2] ^ (crc >> 8 & 0xff)] ^
		      table[4][p[3] ^ (crc & 0xff)] ^ table[3][p[4]] ^
		      table[2][p[5]] ^ table[1][p[6]] ^ table[0][p[7]];
	while (len--)
		crc = crc << 8 ^ table[0][crc >> 24 ^ *p++];
	return crc;
}

uint32_t cksum_final(uint32_t crc, uint64_t len)
{
	for (; len; len >>= 8) {
		uint8_t byte = (uint8_t)len;

		crc = cksum_update(crc, &byte, 1);
	}
	return ~crc;
}

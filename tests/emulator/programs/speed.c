/* SPDX-License-Identifier: Apache-2.0 */
/* Measures the speed of plain code: bitwise CRC-32 over memory, with calls. */
#include "bare.h"

extern uint32_t stack_top;
void reset(void);

static uint8_t data[4096];

static uint32_t __attribute__((noinline)) crc32(uint32_t crc, uint8_t byte)
{
	crc ^= byte;
	for (int i = 0; i < 8; i++)
		crc = crc >> 1 ^ (0xEDB88320 & -(crc & 1));
	return crc;
}

void reset(void)
{
	uint32_t crc = 0xFFFFFFFF;

	for (uint32_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	for (int round = 0; round < 1000; round++)
		for (uint32_t i = 0; i < sizeof(data); i++)
			crc = crc32(crc, data[i]);
	print_hex("crc", crc);
	finish(1);
}

__attribute__((section(".vectors"), used)) static void *const vectors[] = {
	&stack_top,
	reset,
	reset,
	reset,
};

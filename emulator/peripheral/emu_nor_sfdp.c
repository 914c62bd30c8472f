/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of the SFDP area as little-endian words. */
#include "emulator/peripheral/emu_nor_sfdp.h"

#include <stddef.h>

static const uint32_t header[] = {
	0x50444653, /* "SFDP" */
	0xFD040108, /* revision 1.8, 5 tables, xSPI with 20 dummy clocks */
	/* Identifier, revision, words; address. */
	0x14010700, 0xFF000040, /* basic flash parameters */
	0x1C010087, 0xFF000090, /* status, control and configuration */
	0x0801000A, 0xFF000100, /* commands to enter 8-line DTR */
	0x05010005, 0xFF000120, /* xSPI profile 1.0 */
	0x02010084, 0xFF000134, /* instructions with 4 address bytes */
};

static const uint32_t basic[] = {
	0xFF8A20E5, /* 4 KiB erase 20h, 3 or 4 address bytes, DTR */
	0x0FFFFFFF, /* 256 Mbit */
	0xFF00FF00, 0xFF00FF00, 0xFFFFFFEE,
	0xFF00FFFF, 0xFF00FFFF, /* no 2-line and 4-line modes */
	0xD810200C,		/* 4 KiB: 20h, 64 KiB: D8h */
	0xFF00FF00,		/* no other erase sizes */
	0x00016987, /* erase typically 25 ms and 224 ms, at most 16 times that
		     */
	0x52001284, /* page 256 bytes, 152 us; chip erase 76 s */
	0x00000000, /* suspend latencies: not stated */
	0xB030B030, /* resume 30h, suspend B0h */
	0x5CD58004, /* status polling by 05h; deep power-down B9h, ABh */
	0x00000000, /* no quad enable */
	0x20001001, /* 4-byte instructions, reset by 66h and 99h, 06h */
	0x00000000, /* no 1-8-8, no 1-1-8 */
	0xA0800000, /* D1 D0 byte order, inverted second command byte */
	0x00000000, 0x8F86FFFF, /* 200 MHz with DQS */
};

/* Bit 31: the item exists; 28: it has an address; 15:8: read, 7:0: write. */
static const uint32_t registers[] = {
	0x00000000, 0x40000000, /* volatile and non-volatile registers */
	0xF0001100, 0xF0001100, /* commands with 4 address bytes, 4 dummy */
	0x80000500,		/* WIP: bit 0 of 05h */
	0x81000506,		/* WEL: bit 1 */
	0x85002B00, 0x86002B00, /* P_FAIL, E_FAIL: bits 5 and 6 of 2Bh */
	0xB8037172,		/* dummy clocks: 3 bits of register 300h */
	0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000,
	0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x90007172, /* 8-line
								       STR
								       enable:
								       register
								       0, bit 0
								     */
	0x00000000, 0x91007172, /* 8-line DTR enable: register 0, bit 1 */
	0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000,
};

/* Length and bytes of each command. */
static const uint32_t enter_dtr[] = {
	0x01060000, 0x00000000, /* write enable */
	0x06720000, 0x00000200, /* register 0 = 2 */
	0x00000000, 0x00000000, 0x00000000, 0x00000000,
};

static const uint32_t profile[] = {
	0xC000EE00, /* 8-line DTR read EEh */
	0x71717272, /* register read 71h and write 72h */
	0xB0FF8000, /* supported commands */
	0x00000A00, /* 200 MHz: 20 dummy clocks */
	0x80984514, /* 166 MHz: 16, 133 MHz: 12, 100 MHz: 10 */
};

static const uint32_t four_byte[] = {
	0x00000643, /* 13h, 0Ch, 12h, erase types 1 and 2 */
	0xFFFFDC21,
};

static const struct {
	uint32_t address, words;
	const uint32_t *word;
} tables[] = {
	{ 0x000, sizeof(header) / 4, header },
	{ 0x040, sizeof(basic) / 4, basic },
	{ 0x090, sizeof(registers) / 4, registers },
	{ 0x100, sizeof(enter_dtr) / 4, enter_dtr },
	{ 0x120, sizeof(profile) / 4, profile },
	{ 0x134, sizeof(four_byte) / 4, four_byte },
};

uint8_t emu_nor_sfdp_byte(uint32_t address)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		uint32_t offset = address - tables[i].address;

		if (offset < 4 * tables[i].words)
			return (uint8_t)(tables[i].word[offset / 4] >>
					 8 * (offset % 4));
	}
	return 0xff;
}

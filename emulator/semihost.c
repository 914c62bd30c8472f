/* SPDX-License-Identifier: Apache-2.0 */
/* The three calls of Arm's semihosting that the tests' programs make. */
#include <stdio.h>

#include "emulator/board.h"

enum {
	SYS_WRITEC = 0x03,
	SYS_WRITE0 = 0x04,
	SYS_EXIT = 0x18,
	SYS_EXIT_EXTENDED = 0x20,
	STOPPED_APPLICATION_EXIT = 0x20026,
};

static uint8_t byte_at(struct board *b, uint32_t address)
{
	const uint8_t *p = bus_memory(b, address, 1);

	return p ? *p : 0;
}

void semihost_call(struct board *b)
{
	uint32_t call = cpu_reg(b, 0), argument = cpu_reg(b, 1), word = 0;
	uint8_t c;

	switch (call) {
	case SYS_WRITEC:
		putchar(byte_at(b, argument));
		break;
	case SYS_WRITE0:
		while ((c = byte_at(b, argument++)))
			putchar(c);
		break;
	case SYS_EXIT:
		b->emu.ended = true;
		b->emu.status = argument != STOPPED_APPLICATION_EXIT;
		break;
	case SYS_EXIT_EXTENDED:
		b->emu.ended = true;
		bus_load(b, argument + 4, &word);
		b->emu.status = (int)(word & 0xff);
		break;
	default:
		emu_fail(&b->emu, "semihosting call 0x%x is not modelled",
			 call);
	}
	fflush(stdout);
}

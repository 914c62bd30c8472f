/* SPDX-License-Identifier: Apache-2.0 */
/* The calls of Arm semihosting that the test programs use: text output and
 * exit. */
#include <stdio.h>

#include "emulator/cpu/cpu.h"

enum {
	SYS_WRITEC = 0x03,
	SYS_WRITE0 = 0x04,
	SYS_EXIT = 0x18,
	SYS_EXIT_EXTENDED = 0x20,
	STOPPED_APPLICATION_EXIT = 0x20026,
};

static uint8_t byte_at(struct cpu *c, uint32_t address)
{
	const uint8_t *p = emu_memory_at(&c->machine->memory, address, 1);

	return p ? *p : 0;
}

void cpu_semihost_call(struct cpu *c)
{
	uint32_t call = cpu_reg(c, 0), argument = cpu_reg(c, 1), word = 0;
	struct emu *e = &c->machine->emu;
	uint8_t byte;

	switch (call) {
	case SYS_WRITEC:
		putchar(byte_at(c, argument));
		break;
	case SYS_WRITE0:
		while ((byte = byte_at(c, argument++)))
			putchar(byte);
		break;
	case SYS_EXIT:
		e->ended = true;
		e->status = argument != STOPPED_APPLICATION_EXIT;
		break;
	case SYS_EXIT_EXTENDED:
		e->ended = true;
		cpu_load(c, argument + 4, &word);
		e->status = (int)(word & 0xff);
		break;
	default:
		emu_fail(e,
			 "semihosting call 0x%x is not modelled; the calls are "
			 "SYS_WRITEC, SYS_WRITE0, SYS_EXIT and "
			 "SYS_EXIT_EXTENDED",
			 call);
	}
	fflush(stdout);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The registers of XSPI1. */
#include "emulator/peripheral/emu_xspi_bare.h"

#include <string.h>

#include "emulator/machine/machine.h"
#include "emulator/peripheral/emu_xspi_core.h"
#include "emulator/peripheral/rcc.h"

struct bare {
	struct emu *emu;
	uint32_t reg[EMU_XSPI_SIZE / 4];
};

static uint32_t read_register(void *state, uint32_t offset, unsigned int size)
{
	const struct bare *x = state;

	(void)size;
	return offset == XSPI_SR ? 0 : x->reg[offset / 4];
}

static void write_register(void *state, uint32_t offset, unsigned int size,
			   uint32_t value)
{
	struct bare *x = state;

	(void)size;
	if ((offset == XSPI_IR || offset == XSPI_AR || offset == XSPI_DR) &&
	    (x->reg[XSPI_CR / 4] & XSPI_CR_EN))
		emu_unmodelled(x->emu, "XSPI1 starts a command; the Nucleo has "
				       "no memory at XSPI1");
	x->reg[offset / 4] = value;
}

static void connect(void *state, struct machine *m)
{
	struct bare *x = state;

	x->emu = &m->emu;
}

static void reset(void *state, unsigned int unit)
{
	struct bare *x = state;

	(void)unit;
	memset(x->reg, 0, sizeof(x->reg));
}

const struct peripheral emu_xspi_bare_peripheral = {
	.name = "XSPI1",
	.base = 0x52005000,
	.size = EMU_XSPI_SIZE,
	.widths = PERIPHERAL_WORD,
	.clock_register = RCC_AHB5ENR,
	.clock_bit = 5,
	.state_size = sizeof(struct bare),
	.connect = connect,
	.reset = reset,
	.read = read_register,
	.write = write_register,
};

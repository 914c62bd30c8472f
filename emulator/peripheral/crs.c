/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of CRS. */
#include "emulator/peripheral/crs.h"

#include "emulator/peripheral/rcc.h"

enum { CR = 0, CFGR = 4 };

struct crs {
	uint32_t cr, cfgr;
};

static uint32_t read_register(void *state, uint32_t offset, unsigned int size)
{
	const struct crs *c = state;

	(void)size;
	return offset == CR ? c->cr : offset == CFGR ? c->cfgr : 0;
}

static void write_register(void *state, uint32_t offset, unsigned int size,
			   uint32_t value)
{
	struct crs *c = state;

	(void)size;
	if (offset == CR)
		c->cr = value;
	else if (offset == CFGR)
		c->cfgr = value;
}

static void reset(void *state, unsigned int unit)
{
	struct crs *c = state;

	(void)unit;
	*c = (struct crs){ .cr = 0x2000, .cfgr = 0x2022BB7F };
}

const struct peripheral crs_peripheral = {
	.name = "CRS",
	.base = 0x40008400,
	.size = 0x400,
	.widths = PERIPHERAL_WORD,
	.clock_register = RCC_APB1ENR2,
	.clock_bit = 1,
	.state_size = sizeof(struct crs),
	.reset = reset,
	.read = read_register,
	.write = write_register,
};

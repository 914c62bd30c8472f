/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of DWT and ITM. */
#include "emulator/cpu/dwt.h"

#include "emulator/machine/machine.h"

enum { DWT_CTRL = 0, DWT_CYCCNT = 4, CTRL_CYCCNTENA = 1 };

struct dwt {
	const struct emu *emu;
	uint32_t ctrl;
	uint64_t base; /* instruction count at which CYCCNT was 0 */
};

static void connect(void *state, struct machine *m)
{
	struct dwt *d = state;

	d->emu = &m->emu;
}

static void reset(void *state, unsigned int unit)
{
	struct dwt *d = state;

	(void)unit;
	d->ctrl = 0;
	d->base = 0;
}

static uint32_t read_register(void *state, uint32_t offset, unsigned int size)
{
	const struct dwt *d = state;

	(void)size;
	if (offset == DWT_CTRL)
		return 0x40000000 | d->ctrl; /* 4 comparators */
	if (offset == DWT_CYCCNT && (d->ctrl & CTRL_CYCCNTENA))
		return (uint32_t)(d->emu->insns - d->base);
	return 0;
}

static void write_register(void *state, uint32_t offset, unsigned int size,
			   uint32_t value)
{
	struct dwt *d = state;

	(void)size;
	if (offset == DWT_CTRL) {
		if (value & ~d->ctrl & CTRL_CYCCNTENA)
			d->base = d->emu->insns;
		d->ctrl = value & CTRL_CYCCNTENA;
	} else if (offset == DWT_CYCCNT) {
		d->base = d->emu->insns - value;
	}
}

const struct peripheral dwt_peripheral = {
	.name = "DWT",
	.base = 0xE0001000,
	.size = 0x1000,
	.widths = PERIPHERAL_WORD,
	.state_size = sizeof(struct dwt),
	.connect = connect,
	.reset = reset,
	.read = read_register,
	.write = write_register,
};

static uint32_t read_itm(void *state, uint32_t offset, unsigned int size)
{
	(void)state;
	(void)offset;
	(void)size;
	return 0;
}

static void write_itm(void *state, uint32_t offset, unsigned int size,
		      uint32_t value)
{
	(void)state;
	(void)offset;
	(void)size;
	(void)value;
}

const struct peripheral dwt_itm_peripheral = {
	.name = "ITM",
	.base = 0xE0000000,
	.size = 0x1000,
	.widths = PERIPHERAL_ANY_WIDTH,
	.read = read_itm,
	.write = write_itm,
};

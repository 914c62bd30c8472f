/* SPDX-License-Identifier: Apache-2.0 */
/* The CRC calculation unit, one bit at a time. */
#include "emulator/peripheral/crc.h"

#include "emulator/peripheral/rcc.h"

enum {
	DR = 0x00,
	IDR = 0x04,
	CR = 0x08,
	INIT = 0x10,
	POL = 0x14,
	CR_RESET = 1,
	CR_REV_OUT = 1 << 7,
};

#define INIT_RESET UINT32_C(0xFFFFFFFF)
#define POL_RESET UINT32_C(0x04C11DB7)

struct crc {
	uint32_t value, idr, cr, init, pol;
};

static unsigned int width_of(const struct crc *c)
{
	static const uint8_t widths[] = { 32, 16, 8, 7 };

	return widths[c->cr >> 3 & 3];
}

static uint32_t mask_of(const struct crc *c)
{
	return UINT32_MAX >> (32 - width_of(c));
}

static uint32_t reverse(uint32_t value, unsigned int bits)
{
	uint32_t reversed = 0;

	for (unsigned int i = 0; i < bits; i++)
		reversed |= (value >> i & 1) << (bits - 1 - i);
	return reversed;
}

/* CR.REV_IN reverses bytes, half-words or the word. */
static uint32_t reverse_input(const struct crc *c, uint32_t data,
			      unsigned int bits)
{
	unsigned int code = c->cr >> 5 & 3, unit = 4U << code;
	uint32_t out = 0, mask;

	if (!code)
		return data;
	if (unit > bits)
		unit = bits;
	mask = unit < 32 ? (UINT32_C(1) << unit) - 1 : UINT32_MAX;
	for (unsigned int at = 0; at < bits; at += unit)
		out |= reverse(data >> at & mask, unit) << at;
	return out;
}

static void add(struct crc *c, uint32_t data, unsigned int bits)
{
	unsigned int width = width_of(c);

	data = reverse_input(c, data, bits);
	for (unsigned int i = bits; i-- > 0;) {
		uint32_t top = c->value >> (width - 1) & 1;

		c->value = c->value << 1 & mask_of(c);
		if (top ^ (data >> i & 1))
			c->value ^= c->pol & mask_of(c);
	}
}

static uint32_t read_register(void *state, uint32_t offset, unsigned int size)
{
	const struct crc *c = state;

	(void)size;
	switch (offset) {
	case DR:
		return c->cr & CR_REV_OUT ? reverse(c->value, width_of(c))
					  : c->value;
	case IDR:
		return c->idr;
	case CR:
		return c->cr;
	case INIT:
		return c->init;
	case POL:
		return c->pol;
	default:
		return 0;
	}
}

static void write_register(void *state, uint32_t offset, unsigned int size,
			   uint32_t value)
{
	struct crc *c = state;

	if (offset == DR)
		add(c, value, 8 * size);
	else if (offset == IDR)
		c->idr = value;
	else if (offset == POL)
		c->pol = value;
	else if (offset == CR)
		c->cr = value & 0xF8;
	else if (offset == INIT)
		c->init = value;
	if (offset == INIT || (offset == CR && (value & CR_RESET)))
		c->value = c->init & mask_of(c);
}

static void reset(void *state, unsigned int unit)
{
	struct crc *c = state;

	(void)unit;
	*c = (struct crc){ .value = INIT_RESET,
			   .init = INIT_RESET,
			   .pol = POL_RESET };
}

const struct peripheral crc_peripheral = {
	.name = "CRC",
	.base = 0x58024C00,
	.size = 0x400,
	.widths = PERIPHERAL_ANY_WIDTH,
	.clock_register = RCC_AHB4ENR,
	.clock_bit = 19,
	.state_size = sizeof(struct crc),
	.reset = reset,
	.read = read_register,
	.write = write_register,
};

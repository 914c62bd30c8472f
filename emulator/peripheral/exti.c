/* SPDX-License-Identifier: Apache-2.0 */
/* Edge detection and pending bits of EXTI. Offsets as in ST's CMSIS device
 * header. */
#include "emulator/peripheral/exti.h"

#include <string.h>

#include "emulator/cpu/nvic.h"
#include "emulator/peripheral/sbs.h"

enum {
	RTSR1 = 0x00,
	FTSR1 = 0x04,
	SWIER1 = 0x08,
	SWIER2 = 0x28,
	IMR1 = 0x80,
	PR1 = 0x88,
	IMR2 = 0x90,
	PR2 = 0x98,
	LAST = 0xA4,
	PINS = 16,
	FIRST_IRQ = 16, /* of EXTI0 */
};

struct exti {
	struct machine *machine;
	const struct sbs *sbs;
	uint32_t reg[LAST / 4 + 1];
	uint16_t level; /* of lines 0 to 15 */
};

static void update(struct exti *x)
{
	uint32_t active = x->reg[PR1 / 4] & x->reg[IMR1 / 4];

	for (unsigned int i = 0; i < PINS; i++)
		nvic_set_line(x->machine->nvic, FIRST_IRQ + i, active >> i & 1);
}

void exti_set_pin(struct exti *x, unsigned int port, unsigned int pin,
		  bool high)
{
	uint16_t bit = (uint16_t)(1U << pin);
	bool was = x->level & bit;

	if (sbs_exti_port(x->sbs, pin) != port)
		return;
	x->level = high ? x->level | bit : x->level & (uint16_t)~bit;
	if (was == high)
		return;
	if (x->reg[(high ? RTSR1 : FTSR1) / 4] & bit)
		x->reg[PR1 / 4] |= bit;
	update(x);
}

static uint32_t read_register(void *state, uint32_t offset, unsigned int size)
{
	const struct exti *x = state;

	(void)size;
	return offset <= LAST ? x->reg[offset / 4] : 0;
}

/* A software trigger sets the pending bit of a line that is not masked. */
static void trigger(struct exti *x, uint32_t pending, uint32_t mask,
		    uint32_t value)
{
	x->reg[pending / 4] |= value & x->reg[mask / 4];
}

static void write_register(void *state, uint32_t offset, unsigned int size,
			   uint32_t value)
{
	struct exti *x = state;

	(void)size;
	if (offset > LAST)
		return;
	if (offset == PR1 || offset == PR2) {
		x->reg[offset / 4] &= ~value;
		/* Clearing the pending bit clears the trigger too. */
		x->reg[(offset == PR1 ? SWIER1 : SWIER2) / 4] &= ~value;
	} else {
		x->reg[offset / 4] = value;
	}
	if (offset == SWIER1)
		trigger(x, PR1, IMR1, value);
	else if (offset == SWIER2)
		trigger(x, PR2, IMR2, value);
	update(x);
}

static void connect(void *state, struct machine *m)
{
	struct exti *x = state;

	x->machine = m;
	x->sbs = bus_state(&m->bus, &sbs_peripheral);
}

static void reset(void *state, unsigned int unit)
{
	struct exti *x = state;

	(void)unit;
	memset(x->reg, 0, sizeof(x->reg));
	update(x);
}

const struct peripheral exti_peripheral = {
	.name = "EXTI",
	.base = 0x58000000,
	.size = 0x400,
	.widths = PERIPHERAL_WORD,
	.state_size = sizeof(struct exti),
	.connect = connect,
	.reset = reset,
	.read = read_register,
	.write = write_register,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* Registers without a function. */
#include "emulator/peripheral/passive.h"

#include <string.h>

enum { WORDS = 64, DBGMCU_DEV_ID = 0x485, DBGMCU_REVISION_Y = 0x1003 };

struct passive {
	uint32_t reg[WORDS];
};

static uint32_t read_register(void *state, uint32_t offset, unsigned int size)
{
	const struct passive *p = state;

	(void)size;
	return offset / 4 < WORDS ? p->reg[offset / 4] : 0;
}

static void write_register(void *state, uint32_t offset, unsigned int size,
			   uint32_t value)
{
	struct passive *p = state;

	(void)size;
	if (offset / 4 < WORDS)
		p->reg[offset / 4] = value;
}

static void reset_dbgmcu(void *state, unsigned int unit)
{
	struct passive *p = state;

	(void)unit;
	memset(p, 0, sizeof(*p));
	p->reg[0] = (uint32_t)DBGMCU_REVISION_Y << 16 | DBGMCU_DEV_ID;
}

const struct peripheral passive_dbgmcu_peripheral = {
	.name = "DBGMCU",
	.base = 0x5C001000,
	.size = 0x400,
	.widths = PERIPHERAL_WORD,
	.state_size = sizeof(struct passive),
	.reset = reset_dbgmcu,
	.read = read_register,
	.write = write_register,
};

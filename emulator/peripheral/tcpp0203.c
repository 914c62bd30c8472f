/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of the TCPP03-M20, as ST's driver of the part defines them. */
#include "emulator/peripheral/tcpp0203.h"

enum { SETTING, ACKNOWLEDGE, FLAGS, FLAGS_VBUS_OK = 1 << 5 };

void tcpp0203_start(struct tcpp0203 *t)
{
	t->addressed = true;
}

/* Two-bit fields are acknowledged with their bits exchanged. */
static uint8_t exchange(uint8_t setting, unsigned int shift)
{
	unsigned int field = setting >> shift & 3;

	return (uint8_t)((field >> 1 | (field & 1) << 1) << shift);
}

/* Bits 0 and 1: VCONN switch, 4 and 5: power mode. */
static uint8_t acknowledge(uint8_t setting)
{
	return (uint8_t)((setting & 0xCC) | exchange(setting, 0) |
			 exchange(setting, 4));
}

void tcpp0203_write(struct tcpp0203 *t, uint8_t byte)
{
	if (t->addressed)
		t->pointer = byte;
	else if (t->pointer++ == SETTING)
		t->setting = byte;
	t->addressed = false;
}

uint8_t tcpp0203_read(struct tcpp0203 *t)
{
	switch (t->pointer++) {
	case SETTING:
		return t->setting;
	case ACKNOWLEDGE:
		return acknowledge(t->setting);
	case FLAGS:
		return FLAGS_VBUS_OK;
	default:
		return 0;
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/* SysTick (DDI 0403 B3.3), and the DWT's cycle counter. */
#include "emulator/board.h"

enum {
	SYSTICK_ENABLE = 1,
	SYSTICK_TICKINT = 2,
	SYSTICK_CLKSOURCE = 4,
	SYSTICK_MASK = 0xffffff,
	SYSTICK_EXTERNAL_DIVIDER = 8, /* the external reference is HCLK/8 */
};

static uint64_t systick_tick_ps(const struct board *b)
{
	return b->emu.ps_per_insn * (b->nvic.systick_ctrl & SYSTICK_CLKSOURCE
					     ? 1
					     : SYSTICK_EXTERNAL_DIVIDER);
}

static uint64_t systick_period(const struct board *b)
{
	return ((uint64_t)b->nvic.systick_load + 1) * systick_tick_ps(b);
}

static void systick_arm(struct board *b)
{
	struct nvic *n = &b->nvic;

	emu_cancel(&b->emu, &n->systick);
	if ((n->systick_ctrl & SYSTICK_ENABLE) && n->systick_load)
		emu_schedule(&b->emu, &n->systick,
			     n->systick_from_ps + systick_period(b) -
				     emu_now(&b->emu));
}

void systick_wrapped(void *ctx)
{
	struct board *b = ctx;
	struct nvic *n = &b->nvic;

	n->systick_from_ps += systick_period(b);
	n->systick_flag = true;
	if (n->systick_ctrl & SYSTICK_TICKINT)
		nvic_pend(b, EXC_SYSTICK);
	/* The clock may have become faster since. */
	if (n->systick_from_ps + systick_period(b) < emu_now(&b->emu))
		n->systick_from_ps = emu_now(&b->emu);
	systick_arm(b);
}

static uint32_t systick_value(struct board *b)
{
	struct nvic *n = &b->nvic;
	uint64_t ticks;

	if (!(n->systick_ctrl & SYSTICK_ENABLE) || !n->systick_load)
		return 0;
	ticks = (emu_now(&b->emu) - n->systick_from_ps) / systick_tick_ps(b);
	return ticks > n->systick_load ? 0 : n->systick_load - (uint32_t)ticks;
}

static void systick_control(struct board *b, uint32_t value)
{
	struct nvic *n = &b->nvic;

	if ((value ^ n->systick_ctrl) & (SYSTICK_ENABLE | SYSTICK_CLKSOURCE))
		n->systick_from_ps = emu_now(&b->emu);
	n->systick_ctrl = value & 7;
	systick_arm(b);
}

uint32_t systick_read(struct board *b, uint32_t offset)
{
	struct nvic *n = &b->nvic;
	uint32_t value;

	switch (offset) {
	case 0x10:
		emu_fire(&b->emu); /* a wrap of this very moment */
		value = n->systick_ctrl | (uint32_t)n->systick_flag << 16;
		n->systick_flag = false;
		return value;
	case 0x14:
		return n->systick_load;
	case 0x18:
		return systick_value(b);
	default:
		return 0; /* CALIB: no reference is promised */
	}
}

void systick_write(struct board *b, uint32_t offset, uint32_t value)
{
	struct nvic *n = &b->nvic;

	if (offset == 0x10) {
		systick_control(b, value);
	} else if (offset == 0x14) {
		n->systick_load = value & SYSTICK_MASK;
		systick_arm(b);
	} else if (offset == 0x18) {
		n->systick_from_ps = emu_now(&b->emu);
		n->systick_flag = false;
		systick_arm(b);
	}
}

/* --- DWT, for CYCCNT --- */

uint32_t dwt_read(struct board *b, uint32_t offset)
{
	if (offset == 0)
		return 0x40000000 | b->nvic.dwt_ctrl;
	if (offset == 4 && (b->nvic.dwt_ctrl & 1))
		return (uint32_t)(b->emu.insns - b->nvic.dwt_base);
	return 0;
}

void dwt_write(struct board *b, uint32_t offset, uint32_t value)
{
	if (offset == 0) {
		if (value & ~b->nvic.dwt_ctrl & 1)
			b->nvic.dwt_base = b->emu.insns;
		b->nvic.dwt_ctrl = value & 1;
	} else if (offset == 4) {
		b->nvic.dwt_base = b->emu.insns - value;
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The SysTick counter as a function of virtual time. */
#include "emulator/cpu/systick.h"

#include "emulator/cpu/nvic.h"

enum {
	CSR = 0x10,
	RVR = 0x14,
	CVR = 0x18,
	CSR_ENABLE = 1,
	CSR_TICKINT = 2,
	CSR_CLKSOURCE = 4,
	COUNTER_MASK = 0xffffff,
	EXTERNAL_DIVIDER = 8, /* the external reference is HCLK/8 */
};

static uint64_t tick_ps(const struct systick *s)
{
	return s->emu->ps_per_insn *
	       (s->ctrl & CSR_CLKSOURCE ? 1 : EXTERNAL_DIVIDER);
}

static uint64_t period_ps(const struct systick *s)
{
	return ((uint64_t)s->load + 1) * tick_ps(s);
}

static void schedule_wrap(struct systick *s)
{
	emu_cancel(s->emu, &s->wrap);
	if ((s->ctrl & CSR_ENABLE) && s->load)
		emu_schedule(s->emu, &s->wrap,
			     s->from_ps + period_ps(s) - emu_now(s->emu));
}

static void on_wrap(void *ctx)
{
	struct systick *s = ctx;

	s->from_ps += period_ps(s);
	s->wrapped = true;
	if (s->ctrl & CSR_TICKINT)
		nvic_pend(s->nvic, EXC_SYSTICK);
	/* A faster clock may have shortened the period: start a new period
	 * now. */
	if (s->from_ps + period_ps(s) < emu_now(s->emu))
		s->from_ps = emu_now(s->emu);
	schedule_wrap(s);
}

static uint32_t read_counter(const struct systick *s)
{
	uint64_t ticks;

	if (!(s->ctrl & CSR_ENABLE) || !s->load)
		return 0;
	ticks = (emu_now(s->emu) - s->from_ps) / tick_ps(s);
	return ticks > s->load ? 0 : s->load - (uint32_t)ticks;
}

static void write_csr(struct systick *s, uint32_t value)
{
	if ((value ^ s->ctrl) & (CSR_ENABLE | CSR_CLKSOURCE))
		s->from_ps = emu_now(s->emu);
	s->ctrl = value & 7;
	schedule_wrap(s);
}

uint32_t systick_read(struct systick *s, uint32_t offset)
{
	uint32_t value;

	switch (offset) {
	case CSR:
		emu_fire(s->emu); /* a wrap that is due at this instruction */
		value = s->ctrl | (uint32_t)s->wrapped << 16;
		s->wrapped = false;
		return value;
	case RVR:
		return s->load;
	case CVR:
		return read_counter(s);
	default:
		return 0; /* CALIB: no calibration value */
	}
}

void systick_write(struct systick *s, uint32_t offset, uint32_t value)
{
	if (offset == CSR) {
		write_csr(s, value);
	} else if (offset == RVR) {
		s->load = value & COUNTER_MASK;
		schedule_wrap(s);
	} else if (offset == CVR) {
		s->from_ps = emu_now(s->emu);
		s->wrapped = false;
		schedule_wrap(s);
	}
}

void systick_reset(struct systick *s)
{
	emu_cancel(s->emu, &s->wrap);
	*s = (struct systick){ .emu = s->emu,
			       .nvic = s->nvic,
			       .wrap = { .fire = on_wrap, .ctx = s } };
}

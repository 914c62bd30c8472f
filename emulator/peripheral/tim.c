/* SPDX-License-Identifier: Apache-2.0 */
/* The counters as functions of virtual time. Offsets and bits as in ST's CMSIS
 * device header. */
#include "emulator/peripheral/tim.h"

#include <stdbool.h>
#include <string.h>

#include "emulator/cpu/nvic.h"
#include "emulator/machine/machine.h"
#include "emulator/peripheral/rcc.h"

enum {
	CR1 = 0x00,
	SMCR = 0x08,
	DIER = 0x0C,
	SR = 0x10,
	EGR = 0x14,
	CCMR1 = 0x18,
	CCER = 0x20,
	CNT = 0x24,
	PSC = 0x28,
	ARR = 0x2C,
	RCR = 0x30,
	CCR1 = 0x34,
	LAST = 0x64,
	CR1_CEN = 1,
	CR1_UDIS = 1 << 1,
	CR1_URS = 1 << 2,
	CR1_OPM = 1 << 3,
	CR1_DIRECTION = 7 << 4,
	CR1_ARPE = 1 << 7,
	SR_UIF = 1,
	SR_CC1IF = 2,
	EGR_UG = 1,
	UNITS = 9,
	COMPARE_FLAGS = 15 << 1,
};

struct tim_block;

struct tim {
	struct tim_block *block;
	uint32_t reg[LAST / 4 + 1];
	/* The preloaded registers in use, since the last update event. */
	uint32_t psc, arr, repeats;
	uint32_t base; /* of the counter at base_ps */
	uint64_t base_ps;
	uint64_t tick_ps_scaled; /* 2^16 times the tick in ps */
	struct emu_event event;
};

struct config {
	uint8_t apb;
	uint8_t update_irq[UNITS], compare_irq[UNITS];
	uint8_t channels[UNITS];
	uint16_t wide; /* bit n: unit n counts 32 bits */
};

struct tim_block {
	struct machine *machine;
	const struct rcc *rcc;
	const struct config *config;
	struct tim unit[UNITS];
};

static uint32_t reg(const struct tim *t, uint32_t offset)
{
	return t->reg[offset / 4];
}

static struct emu *emu_of(const struct tim *t)
{
	return &t->block->machine->emu;
}

static unsigned int unit_of(const struct tim *t)
{
	return (unsigned int)(t - t->block->unit);
}

static uint32_t mask_of(const struct tim *t)
{
	return t->block->config->wide >> unit_of(t) & 1 ? UINT32_MAX : 0xffff;
}

static bool is_running(const struct tim *t)
{
	return (reg(t, CR1) & CR1_CEN) && t->arr && t->tick_ps_scaled;
}

/* 2^16 times the duration of a count, so that a fast clock has no rounding
 * error that adds up. */
static uint64_t find_tick(const struct tim *t)
{
	uint64_t hz = rcc_timer_hz(t->block->rcc, t->block->config->apb);

	return hz ? (t->psc + UINT64_C(1)) * (EMU_S << 4) / hz << 12 : 0;
}

static uint64_t ticks_to_ps(const struct tim *t, uint64_t ticks)
{
	uint64_t whole = t->tick_ps_scaled >> 16;
	uint64_t part = t->tick_ps_scaled & 0xffff;

	return ticks * whole + (ticks * part + 0xffff) / 0x10000;
}

static uint64_t elapsed_ticks(const struct tim *t)
{
	uint64_t ps = emu_now(emu_of(t)) - t->base_ps;

	/* More than 2^47 ps (140 s) between two events does not occur with a
	 * 16-bit counter; a 32-bit counter loses the fraction. */
	if (ps >> 47)
		return ps / (t->tick_ps_scaled >> 16);
	return (ps << 16) / t->tick_ps_scaled;
}

static uint32_t read_counter(const struct tim *t)
{
	uint64_t count;

	if (!is_running(t))
		return t->base & mask_of(t);
	count = t->base + elapsed_ticks(t);
	return count > t->arr ? t->arr : (uint32_t)count;
}

/* Set the counter, and let it continue from now. */
static void rebase(struct tim *t, uint32_t count)
{
	t->base = count;
	t->base_ps = emu_now(emu_of(t));
}

static void update_interrupt(struct tim *t)
{
	const struct config *c = t->block->config;
	uint32_t active = reg(t, SR) & reg(t, DIER);
	unsigned int n = unit_of(t);
	uint32_t update = c->compare_irq[n] ? active & SR_UIF : active;

	nvic_set_line(t->block->machine->nvic, c->update_irq[n], update);
	if (c->compare_irq[n])
		nvic_set_line(t->block->machine->nvic, c->compare_irq[n],
			      active & COMPARE_FLAGS);
}

/* Whether a channel is an output: CCxS is 0. */
static bool is_compare(const struct tim *t, unsigned int channel)
{
	uint32_t ccmr = reg(t, CCMR1 + 4 * (channel / 2));

	return !(ccmr >> 8 * (channel % 2) & 3);
}

static unsigned int channels_of(const struct tim *t)
{
	return t->block->config->channels[unit_of(t)];
}

/* Schedule the next compare match or overflow. */
static void schedule(struct tim *t)
{
	uint64_t best, at;
	uint32_t now;

	emu_cancel(emu_of(t), &t->event);
	if (!is_running(t))
		return;
	now = read_counter(t);
	best = (uint64_t)t->arr + 1;
	for (unsigned int i = 0; i < channels_of(t); i++) {
		uint32_t ccr = reg(t, CCR1 + 4 * i);

		if (is_compare(t, i) && ccr > now && ccr <= t->arr &&
		    ccr < best)
			best = ccr;
	}
	at = t->base_ps + ticks_to_ps(t, best - t->base);
	emu_schedule(emu_of(t), &t->event,
		     at > emu_now(emu_of(t)) ? at - emu_now(emu_of(t)) : 0);
}

static void load_preloaded(struct tim *t)
{
	t->psc = reg(t, PSC) & 0xffff;
	t->arr = reg(t, ARR) & mask_of(t);
	t->repeats = reg(t, RCR);
	t->tick_ps_scaled = find_tick(t);
}

static void overflow(struct tim *t)
{
	rebase(t, 0);
	if (t->repeats) {
		t->repeats--;
		return;
	}
	if (reg(t, CR1) & CR1_UDIS)
		return;
	load_preloaded(t);
	t->reg[SR / 4] |= SR_UIF;
	if (reg(t, CR1) & CR1_OPM)
		t->reg[CR1 / 4] &= ~(uint32_t)CR1_CEN;
}

static void match_channels(struct tim *t, uint32_t count)
{
	for (unsigned int i = 0; i < channels_of(t); i++)
		if (is_compare(t, i) && reg(t, CCR1 + 4 * i) == count)
			t->reg[SR / 4] |= (uint32_t)SR_CC1IF << i;
}

static void on_event(void *ctx)
{
	struct tim *t = ctx;
	uint64_t count = t->base + elapsed_ticks(t);

	if (count > t->arr) {
		overflow(t);
		match_channels(t, 0);
	} else {
		match_channels(t, (uint32_t)count);
	}
	schedule(t);
	update_interrupt(t);
}

/* --- registers --- */

static void write_cr1(struct tim *t, uint32_t value)
{
	uint32_t count = read_counter(t);
	bool starts = value & ~reg(t, CR1) & CR1_CEN;

	if (value & CR1_DIRECTION)
		emu_unmodelled(emu_of(t),
			       "TIM CR1: down-counting and centre-aligned "
			       "modes are not modelled");
	t->reg[CR1 / 4] = value;
	if (starts)
		t->tick_ps_scaled = find_tick(t);
	rebase(t, count);
}

static void generate(struct tim *t, uint32_t value)
{
	if (value & EGR_UG) {
		load_preloaded(t);
		rebase(t, 0);
		if (!(reg(t, CR1) & (CR1_UDIS | CR1_URS)))
			t->reg[SR / 4] |= SR_UIF;
	}
	t->reg[SR / 4] |= value & 0xfe;
}

static uint32_t read_register(void *state, uint32_t offset, unsigned int size)
{
	struct tim_block *b = state;
	struct tim *t = &b->unit[offset / PERIPHERAL_UNIT_SIZE];
	uint32_t at = offset % PERIPHERAL_UNIT_SIZE & ~3U, value = 0;

	if (at == CNT)
		value = read_counter(t);
	else if (at <= LAST)
		value = reg(t, at);
	value >>= 8 * (offset & 3);
	return size == 4 ? value : value & ((1U << 8 * size) - 1);
}

static void write_register(void *state, uint32_t offset, unsigned int size,
			   uint32_t value)
{
	struct tim_block *b = state;
	struct tim *t = &b->unit[offset / PERIPHERAL_UNIT_SIZE];
	uint32_t at = offset % PERIPHERAL_UNIT_SIZE & ~3U;

	(void)size;
	if (at == SR)
		t->reg[SR / 4] &= value;
	else if (at == CR1)
		write_cr1(t, value);
	else if (at == EGR)
		generate(t, value);
	else if (at == CNT)
		rebase(t, value & mask_of(t));
	else if (at <= LAST)
		t->reg[at / 4] = value;
	if (at == SMCR && (value & 0x10007))
		emu_unmodelled(emu_of(t),
			       "TIM SMCR: slave modes are not modelled");
	/* Without preload a new reload value is used at once. */
	if (at == ARR && !(reg(t, CR1) & CR1_ARPE)) {
		uint32_t count = read_counter(t);

		t->arr = value & mask_of(t);
		rebase(t, count);
	}
	schedule(t);
	update_interrupt(t);
}

static void reset(void *state, unsigned int unit)
{
	struct tim_block *b = state;
	struct tim *t = &b->unit[unit];

	emu_cancel(&b->machine->emu, &t->event);
	*t = (struct tim){
		.block = b,
		.event = { .fire = on_event, .ctx = t },
	};
	t->reg[ARR / 4] = mask_of(t);
	load_preloaded(t);
	update_interrupt(t);
}

static void connect(struct tim_block *b, struct machine *m,
		    const struct config *c)
{
	b->machine = m;
	b->config = c;
	b->rcc = bus_state(&m->bus, &rcc_peripheral);
}

static const struct config tim2_config = {
	.apb = 1,
	.update_irq = { 51, 52, 53, 54, 55, 56, 113, 114, 115 },
	.channels = { 4, 4, 4, 4, 0, 0, 2, 1, 1 },
	.wide = 15, /* TIM2 to TIM5 */
};

static void connect_tim2(void *state, struct machine *m)
{
	connect(state, m, &tim2_config);
}

static const char *const names2[] = { "2", "3",	 "4",  "5", "6",
				      "7", "12", "13", "14" };

const struct peripheral tim_2_peripheral = {
	.name = "TIM",
	.base = 0x40000000,
	.size = UNITS * PERIPHERAL_UNIT_SIZE,
	.widths = PERIPHERAL_ANY_WIDTH,
	.clock_register = RCC_APB1ENR1,
	.units = 0x1FF,
	.unit_names = names2,
	.state_size = sizeof(struct tim_block),
	.connect = connect_tim2,
	.reset = reset,
	.read = read_register,
	.write = write_register,
};

static const struct config tim1_config = {
	.apb = 2,
	.update_irq = { 48 },
	.compare_irq = { 50 },
	.channels = { 4 },
};

static void connect_tim1(void *state, struct machine *m)
{
	connect(state, m, &tim1_config);
}

const struct peripheral tim_1_peripheral = {
	.name = "TIM1",
	.base = 0x42000000,
	.size = PERIPHERAL_UNIT_SIZE,
	.widths = PERIPHERAL_ANY_WIDTH,
	.clock_register = RCC_APB2ENR,
	.state_size = sizeof(struct tim_block),
	.connect = connect_tim1,
	.reset = reset,
	.read = read_register,
	.write = write_register,
};

static const struct config tim15_config = {
	.apb = 2,
	.update_irq = { 116, 117, 118, 57 },
	.channels = { 2, 1, 1, 2 },
};

static void connect_tim15(void *state, struct machine *m)
{
	connect(state, m, &tim15_config);
}

static const char *const names15[] = { "15", "16", "17", "9" };

const struct peripheral tim_15_peripheral = {
	.name = "TIM",
	.base = 0x42004000,
	.size = 4 * PERIPHERAL_UNIT_SIZE,
	.widths = PERIPHERAL_ANY_WIDTH,
	.clock_register = RCC_APB2ENR,
	.clock_bit = 16,
	.units = 15,
	.unit_names = names15,
	.state_size = sizeof(struct tim_block),
	.connect = connect_tim15,
	.reset = reset,
	.read = read_register,
	.write = write_register,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of RNG, with a generator (xorshift) in place of noise. */
#include "emulator/peripheral/rng.h"

#include "emulator/cpu/nvic.h"
#include "emulator/machine/machine.h"
#include "emulator/peripheral/rcc.h"

enum {
	CR = 0x00,
	SR = 0x04,
	DR = 0x08,
	HTCR = 0x10,
	CR_RNGEN = 1 << 2,
	CR_IE = 1 << 3,
	CR_CED = 1 << 5,
	CR_CONDRST = 1 << 30,
	SR_DRDY = 1,
	SR_CECS = 1 << 1,
};

/* Chosen: the time until the next number. */
#define NUMBER_PS (4 * EMU_US)

struct rng {
	struct machine *machine;
	const struct rcc *rcc;
	uint32_t cr, htcr, seed;
	bool ready;
	struct emu_event number;
};

/* The clock is HSI48. */
static bool has_clock(const struct rng *r)
{
	return rcc_is_ready(r->rcc, RCC_HSI48);
}

static uint32_t read_sr(const struct rng *r)
{
	return (r->ready ? SR_DRDY : 0U) |
	       (has_clock(r) || (r->cr & CR_CED) ? 0U : SR_CECS);
}

static void update(struct rng *r)
{
	nvic_set_line(r->machine->nvic, rng_peripheral.irq,
		      (r->cr & CR_IE) && read_sr(r));
}

static void start(struct rng *r)
{
	if ((r->cr & CR_RNGEN) && !(r->cr & CR_CONDRST) && has_clock(r) &&
	    !r->ready && !r->number.armed)
		emu_schedule(&r->machine->emu, &r->number, NUMBER_PS);
}

static void on_number(void *ctx)
{
	struct rng *r = ctx;

	r->ready = true;
	update(r);
}

static uint32_t take_number(struct rng *r)
{
	if (!r->ready)
		return 0;
	r->seed ^= r->seed << 13;
	r->seed ^= r->seed >> 17;
	r->seed ^= r->seed << 5;
	r->ready = false;
	start(r);
	update(r);
	return r->seed;
}

static uint32_t read_register(void *state, uint32_t offset, unsigned int size)
{
	struct rng *r = state;

	(void)size;
	start(r); /* the clock may have become ready */
	switch (offset) {
	case CR:
		return r->cr;
	case SR:
		return read_sr(r);
	case DR:
		return take_number(r);
	case HTCR:
		return r->htcr;
	default:
		return 0;
	}
}

static void write_register(void *state, uint32_t offset, unsigned int size,
			   uint32_t value)
{
	struct rng *r = state;

	(void)size;
	if (offset == CR) {
		r->cr = value;
		if (!(value & CR_RNGEN) || (value & CR_CONDRST)) {
			r->ready = false;
			emu_cancel(&r->machine->emu, &r->number);
		}
		start(r);
	} else if (offset == HTCR) {
		r->htcr = value;
	}
	update(r);
}

static void connect(void *state, struct machine *m)
{
	struct rng *r = state;

	r->machine = m;
	r->rcc = bus_state(&m->bus, &rcc_peripheral);
}

static void reset(void *state, unsigned int unit)
{
	struct rng *r = state;

	(void)unit;
	emu_cancel(&r->machine->emu, &r->number);
	*r = (struct rng){ .machine = r->machine,
			   .rcc = r->rcc,
			   .cr = 0x00871F00,
			   .htcr = 0x000072AC,
			   .seed = 0x2545F491,
			   .number = { .fire = on_number, .ctx = r } };
	update(r);
}

static bool read_changes(uint32_t offset)
{
	return offset == DR;
}

const struct peripheral rng_peripheral = {
	.name = "RNG",
	.base = 0x48020000,
	.size = 0x400,
	.widths = PERIPHERAL_WORD,
	.clock_register = RCC_AHB3ENR,
	.clock_bit = 0,
	.irq = 37,
	.state_size = sizeof(struct rng),
	.connect = connect,
	.reset = reset,
	.read = read_register,
	.write = write_register,
	.read_changes = read_changes,
};

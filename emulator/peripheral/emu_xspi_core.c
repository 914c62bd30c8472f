/* SPDX-License-Identifier: Apache-2.0 */
/* The registers of XSPI2 and XSPIM. */
#include <string.h>

#include "emulator/cpu/nvic.h"
#include "emulator/peripheral/emu_xspi_core.h"
#include "emulator/peripheral/gpio.h"
#include "emulator/peripheral/pwr.h"
#include "emulator/peripheral/rcc.h"

/* Bits of CR that must not change while SR.BUSY is set. */
enum {
	CR_BUSY_LOCKED = 0x30000000 | XSPI_CR_TCEN | 3 << 22 | 1 << 24,
};

bool emu_xspi_is_mapped(const struct emu_xspi *x)
{
	return x->state == EMU_XSPI_MAPPED;
}

void emu_xspi_raise(struct emu_xspi *x, uint32_t flag)
{
	x->flags |= flag;
	/* The enable bits TEIE to TOIE are in the order of the flags. */
	if (emu_xspi_reg(x, XSPI_CR) >> 16 & flag)
		nvic_set_line(x->machine->nvic, emu_xspi_peripheral.irq, true);
}

void emu_xspi_set_state(struct emu_xspi *x, enum emu_xspi_state state)
{
	bool was_mapped = emu_xspi_is_mapped(x);

	x->state = state;
	if (was_mapped != emu_xspi_is_mapped(x))
		emu_memory_set_xspi_mapped(&x->machine->memory, !was_mapped);
}

void emu_xspi_schedule(struct emu_xspi *x, void (*fire)(void *), uint64_t in_ps)
{
	x->done.fire = fire;
	x->done.ctx = x;
	emu_schedule(x->emu, &x->done, in_ps);
}

static uint32_t read_sr(struct emu_xspi *x)
{
	uint32_t value, threshold = (emu_xspi_reg(x, XSPI_CR) >> 8 & 31) + 1, n;

	emu_xspi_receive(x);
	n = emu_xspi_level(x);
	value = x->flags | n << 8 | (emu_xspi_is_busy(x) ? XSPI_SR_BUSY : 0U);
	if (x->state == EMU_XSPI_READ &&
	    (n >= threshold || (n && x->arrived == x->length)))
		value |= XSPI_SR_FTF;
	if (x->state == EMU_XSPI_WRITE ||
	    (!emu_xspi_is_busy(x) && emu_xspi_fmode(x) == XSPI_FMODE_WRITE))
		value |= XSPI_SR_FTF;
	return value;
}

static uint32_t read_register(void *state, uint32_t offset, unsigned int size)
{
	struct emu_xspi *x = state;

	if (offset == XSPI_DR)
		return emu_xspi_read_data(x, size);
	if (size != 4) {
		emu_fail(x->emu,
			 "XSPI2+0x%03x is read by %u bytes; only DR has "
			 "accesses of 1 and 2 bytes",
			 offset, size);
		return 0;
	}
	return offset == XSPI_SR ? read_sr(x) : emu_xspi_reg(x, offset);
}

static void abort_transfer(struct emu_xspi *x)
{
	/* Some projects report that BUSY then stays set on the silicon. This is
	 * not confirmed and not modelled. */
	if (!emu_xspi_is_busy(x))
		return;
	emu_cancel(x->emu, &x->done);
	emu_xspi_set_state(x, EMU_XSPI_IDLE);
	emu_xspi_raise(x, XSPI_SR_TCF);
}

static void write_cr(struct emu_xspi *x, uint32_t value)
{
	uint32_t old = emu_xspi_reg(x, XSPI_CR);

	if (value & XSPI_CR_ABORT)
		abort_transfer(x);
	if (emu_xspi_is_busy(x) && (value ^ old) & CR_BUSY_LOCKED) {
		emu_fail(x->emu, "XSPI2 CR: FMODE, CSSEL, TCEN, APMS or PMM "
				 "changes while SR.BUSY is set; wait, or "
				 "abort first");
		return;
	}
	x->reg[XSPI_CR / 4] = value & ~(uint32_t)XSPI_CR_ABORT;
	if (!(value & XSPI_CR_EN) && emu_xspi_is_busy(x)) {
		emu_cancel(x->emu, &x->done);
		emu_xspi_set_state(x, EMU_XSPI_IDLE);
	}
	/* An abort ends memory-mapped mode and must not start it again. */
	if ((value & XSPI_CR_EN) && emu_xspi_fmode(x) == XSPI_FMODE_MAPPED &&
	    !emu_xspi_is_busy(x) && !(value & XSPI_CR_ABORT))
		emu_xspi_start_mapped(x);
}

static void on_calibrated(void *ctx)
{
	emu_xspi_set_state(ctx, EMU_XSPI_IDLE);
}

/* Writing IR, or AR if the command has an address, starts the command. */
static void write_plain(struct emu_xspi *x, uint32_t offset, uint32_t value)
{
	bool address = emu_xspi_has_address(x);
	bool data = emu_xspi_has_data(x), calibrates;

	if (emu_xspi_is_busy(x)) {
		emu_fail(x->emu,
			 "XSPI2+0x%03x is written while SR.BUSY is set; wait, "
			 "or abort first",
			 offset);
		return;
	}
	/* A new prescaler starts a calibration, other bits of DCR2 do not: ST's
	 * HAL writes DCR3 at once after WRAPSIZE. */
	calibrates = offset == XSPI_DCR2 &&
		     ((value ^ emu_xspi_reg(x, offset)) & 0xff);
	x->reg[offset / 4] = value;
	if (calibrates) {
		emu_xspi_set_state(x, EMU_XSPI_CALIBRATING);
		emu_xspi_schedule(x, on_calibrated, EMU_US);
	}
	if (emu_xspi_fmode(x) == XSPI_FMODE_MAPPED ||
	    !(emu_xspi_reg(x, XSPI_CR) & XSPI_CR_EN))
		return;
	if ((offset == XSPI_IR && !address) || (offset == XSPI_AR && address))
		if (!data || emu_xspi_fmode(x) != XSPI_FMODE_WRITE)
			emu_xspi_start(x);
}

static void write_register(void *state, uint32_t offset, unsigned int size,
			   uint32_t value)
{
	struct emu_xspi *x = state;

	if (offset == XSPI_DR) {
		emu_xspi_write_data(x, size, value);
		return;
	}
	if (size != 4) {
		emu_fail(x->emu,
			 "XSPI2+0x%03x is written by %u bytes; only DR has "
			 "accesses of 1 and 2 bytes",
			 offset, size);
		return;
	}
	if (offset == XSPI_CR) {
		write_cr(x, value);
	} else if (offset == XSPI_FCR) {
		x->flags &= ~value;
		nvic_set_line(x->machine->nvic, emu_xspi_peripheral.irq, false);
	} else if (offset < XSPI_WPCCR || !emu_xspi_is_busy(x)) {
		write_plain(x, offset, value);
	}
}

static void connect(void *state, struct machine *m)
{
	struct emu_xspi *x = state;

	x->machine = m;
	x->emu = &m->emu;
	x->nor = m->nor;
	x->gpio = bus_state(&m->bus, &gpio_peripheral);
	x->pwr = bus_state(&m->bus, &pwr_peripheral);
	x->rcc = bus_state(&m->bus, &rcc_peripheral);
}

static void reset(void *state, unsigned int unit)
{
	struct emu_xspi *x = state;

	(void)unit;
	emu_cancel(x->emu, &x->done);
	memset(x->reg, 0, sizeof(x->reg));
	x->flags = 0;
	emu_xspi_set_state(x, EMU_XSPI_IDLE);
}

static bool read_changes(uint32_t offset)
{
	return (offset & ~3U) == XSPI_DR;
}

const struct peripheral emu_xspi_peripheral = {
	.name = "XSPI2",
	.base = 0x5200A000,
	.size = EMU_XSPI_SIZE,
	.widths = PERIPHERAL_ANY_WIDTH,
	.clock_register = RCC_AHB5ENR,
	.clock_bit = 12,
	.irq = 106,
	.state_size = sizeof(struct emu_xspi),
	.connect = connect,
	.reset = reset,
	.read = read_register,
	.write = write_register,
	.read_changes = read_changes,
};

/* --- XSPIM, the I/O manager: its routing is not modelled --- */

enum { XSPIM_CR = 0 };

struct manager {
	const struct emu_xspi *xspi;
	uint32_t cr;
};

static uint32_t read_manager(void *state, uint32_t offset, unsigned int size)
{
	const struct manager *g = state;

	(void)size;
	return offset == XSPIM_CR ? g->cr : 0;
}

static void write_manager(void *state, uint32_t offset, unsigned int size,
			  uint32_t value)
{
	struct manager *g = state;

	(void)size;
	if (emu_xspi_reg(g->xspi, XSPI_CR) & XSPI_CR_EN)
		emu_fail(g->xspi->emu, "XSPIM CR is written while XSPI2 is "
				       "enabled; clear XSPI2 CR.EN first");
	else if (offset == XSPIM_CR)
		g->cr = value;
}

static void connect_manager(void *state, struct machine *m)
{
	struct manager *g = state;

	g->xspi = bus_state(&m->bus, &emu_xspi_peripheral);
}

static void reset_manager(void *state, unsigned int unit)
{
	struct manager *g = state;

	(void)unit;
	g->cr = 0;
}

const struct peripheral emu_xspi_manager_peripheral = {
	.name = "XSPIM",
	.base = 0x5200B400,
	.size = 0x400,
	.widths = PERIPHERAL_WORD,
	.clock_register = RCC_AHB5ENR,
	.clock_bit = 14,
	.state_size = sizeof(struct manager),
	.connect = connect_manager,
	.reset = reset_manager,
	.read = read_manager,
	.write = write_manager,
};

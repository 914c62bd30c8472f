/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "emulator/board.h"

enum {
	CR = 0x00,
	DCR1 = 0x08,
	DCR2 = 0x0C,
	SR = 0x20,
	FCR = 0x24,
	DLR = 0x40,
	AR = 0x48,
	DR = 0x50,
	PSMKR = 0x80,
	PSMAR = 0x88,
	CCR = 0x100,
	TCR = 0x108,
	IR = 0x110,
	WPCCR = 0x140,
	CR_EN = 1,
	CR_ABORT = 2,
	CR_TCEN = 1 << 3,
	CR_APMS = 1 << 22,
	CR_BUSY_LOCKED = 0x30000000 | CR_TCEN | 3 << 22 | 1 << 24,
	TEF = 1,
	TCF = 2,
	FTF = 4,
	SMF = 8,
	BUSY = 32,
	PORT_N = 13,
	AF_XSPI = 9,
	IRQ_XSPI2 = 106,
};

enum mode { FMODE_WRITE, FMODE_READ, FMODE_POLL, FMODE_MAPPED };

static uint32_t reg(const struct board *b, uint32_t offset)
{
	return b->xspi.reg[offset / 4];
}

static enum mode fmode(const struct board *b)
{
	return (enum mode)(reg(b, CR) >> 28 & 3);
}

static unsigned int lines(uint32_t mode)
{
	return (mode & 7) ? 1U << ((mode & 7) - 1) : 0;
}

static uint64_t clock_hz(const struct board *b)
{
	return rcc_xspi2_hz(b) / ((reg(b, DCR2) & 0xff) + 1);
}

static uint64_t byte_ps(const struct board *b)
{
	uint64_t hz = clock_hz(b);

	return hz ? 8 * (EMU_S / hz) : EMU_US;
}

static bool is_busy(const struct board *b)
{
	return b->xspi.state != XSPI_IDLE;
}

bool xspi_mapped(const struct board *b)
{
	return b->xspi.state == XSPI_MAPPED;
}

static void raise(struct board *b, uint32_t flag)
{
	b->xspi.flags |= flag;
	/* TEIE to TOIE are in the order of the flags. */
	if (reg(b, CR) >> 16 & flag)
		nvic_set_line(b, IRQ_XSPI2, true);
}

static void set_state(struct board *b, enum xspi_state state)
{
	bool was = xspi_mapped(b);

	b->xspi.state = state;
	if (was != xspi_mapped(b))
		bus_update(b);
}

/* --- is everything there that the wires need? --- */

static bool wired(struct board *b)
{
	static const struct {
		uint8_t pin;
		const char *name;
	} pins[] = { { 6, "CLK" }, { 1, "NCS1" }, { 2, "IO0" }, { 3, "IO1" } };

	if (!(reg(b, CR) & CR_EN)) {
		emu_fail(&b->emu, "XSPI2 is used while CR.EN is off");
		return false;
	}
	if (!pwr_xspi2_pads(b)) {
		emu_fail(&b->emu, "XSPI2 is used while PWR CSR2.EN_XSPIM2 is "
				  "off: its pads are not enabled");
		return false;
	}
	for (unsigned int i = 0; i < 4; i++) {
		if (gpio_function(b, PORT_N, pins[i].pin, AF_XSPI))
			continue;
		emu_fail(&b->emu, "XSPI2 is used while PN%u (%s) is not at AF9",
			 pins[i].pin, pins[i].name);
		return false;
	}
	if (!clock_hz(b) || clock_hz(b) > XSPI_CLOCK_MAX) {
		emu_fail(&b->emu,
			 "the flash is clocked with %u kHz; shown to work in "
			 "1-line mode is up to 66 MHz",
			 (unsigned int)(clock_hz(b) / 1000));
		return false;
	}
	return true;
}

static struct nor_command command(struct board *b)
{
	uint32_t ccr = reg(b, CCR);
	struct nor_command c = {
		.opcode = (uint16_t)reg(b, IR),
		.command_lines = lines(ccr),
		.address_lines = lines(ccr >> 8),
		.data_lines = lines(ccr >> 24),
		.dtr = ccr >> 3 & 1,
		.dummy = reg(b, TCR) & 31,
		.address = reg(b, AR),
	};

	if (c.address_lines)
		c.address_bytes = (ccr >> 12 & 3) + 1;
	return c;
}

/* --- transfers --- */

static void command_done(void *ctx)
{
	struct board *b = ctx;
	struct nor_command c = command(b);

	nor_run(b, &c);
	set_state(b, XSPI_IDLE);
	raise(b, TCF);
}

static void write_done(void *ctx)
{
	struct board *b = ctx;
	struct xspi *x = &b->xspi;
	struct nor_command c = command(b);

	c.data = x->write;
	c.length = x->length;
	c.write = true;
	nor_run(b, &c);
	set_state(b, XSPI_IDLE);
	raise(b, TCF);
}

static void poll_again(void *ctx)
{
	struct board *b = ctx;
	struct xspi *x = &b->xspi;
	struct nor_command c = command(b);
	uint8_t status = 0;

	c.data = &status;
	c.length = 1;
	nor_run(b, &c);
	if ((status & reg(b, PSMKR)) != (reg(b, PSMAR) & reg(b, PSMKR))) {
		emu_schedule(&b->emu, &x->done, 10 * EMU_US);
		return;
	}
	if (reg(b, CR) & CR_APMS)
		set_state(b, XSPI_IDLE);
	raise(b, SMF);
}

static void later(struct board *b, void (*fire)(void *), uint64_t in_ps)
{
	b->xspi.done.fire = fire;
	b->xspi.done.ctx = b;
	emu_schedule(&b->emu, &b->xspi.done, in_ps);
}

/* The bytes [arrived, arrived + n) into the FIFO by one command. */
static void fetch(struct board *b, uint32_t n)
{
	struct xspi *x = &b->xspi;
	struct nor_command c = command(b);
	uint8_t data[XSPI_FIFO];

	c.offset = x->arrived;
	c.data = data;
	c.length = n;
	nor_run(b, &c);
	for (uint32_t i = 0; i < n; i++)
		x->fifo[(x->arrived + i) % XSPI_FIFO] = data[i];
	x->arrived += n;
}

static void start_read(struct board *b)
{
	struct xspi *x = &b->xspi;
	uint64_t devsize = UINT64_C(2) << (reg(b, DCR1) >> 16 & 31);

	if (lines(reg(b, CCR) >> 8) && reg(b, AR) + x->length > devsize) {
		raise(b, TEF);
		return;
	}
	set_state(b, XSPI_READ);
	x->arrived = x->taken = 0;
	x->stopped = b->nor.reads + x->length > b->defects.flash_read;
	if (x->stopped)
		b->defects.flash_read = UINT64_MAX;
	/* Command and address are on the wires before the first byte. */
	x->last_ps = emu_now(&b->emu) + 6 * byte_ps(b);
}

static void start(struct board *b)
{
	struct xspi *x = &b->xspi;
	bool data = lines(reg(b, CCR) >> 24);

	if (!wired(b))
		return;
	x->length = reg(b, DLR) == UINT32_MAX ? NOR_SIZE : reg(b, DLR) + 1;
	if (!data) {
		set_state(b, XSPI_COMMAND);
		later(b, command_done, 5 * byte_ps(b));
	} else if (fmode(b) == FMODE_READ) {
		start_read(b);
	} else if (fmode(b) == FMODE_POLL) {
		set_state(b, XSPI_POLL);
		later(b, poll_again, 10 * EMU_US);
	}
}

static void start_mapped(struct board *b)
{
	uint8_t data[4];
	struct nor_command c = command(b);

	if (!wired(b))
		return;
	c.address = 0;
	c.data = data;
	c.length = sizeof(data);
	nor_run(b, &c); /* says what is wrong with the command */
	if (!b->emu.failed)
		set_state(b, XSPI_MAPPED);
}

/* --- data register --- */

static uint32_t level(struct board *b)
{
	const struct xspi *x = &b->xspi;

	return x->state == XSPI_READ ? x->arrived - x->taken : 0;
}

static void finish_read(struct board *b)
{
	struct xspi *x = &b->xspi;

	if (x->state == XSPI_READ && x->arrived == x->length)
		x->flags |= TCF;
	if (x->state == XSPI_READ && x->taken == x->length)
		set_state(b, XSPI_IDLE);
}

static void update(struct board *b)
{
	struct xspi *x = &b->xspi;
	uint64_t now = emu_now(&b->emu), per = byte_ps(b), n;
	uint32_t room = XSPI_FIFO - level(b), left = x->length - x->arrived;

	if (x->state != XSPI_READ || x->stopped || now < x->last_ps)
		return;
	n = (now - x->last_ps) / per;
	if (n > room || n > left) {
		n = room < left ? room : left;
		x->last_ps = now; /* the clock stands still meanwhile */
	} else {
		x->last_ps += n * per;
	}
	if (n)
		fetch(b, (uint32_t)n);
	finish_read(b);
}

static uint32_t take_data(struct board *b, unsigned int size)
{
	struct xspi *x = &b->xspi;
	uint32_t value = 0;

	if (x->state != XSPI_READ || x->length - x->taken < size) {
		emu_fail(&b->emu, "XSPI2 DR is read where no read has data "
				  "left");
		return 0;
	}
	/* The bus waits for what has not come in. */
	update(b);
	if (x->stopped) {
		emu_fail(&b->emu, "XSPI2 DR is read where no data will come: "
				  "the bus waits for ever");
		return 0;
	}
	if (x->arrived - x->taken < size) {
		emu_skip_to(&b->emu,
			    x->last_ps + (size - (x->arrived - x->taken)) *
						 byte_ps(b));
		update(b);
	}
	for (unsigned int i = 0; i < size && i < 4; i++, x->taken++)
		value |= (uint32_t)x->fifo[x->taken % XSPI_FIFO] << 8 * i;
	finish_read(b);
	return value;
}

static void give_data(struct board *b, unsigned int size, uint32_t value)
{
	struct xspi *x = &b->xspi;

	if (x->state == XSPI_IDLE) {
		if (fmode(b) != FMODE_WRITE || !lines(reg(b, CCR) >> 24)) {
			emu_fail(&b->emu, "XSPI2 DR is written where no write "
					  "is set up");
			return;
		}
		if (!wired(b))
			return;
		x->length = reg(b, DLR) + 1;
		x->taken = 0;
		set_state(b, XSPI_WRITE);
	}
	if (x->state != XSPI_WRITE || x->taken + size > x->length ||
	    x->taken + size > XSPI_WRITE_MAX) {
		emu_fail(&b->emu, "XSPI2 DR takes more bytes than DLR says");
		return;
	}
	for (unsigned int i = 0; i < size; i++, value >>= 8)
		x->write[x->taken++] = (uint8_t)value;
	if (x->taken == x->length)
		later(b, write_done, (5 + x->length) * byte_ps(b));
}

/* --- registers --- */

static uint32_t read_sr(struct board *b)
{
	const struct xspi *x = &b->xspi;
	uint32_t value, threshold = (reg(b, CR) >> 8 & 31) + 1, n;

	update(b);
	n = level(b);
	value = x->flags | n << 8 | (is_busy(b) ? BUSY : 0U);
	if (x->state == XSPI_READ &&
	    (n >= threshold || (n && x->arrived == x->length)))
		value |= FTF;
	if (x->state == XSPI_WRITE || (!is_busy(b) && fmode(b) == FMODE_WRITE))
		value |= FTF;
	return value;
}

uint32_t xspi_read(struct board *b, unsigned int unit, uint32_t offset,
		   unsigned int size)
{
	(void)unit;
	if (offset == DR)
		return take_data(b, size);
	if (size != 4) {
		emu_fail(&b->emu, "XSPI2+0x%03x is read by %u bytes", offset,
			 size);
		return 0;
	}
	return offset == SR ? read_sr(b) : reg(b, offset);
}

static void abort_transfer(struct board *b)
{
	if (!is_busy(b))
		return; /* said to wedge BUSY on some parts; not known */
	emu_cancel(&b->emu, &b->xspi.done);
	set_state(b, XSPI_IDLE);
	raise(b, TCF);
}

static void write_cr(struct board *b, uint32_t value)
{
	struct xspi *x = &b->xspi;
	uint32_t was = reg(b, CR);

	if (value & CR_ABORT)
		abort_transfer(b);
	if (is_busy(b) && (value ^ was) & CR_BUSY_LOCKED) {
		emu_fail(&b->emu, "XSPI2 CR: FMODE, CSSEL, TCEN, APMS or PMM "
				  "changes while BUSY");
		return;
	}
	x->reg[CR / 4] = value & ~(uint32_t)CR_ABORT;
	if (!(value & CR_EN) && is_busy(b)) {
		emu_cancel(&b->emu, &x->done);
		set_state(b, XSPI_IDLE);
	}
	/* An abort leaves the mode, and does not start it anew. */
	if ((value & CR_EN) && fmode(b) == FMODE_MAPPED && !is_busy(b) &&
	    !(value & CR_ABORT))
		start_mapped(b);
}

static void calibrated(void *ctx)
{
	set_state(ctx, XSPI_IDLE);
}

static void write_plain(struct board *b, uint32_t offset, uint32_t value)
{
	struct xspi *x = &b->xspi;
	bool address = lines(reg(b, CCR) >> 8);
	bool data = lines(reg(b, CCR) >> 24);

	if (is_busy(b)) {
		emu_fail(&b->emu, "XSPI2+0x%03x is written while BUSY", offset);
		return;
	}
	x->reg[offset / 4] = value;
	if (offset == DCR2) {
		set_state(b, XSPI_CALIBRATING);
		later(b, calibrated, EMU_US);
	}
	if (fmode(b) == FMODE_MAPPED || !(reg(b, CR) & CR_EN))
		return;
	if ((offset == IR && !address) || (offset == AR && address))
		if (!data || fmode(b) != FMODE_WRITE)
			start(b);
}

void xspi_write(struct board *b, unsigned int unit, uint32_t offset,
		unsigned int size, uint32_t value)
{
	(void)unit;
	if (offset == DR) {
		give_data(b, size, value);
		return;
	}
	if (size != 4) {
		emu_fail(&b->emu, "XSPI2+0x%03x is written by %u bytes", offset,
			 size);
		return;
	}
	if (offset == CR) {
		write_cr(b, value);
	} else if (offset == FCR) {
		b->xspi.flags &= ~value;
		nvic_set_line(b, IRQ_XSPI2, false);
	} else if (offset < WPCCR || !is_busy(b)) {
		write_plain(b, offset, value);
	}
}

void xspi_reset(struct board *b, unsigned int unit)
{
	bool was = xspi_mapped(b);

	(void)unit;
	emu_cancel(&b->emu, &b->xspi.done);
	memset(&b->xspi.reg, 0, sizeof(b->xspi.reg));
	b->xspi.flags = 0;
	b->xspi.state = XSPI_IDLE;
	if (was)
		bus_update(b);
}

uint32_t xspim_read(struct board *b, unsigned int unit, uint32_t offset,
		    unsigned int size)
{
	(void)unit;
	(void)size;
	return offset == 0 ? b->xspi.manager : 0;
}

void xspim_write(struct board *b, unsigned int unit, uint32_t offset,
		 unsigned int size, uint32_t value)
{
	(void)unit;
	(void)size;
	if (reg(b, CR) & CR_EN) {
		emu_fail(&b->emu, "XSPIM CR is written while XSPI2 is enabled");
		return;
	}
	if (offset == 0)
		b->xspi.manager = value;
}

void xspim_reset(struct board *b, unsigned int unit)
{
	(void)unit;
	b->xspi.manager = 0;
}

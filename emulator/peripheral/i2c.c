/* SPDX-License-Identifier: Apache-2.0 */
/* Registers and transfers of the I2C controllers. Offsets and bits as in ST's
 * CMSIS device header. */
#include "emulator/peripheral/i2c.h"

#include <stdbool.h>

#include "emulator/cpu/nvic.h"
#include "emulator/machine/machine.h"
#include "emulator/peripheral/rcc.h"
#include "emulator/peripheral/tcpp0203.h"

enum {
	CR1 = 0x00,
	CR2 = 0x04,
	TIMINGR = 0x10,
	ISR = 0x18,
	ICR = 0x1C,
	RXDR = 0x24,
	TXDR = 0x28,
	CR1_PE = 1,
	CR1_DMA = 3 << 14,
	CR2_READ = 1 << 10,
	CR2_ADD10 = 1 << 11,
	CR2_START = 1 << 13,
	CR2_STOP = 1 << 14,
	CR2_RELOAD = 1 << 24,
	CR2_AUTOEND = 1 << 25,
	ISR_TXE = 1,
	ISR_TXIS = 1 << 1,
	ISR_RXNE = 1 << 2,
	ISR_NACKF = 1 << 4,
	ISR_STOPF = 1 << 5,
	ISR_TC = 1 << 6,
	ISR_TCR = 1 << 7,
	ISR_BUSY = 1 << 15,
	ICR_FLAGS = 0x3F38,
	UNITS = 3,
	UNIT_I2C3 = 2,
	BYTE_CLOCKS = 9,
};

struct block;

struct i2c {
	struct block *block;
	uint32_t reg[11], isr;
	unsigned int left; /* bytes of NBYTES that are not transferred */
	bool present;	   /* a device has acknowledged the address */
	struct emu_event byte;
};

struct block {
	struct machine *machine;
	const struct rcc *rcc;
	struct i2c unit[UNITS];
	struct tcpp0203 tcpp;
};

static const uint8_t irqs[UNITS] = { 76, 78, 80 }; /* events; errors follow */

static uint32_t reg(const struct i2c *i, uint32_t offset)
{
	return i->reg[offset / 4];
}

static unsigned int unit_of(const struct i2c *i)
{
	return (unsigned int)(i - i->block->unit);
}

/* The enable bits TXIE to TCIE of CR1 are in the order of the flags. */
static void update(struct i2c *i)
{
	uint32_t enabled = 0, cr1 = reg(i, CR1);

	if (cr1 & 2)
		enabled |= ISR_TXIS;
	if (cr1 & 4)
		enabled |= ISR_RXNE;
	if (cr1 & 1 << 4)
		enabled |= ISR_NACKF;
	if (cr1 & 1 << 5)
		enabled |= ISR_STOPF;
	if (cr1 & 1 << 6)
		enabled |= ISR_TC | ISR_TCR;
	nvic_set_line(i->block->machine->nvic, irqs[unit_of(i)],
		      i->isr & enabled);
}

/* Time of a byte with its acknowledge: SCL low and high of TIMINGR. */
static uint64_t byte_ps(const struct i2c *i)
{
	enum rcc_kernel k = unit_of(i) ? RCC_KERNEL_I2C23 : RCC_KERNEL_I2C1;
	uint64_t hz = rcc_kernel_hz(i->block->rcc, k);
	uint32_t t = reg(i, TIMINGR);
	uint64_t clocks =
		((t & 255) + (t >> 8 & 255) + 2) * (uint64_t)((t >> 28) + 1);

	return hz ? BYTE_CLOCKS * clocks * EMU_S / hz : EMU_MS;
}

static void schedule_byte(struct i2c *i)
{
	emu_schedule(&i->block->machine->emu, &i->byte, byte_ps(i));
}

static void stop(struct i2c *i)
{
	i->isr =
		(i->isr & ~(uint32_t)(ISR_BUSY | ISR_TC | ISR_TCR | ISR_TXIS)) |
		ISR_STOPF;
	i->present = false;
	i->reg[CR2 / 4] &= ~(uint32_t)CR2_STOP;
	emu_cancel(&i->block->machine->emu, &i->byte);
}

/* All NBYTES are transferred. */
static void finish(struct i2c *i)
{
	uint32_t cr2 = reg(i, CR2);

	if (cr2 & CR2_RELOAD)
		i->isr |= ISR_TCR;
	else if (cr2 & CR2_AUTOEND)
		stop(i);
	else
		i->isr |= ISR_TC;
}

/* A byte time is over: the address, or a byte, was acknowledged. */
static void on_byte(void *ctx)
{
	struct i2c *i = ctx;

	if (!i->present) {
		i->isr |= ISR_NACKF;
		stop(i);
	} else if (!i->left) {
		finish(i);
	} else if (!(reg(i, CR2) & CR2_READ)) {
		i->isr |= ISR_TXIS | ISR_TXE;
	} else if (!(i->isr & ISR_RXNE)) {
		i->reg[RXDR / 4] = tcpp0203_read(&i->block->tcpp);
		i->isr |= ISR_RXNE;
		if (--i->left == 0)
			finish(i);
	}
	update(i);
}

static void start(struct i2c *i, uint32_t cr2)
{
	if (cr2 & CR2_ADD10)
		emu_unmodelled(&i->block->machine->emu,
			       "I2C CR2.ADD10: 10-bit addresses are not "
			       "modelled");
	i->present = unit_of(i) == UNIT_I2C3 && !(cr2 & CR2_ADD10) &&
		     (cr2 >> 1 & 0x7f) == TCPP0203_ADDRESS;
	i->left = cr2 >> 16 & 255;
	i->isr = (i->isr & ~(uint32_t)(ISR_TC | ISR_TCR | ISR_TXIS)) | ISR_BUSY;
	if (!(cr2 & CR2_READ))
		tcpp0203_start(&i->block->tcpp);
	i->reg[CR2 / 4] &= ~(uint32_t)CR2_START;
	schedule_byte(i);
}

static void write_cr2(struct i2c *i, uint32_t value)
{
	bool reload = i->isr & ISR_TCR;

	i->reg[CR2 / 4] = value;
	if (!(reg(i, CR1) & CR1_PE))
		return;
	if (value & CR2_START) {
		start(i, value);
	} else if (reload && (value >> 16 & 255)) {
		i->isr &= ~(uint32_t)ISR_TCR;
		i->left = value >> 16 & 255;
		schedule_byte(i);
	}
	if ((value & CR2_STOP) && (i->isr & ISR_BUSY))
		stop(i);
}

static void write_txdr(struct i2c *i, uint32_t value)
{
	if (!(i->isr & ISR_TXIS))
		return;
	i->isr &= ~(uint32_t)(ISR_TXIS | ISR_TXE);
	tcpp0203_write(&i->block->tcpp, (uint8_t)value);
	i->left--;
	schedule_byte(i);
}

/* PE = 0 resets the state machine and the flags. */
static void write_cr1(struct i2c *i, uint32_t value)
{
	i->reg[CR1 / 4] = value;
	if (value & CR1_DMA)
		emu_unmodelled(&i->block->machine->emu,
			       "I2C CR1: DMA requests are not modelled");
	if (value & CR1_PE)
		return;
	i->isr = ISR_TXE;
	i->present = false;
	emu_cancel(&i->block->machine->emu, &i->byte);
}

static uint32_t read_register(void *state, uint32_t offset, unsigned int size)
{
	struct block *b = state;
	struct i2c *i = &b->unit[offset / PERIPHERAL_UNIT_SIZE];
	uint32_t at = offset % PERIPHERAL_UNIT_SIZE;

	(void)size;
	if (at == ISR)
		return i->isr;
	if (at == RXDR && (i->isr & ISR_RXNE)) {
		i->isr &= ~(uint32_t)ISR_RXNE;
		if (i->left)
			schedule_byte(i);
		update(i);
	}
	return at <= TXDR ? reg(i, at) : 0;
}

static void write_register(void *state, uint32_t offset, unsigned int size,
			   uint32_t value)
{
	struct block *b = state;
	struct i2c *i = &b->unit[offset / PERIPHERAL_UNIT_SIZE];
	uint32_t at = offset % PERIPHERAL_UNIT_SIZE;

	(void)size;
	if (at == CR1)
		write_cr1(i, value);
	else if (at == CR2)
		write_cr2(i, value);
	else if (at == TXDR)
		write_txdr(i, value);
	else if (at == ICR)
		i->isr &= ~(value & ICR_FLAGS);
	else if (at == ISR) /* writing 1 to TXE flushes TXDR */
		i->isr |= value & ISR_TXE;
	else if (at < TXDR)
		i->reg[at / 4] = value;
	update(i);
}

static void connect(void *state, struct machine *m)
{
	struct block *b = state;

	b->machine = m;
	b->rcc = bus_state(&m->bus, &rcc_peripheral);
}

static void reset(void *state, unsigned int unit)
{
	struct block *b = state;
	struct i2c *i = &b->unit[unit];

	emu_cancel(&b->machine->emu, &i->byte);
	*i = (struct i2c){
		.block = b,
		.isr = ISR_TXE,
		.byte = { .fire = on_byte, .ctx = i },
	};
	update(i);
}

static bool read_changes(uint32_t offset)
{
	return offset % PERIPHERAL_UNIT_SIZE == RXDR;
}

static const char *const names[] = { "1", "2", "3" };

const struct peripheral i2c_peripheral = {
	.name = "I2C",
	.base = 0x40005400,
	.size = UNITS * PERIPHERAL_UNIT_SIZE,
	.widths = PERIPHERAL_WORD,
	.clock_register = RCC_APB1ENR1,
	.clock_bit = 21,
	.units = 7,
	.unit_names = names,
	.state_size = sizeof(struct block),
	.connect = connect,
	.reset = reset,
	.read = read_register,
	.write = write_register,
	.read_changes = read_changes,
};

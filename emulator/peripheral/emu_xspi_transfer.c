/* SPDX-License-Identifier: Apache-2.0 */
/* XSPI2's transfers: commands to the flash, its FIFO and their times. */
#include "emulator/peripheral/emu_nor.h"
#include "emulator/peripheral/emu_xspi_core.h"
#include "emulator/peripheral/gpio.h"
#include "emulator/peripheral/pwr.h"
#include "emulator/peripheral/rcc.h"

enum { AF_XSPI = 9, POLL_US = 10 };

static uint64_t clock_hz(const struct emu_xspi *x)
{
	return rcc_xspi2_hz(x->rcc) / ((emu_xspi_reg(x, XSPI_DCR2) & 0xff) + 1);
}

static unsigned int command_lines(const struct emu_xspi *x)
{
	return emu_xspi_lines(emu_xspi_reg(x, XSPI_CCR));
}

static bool is_dtr(const struct emu_xspi *x)
{
	return emu_xspi_reg(x, XSPI_CCR) >> 27 & 1; /* DDTR */
}

static uint64_t byte_ps(const struct emu_xspi *x)
{
	uint64_t hz = clock_hz(x), clocks = command_lines(x) == 8 ? 1 : 8;

	return hz ? clocks * EMU_S / hz / (is_dtr(x) ? 2 : 1) : EMU_US;
}

/* The highest clock of the flash for the command, from its data sheet: READ 66
 * MHz, others of the 1-line mode 133 MHz, 8-line modes 200 MHz. */
static uint64_t clock_max(const struct emu_xspi *x)
{
	uint32_t opcode = emu_xspi_reg(x, XSPI_IR);

	if (command_lines(x) == 8)
		return 200000000;
	return opcode == 0x03 || opcode == 0x13 ? 66000000 : 133000000;
}

/* Fail the run if the pins of XSPI2 cannot carry a command. */
static bool check_pins(struct emu_xspi *x)
{
	static const struct {
		uint8_t pin;
		const char *name;
	} pins[] = { { 6, "CLK" },  { 1, "NCS1" }, { 2, "IO0" }, { 3, "IO1" },
		     { 4, "IO2" },  { 5, "IO3" },  { 8, "IO4" }, { 9, "IO5" },
		     { 10, "IO6" }, { 11, "IO7" }, { 0, "DQS0" } };
	unsigned int count = command_lines(x) == 8 ? is_dtr(x) ? 11 : 10 : 4;

	if (!(emu_xspi_reg(x, XSPI_CR) & XSPI_CR_EN)) {
		emu_fail(x->emu,
			 "XSPI2 is used while CR.EN is off; set it first");
		return false;
	}
	if (!pwr_xspi2_pads(x->pwr)) {
		emu_fail(x->emu, "XSPI2 is used while PWR CSR2.EN_XSPIM2 is "
				 "off: its pads are not enabled. Set the bit "
				 "first");
		return false;
	}
	for (unsigned int i = 0; i < count; i++) {
		if (gpio_has_function(x->gpio, GPIO_PORT_N, pins[i].pin,
				      AF_XSPI))
			continue;
		emu_fail(x->emu,
			 "XSPI2 is used while PN%u (%s) is not at AF9; set "
			 "GPION MODER and AFR",
			 pins[i].pin, pins[i].name);
		return false;
	}
	if (!clock_hz(x)) {
		emu_fail(x->emu, "XSPI2 has no clock; select a running one in "
				 "RCC CCIPR1.XSPI2SEL");
		return false;
	}
	if (clock_hz(x) > clock_max(x))
		emu_violation(
			x->emu,
			"XSPI2 clocks the external flash with %u kHz; its "
			"data sheet allows %u kHz for this command. Set "
			"DCR2.PRESCALER or RCC CCIPR1.XSPI2SEL",
			(unsigned int)(clock_hz(x) / 1000),
			(unsigned int)(clock_max(x) / 1000));
	return true;
}

/* The command that the registers describe. */
static struct emu_nor_command build_command(struct emu_xspi *x)
{
	uint32_t ccr = emu_xspi_reg(x, XSPI_CCR);
	struct emu_nor_command c = {
		.opcode = (uint16_t)emu_xspi_reg(x, XSPI_IR),
		.command_lines = emu_xspi_lines(ccr),
		.address_lines = emu_xspi_lines(ccr >> 8),
		.data_lines = emu_xspi_lines(ccr >> 24),
		.dtr = ccr >> 3 & 1,
		.dummy = emu_xspi_reg(x, XSPI_TCR) & 31,
		.address = emu_xspi_reg(x, XSPI_AR),
		.strobe = ccr >> 29 & 1,
		/* DCR1.MTYP 1 (Macronix) undoes the order of the flash. */
		.swapped = is_dtr(x) &&
			   (emu_xspi_reg(x, XSPI_DCR1) >> 24 & 7) != 1,
	};

	if (c.address_lines)
		c.address_bytes = (ccr >> 12 & 3) + 1;
	return c;
}

/* --- transfers --- */

static void on_command_done(void *ctx)
{
	struct emu_xspi *x = ctx;
	struct emu_nor_command c = build_command(x);

	emu_nor_run(x->nor, &c);
	emu_xspi_set_state(x, EMU_XSPI_IDLE);
	emu_xspi_raise(x, XSPI_SR_TCF);
}

static void on_write_done(void *ctx)
{
	struct emu_xspi *x = ctx;
	struct emu_nor_command c = build_command(x);

	c.data = x->write;
	c.length = x->length;
	c.write = true;
	emu_nor_run(x->nor, &c);
	emu_xspi_set_state(x, EMU_XSPI_IDLE);
	emu_xspi_raise(x, XSPI_SR_TCF);
}

static void on_poll(void *ctx)
{
	struct emu_xspi *x = ctx;
	struct emu_nor_command c = build_command(x);
	uint8_t status = 0;

	c.data = &status;
	c.length = 1;
	emu_nor_run(x->nor, &c);
	if ((status & emu_xspi_reg(x, XSPI_PSMKR)) !=
	    (emu_xspi_reg(x, XSPI_PSMAR) & emu_xspi_reg(x, XSPI_PSMKR))) {
		emu_schedule(x->emu, &x->done, POLL_US * EMU_US);
		return;
	}
	if (emu_xspi_reg(x, XSPI_CR) & XSPI_CR_APMS)
		emu_xspi_set_state(x, EMU_XSPI_IDLE);
	emu_xspi_raise(x, XSPI_SR_SMF);
}

/* Read n more bytes from the flash into the FIFO. */
static void fetch(struct emu_xspi *x, uint32_t n)
{
	struct emu_nor_command c = build_command(x);
	uint8_t data[EMU_XSPI_FIFO];

	c.offset = x->arrived;
	c.data = data;
	c.length = n;
	emu_nor_run(x->nor, &c);
	for (uint32_t i = 0; i < n; i++)
		x->fifo[(x->arrived + i) % EMU_XSPI_FIFO] = data[i];
	x->arrived += n;
}

static void start_read(struct emu_xspi *x)
{
	uint64_t devsize = UINT64_C(2)
			   << (emu_xspi_reg(x, XSPI_DCR1) >> 16 & 31);

	if (emu_xspi_has_address(x) &&
	    emu_xspi_reg(x, XSPI_AR) + x->length > devsize) {
		emu_xspi_raise(x, XSPI_SR_TEF);
		return;
	}
	emu_xspi_set_state(x, EMU_XSPI_READ);
	x->arrived = x->moved = 0;
	x->stopped = x->nor->reads + x->length > x->machine->defects.flash_read;
	if (x->stopped)
		x->machine->defects.flash_read = UINT64_MAX;
	/* Command and address take the time of six bytes. */
	x->last_ps = emu_now(x->emu) + 6 * byte_ps(x);
}

void emu_xspi_start(struct emu_xspi *x)
{
	bool data = emu_xspi_has_data(x);

	if (!check_pins(x))
		return;
	x->length = emu_xspi_reg(x, XSPI_DLR) == UINT32_MAX
			    ? EMU_NOR_SIZE
			    : emu_xspi_reg(x, XSPI_DLR) + 1;
	if (!data) {
		emu_xspi_set_state(x, EMU_XSPI_COMMAND);
		emu_xspi_schedule(x, on_command_done, 5 * byte_ps(x));
	} else if (emu_xspi_fmode(x) == XSPI_FMODE_READ) {
		start_read(x);
	} else if (emu_xspi_fmode(x) == XSPI_FMODE_POLL) {
		emu_xspi_set_state(x, EMU_XSPI_POLL);
		emu_xspi_schedule(x, on_poll, POLL_US * EMU_US);
	}
}

void emu_xspi_start_mapped(struct emu_xspi *x)
{
	uint8_t data[4];
	struct emu_nor_command c = build_command(x);

	if (!check_pins(x))
		return;
	if (c.swapped)
		emu_unmodelled(x->emu, "memory-mapped mode with DTR and "
				       "DCR1.MTYP other than Macronix is not "
				       "modelled");
	c.address = 0;
	c.data = data;
	c.length = sizeof(data);
	emu_nor_run(x->nor,
		    &c); /* a trial read fails if the command is wrong */
	if (!x->emu->failed)
		emu_xspi_set_state(x, EMU_XSPI_MAPPED);
}

/* --- data register --- */

uint32_t emu_xspi_level(const struct emu_xspi *x)
{
	return x->state == EMU_XSPI_READ ? x->arrived - x->moved : 0;
}

static void finish_read(struct emu_xspi *x)
{
	if (x->state == EMU_XSPI_READ && x->arrived == x->length)
		x->flags |= XSPI_SR_TCF;
	if (x->state == EMU_XSPI_READ && x->moved == x->length)
		emu_xspi_set_state(x, EMU_XSPI_IDLE);
}

void emu_xspi_receive(struct emu_xspi *x)
{
	uint64_t now = emu_now(x->emu), per = byte_ps(x), n;
	uint32_t room = EMU_XSPI_FIFO - emu_xspi_level(x),
		 left = x->length - x->arrived;

	if (x->state != EMU_XSPI_READ || x->stopped || now < x->last_ps)
		return;
	n = (now - x->last_ps) / per;
	if (n > room || n > left) {
		n = room < left ? room : left;
		x->last_ps = now; /* a full FIFO stops the flash clock */
	} else {
		x->last_ps += n * per;
	}
	if (n)
		fetch(x, (uint32_t)n);
	finish_read(x);
}

uint32_t emu_xspi_read_data(struct emu_xspi *x, unsigned int size)
{
	uint32_t value = 0;

	if (x->state != EMU_XSPI_READ || x->length - x->moved < size) {
		emu_fail(x->emu, "XSPI2 DR is read, but no read command has "
				 "data left; check DLR");
		return 0;
	}
	/* The bus stalls until the bytes have arrived. */
	emu_xspi_receive(x);
	if (x->stopped) {
		emu_fail(x->emu, "XSPI2 DR is read, but the flash delivers no "
				 "more data: the bus stalls for ever. Test "
				 "SR.FTF with a time limit, then abort");
		return 0;
	}
	if (x->arrived - x->moved < size) {
		emu_skip_to(x->emu,
			    x->last_ps + (size - (x->arrived - x->moved)) *
						 byte_ps(x));
		emu_xspi_receive(x);
	}
	for (unsigned int i = 0; i < size && i < 4; i++, x->moved++)
		value |= (uint32_t)x->fifo[x->moved % EMU_XSPI_FIFO] << 8 * i;
	finish_read(x);
	return value;
}

void emu_xspi_write_data(struct emu_xspi *x, unsigned int size, uint32_t value)
{
	if (x->state == EMU_XSPI_IDLE) {
		if (emu_xspi_fmode(x) != XSPI_FMODE_WRITE ||
		    !emu_xspi_has_data(x)) {
			emu_fail(x->emu, "XSPI2 DR is written, but no write "
					 "command is set up; set CR.FMODE 0 "
					 "and CCR.DMODE first");
			return;
		}
		if (!check_pins(x))
			return;
		x->length = emu_xspi_reg(x, XSPI_DLR) + 1;
		x->moved = 0;
		emu_xspi_set_state(x, EMU_XSPI_WRITE);
	}
	if (x->state != EMU_XSPI_WRITE || x->moved + size > x->length ||
	    x->moved + size > EMU_XSPI_WRITE_MAX) {
		emu_fail(x->emu, "XSPI2 DR is written past the %u bytes of DLR",
			 x->length);
		return;
	}
	for (unsigned int i = 0; i < size; i++, value >>= 8)
		x->write[x->moved++] = (uint8_t)value;
	if (x->moved == x->length)
		emu_xspi_schedule(x, on_write_done,
				  (5 + x->length) * byte_ps(x));
}

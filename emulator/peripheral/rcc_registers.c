/* SPDX-License-Identifier: Apache-2.0 */
/* The registers of RCC. */
#include "emulator/peripheral/emu_flash.h"
#include "emulator/peripheral/pwr.h"
#include "emulator/peripheral/rcc_registers.h"

enum {
	RSR_RMVF = 1 << 16,
	CSR_LSION = 1,
	CSR_LSIRDY = 2,
	BDCR_LSEON = 1,
	BDCR_LSERDY = 2,
	BDCR_VSWRST = 1 << 16,
};

/* On and ready bits of CR, and the start-up time. The times are chosen, not
 * from a data sheet: they are long enough that a program has to wait. */
static const struct {
	uint8_t on, ready;
	uint64_t start_ps;
} oscillators[RCC_OSCILLATORS] = {
	[RCC_HSI] = { 0, 2, 4 * EMU_US },
	[RCC_CSI] = { 7, 8, 10 * EMU_US },
	[RCC_HSI48] = { 12, 13, 10 * EMU_US },
	[RCC_HSE] = { 16, 17, 2 * EMU_MS },
	[RCC_PLL1] = { 24, 25, 60 * EMU_US },
	[RCC_PLL2] = { 26, 27, 60 * EMU_US },
	[RCC_PLL3] = { 28, 29, 60 * EMU_US },
};

bool rcc_is_on(const struct rcc *r, enum rcc_oscillator o)
{
	if (o == RCC_LSI)
		return rcc_reg(r, RCC_CSR) & CSR_LSION;
	if (o == RCC_LSE)
		return rcc_reg(r, RCC_BDCR) & BDCR_LSEON;
	return rcc_reg(r, RCC_CR) >> oscillators[o].on & 1;
}

void rcc_set_reset_cause(struct rcc *r, uint32_t rsr_bits)
{
	r->reg[RCC_RSR / 4] |= rsr_bits;
}

bool rcc_usbphy_enabled(const struct rcc *r)
{
	return rcc_reg(r, RCC_AHB1ENR) >> 26 & 1;
}

unsigned int rcc_usbphy_reference_code(const struct rcc *r)
{
	return rcc_reg(r, RCC_CCIPR1) >> 8 & 15;
}

/* --- the system clock --- */

/* Codes of CDCFGR and BMCFGR. 0xxx: not divided, 8: by 2, ... B: 16, C: 64,
 * ... F: 512. */
static uint64_t divide(uint64_t hz, uint32_t code)
{
	code &= 15;
	if (code < 8)
		return hz;
	return hz >> (code - 7 + (code >= 12 ? 1 : 0));
}

static void update_clock(struct rcc *r)
{
	uint64_t hz = rcc_system_hz(r);

	if (!hz) {
		emu_fail(r->emu,
			 "the system clock (RCC CFGR.SW %u) is not running; "
			 "wait for its ready bit before the switch",
			 rcc_reg(r, RCC_CFGR) & 7);
		return;
	}
	r->core_hz = divide(hz, rcc_reg(r, RCC_CDCFGR));
	r->ahb_hz = divide(r->core_hz, rcc_reg(r, RCC_BMCFGR));
	emu_set_clock(r->emu, r->core_hz);
	rcc_check_limits(r);
}

static void on_clocks_changed(void *ctx)
{
	rcc_check_limits(ctx);
}

/* --- registers --- */

static void write_cr(struct rcc *r, uint32_t value)
{
	uint32_t old = rcc_reg(r, RCC_CR);

	r->reg[RCC_CR / 4] = value;
	for (unsigned int o = 0; o < RCC_LSI; o++) {
		uint32_t bit = UINT32_C(1) << oscillators[o].on;

		if (!(value & ~old & bit))
			continue;
		r->ready_at[o] = emu_now(r->emu) + oscillators[o].start_ps;
		if (o >= RCC_PLL1)
			rcc_check_pll(r, o - RCC_PLL1);
	}
	update_clock(r); /* fails if the program stopped its own clock */
}

static uint32_t read_cr(struct rcc *r)
{
	uint32_t value = rcc_reg(r, RCC_CR);

	for (unsigned int o = 0; o < RCC_LSI; o++) {
		uint32_t bit = UINT32_C(1) << oscillators[o].ready;

		value &= ~bit;
		if (rcc_is_ready(r, o))
			value |= bit;
	}
	return value | 1U << 5; /* HSIDIVF: the divider changes at once */
}

static uint32_t read_ckprotr(const struct rcc *r)
{
	uint32_t select = rcc_reg(r, RCC_CCIPR1);

	return (rcc_reg(r, RCC_CKPROTR) & 3) | ((select >> 4 & 3) + 1) << 4 |
	       ((select >> 6 & 3) + 1) << 8;
}

static uint32_t read_register(void *state, uint32_t offset, unsigned int size)
{
	struct rcc *r = state;
	uint32_t value = rcc_reg(r, offset);

	(void)size;
	switch (offset) {
	case RCC_CR:
		return read_cr(r);
	case RCC_CFGR: /* SWS follows SW at once */
		return (value & ~0x38U) | (value & 7) << 3;
	case RCC_CSR:
		return (value & ~(uint32_t)CSR_LSIRDY) |
		       (rcc_is_ready(r, RCC_LSI) ? CSR_LSIRDY : 0U);
	case RCC_BDCR:
		return (value & ~(uint32_t)BDCR_LSERDY) |
		       (rcc_is_ready(r, RCC_LSE) ? BDCR_LSERDY : 0U);
	case RCC_CKPROTR:
		return read_ckprotr(r);
	default:
		return value;
	}
}

/* PLLCKSELR: DIVM of a PLL that is on, and PLLSRC while any PLL is on. */
static uint32_t find_locked_dividers(const struct rcc *r)
{
	uint32_t locked = 0;

	for (unsigned int n = 0; n < 3; n++)
		if (rcc_is_on(r, RCC_PLL1 + n))
			locked |= 3U | 63U << (8 * n + 4);
	return locked;
}

/* Bits of a register that the silicon does not change, because they configure
 * a PLL that is on. */
static uint32_t find_locked_bits(const struct rcc *r, uint32_t offset)
{
	unsigned int n;

	if (offset == RCC_PLLCKSELR)
		return find_locked_dividers(r);
	if (offset >= RCC_PLL1DIVR1 && offset < RCC_PLL1DIVR1 + 3 * 8)
		n = (offset - RCC_PLL1DIVR1) / 8;
	else if (offset >= RCC_PLL1DIVR2 && offset <= RCC_PLL3DIVR2)
		n = (offset - RCC_PLL1DIVR2) / 4;
	else
		return 0;
	return rcc_is_on(r, RCC_PLL1 + n) ? UINT32_MAX : 0;
}

/* The value that a write leaves in a register that configures PLLs. */
static uint32_t keep_locked_bits(struct rcc *r, uint32_t offset, uint32_t value)
{
	uint32_t old = rcc_reg(r, offset), locked = find_locked_bits(r, offset);

	if ((value ^ old) & locked)
		emu_violation(r->emu,
			      "RCC+0x%03x is written while a PLL it sets up is "
			      "on; turn the PLL off first",
			      offset);
	return (value & ~locked) | (old & locked);
}

/* The reset registers have the order of the enable registers, except AHB3's.
 * The offset A0h between them is reserved. */
static void write_reset(struct rcc *r, uint32_t offset, uint32_t value)
{
	uint32_t set = value & ~rcc_reg(r, offset), enable = RCC_AHB3ENR;

	if (offset != RCC_AHB3RSTR)
		enable = offset + RCC_AHB5ENR - RCC_AHB5RSTR;
	r->reg[offset / 4] = value;
	bus_reset_gated(&r->machine->bus, (uint16_t)enable, set);
}

static void update_memory_clocks(struct rcc *r)
{
	struct emu_memory *m = &r->machine->memory;

	emu_memory_set_clock(m, MEMORY_AHBSRAM1,
			     rcc_reg(r, RCC_AHB2ENR) >> 29 & 1);
	emu_memory_set_clock(m, MEMORY_AHBSRAM2,
			     rcc_reg(r, RCC_AHB2ENR) >> 30 & 1);
	emu_memory_set_clock(m, MEMORY_BKPSRAM,
			     rcc_reg(r, RCC_AHB4ENR) >> 28 & 1);
}

/* The backup domain is write-protected until PWR CR1.DBP is set. A reset of
 * the domain clears its clocks, RTC and TAMP. */
static void write_bdcr(struct rcc *r, uint32_t value)
{
	uint32_t old = rcc_reg(r, RCC_BDCR);

	if (!pwr_backup_writable(r->pwr)) {
		emu_violation(r->emu,
			      "RCC BDCR is written while PWR CR1.DBP is clear; "
			      "the backup domain ignores the write");
		return;
	}
	if (value & ~old & BDCR_VSWRST) {
		r->reg[RCC_BDCR / 4] = BDCR_VSWRST;
		return;
	}
	if (value & ~old & BDCR_LSEON)
		r->ready_at[RCC_LSE] = emu_now(r->emu) + 2 * EMU_MS;
	r->reg[RCC_BDCR / 4] = value;
}

/* Write a register, and update the clocks and memories that depend on it. */
static void write_plain(struct rcc *r, uint32_t offset, uint32_t value)
{
	if (offset == RCC_CSR && (value & ~rcc_reg(r, RCC_CSR) & CSR_LSION))
		r->ready_at[RCC_LSI] = emu_now(r->emu) + 100 * EMU_US;
	r->reg[offset / 4] = value;
	for (unsigned int n = 0; offset == RCC_PLLCFGR && n < 3; n++)
		if (rcc_is_on(r, RCC_PLL1 + n))
			rcc_check_pll(r, n);
	if (offset == RCC_CFGR || offset == RCC_CDCFGR ||
	    offset == RCC_BMCFGR || offset == RCC_APBCFGR)
		update_clock(r);
	if (offset >= RCC_AHB5ENR && offset <= RCC_AHB3ENR)
		update_memory_clocks(r);
}

static void write_register(void *state, uint32_t offset, unsigned int size,
			   uint32_t value)
{
	struct rcc *r = state;

	(void)size;
	value = keep_locked_bits(r, offset, value);
	if (offset == RCC_CR)
		write_cr(r, value);
	else if (offset == RCC_BDCR)
		write_bdcr(r, value);
	else if (offset >= RCC_AHB5RSTR && offset <= RCC_AHB3RSTR)
		write_reset(r, offset, value);
	else if (offset != RCC_RSR)
		write_plain(r, offset, value);
	else if (value & RSR_RMVF)
		r->reg[RCC_RSR / 4] = 0;
}

static void connect(void *state, struct machine *m)
{
	struct rcc *r = state;

	r->machine = m;
	r->emu = &m->emu;
	r->pwr = bus_state(&m->bus, &pwr_peripheral);
	r->flash = bus_state(&m->bus, &emu_flash_peripheral);
	bus_set_clock_registers(&m->bus, r->reg);
	m->clocks_changed =
		(struct emu_signal){ .fire = on_clocks_changed, .ctx = r };
}

/* RSR and the backup domain keep their values. */
static void reset(void *state, unsigned int unit)
{
	struct rcc *r = state;
	uint32_t rsr = r->reg[RCC_RSR / 4], bdcr = r->reg[RCC_BDCR / 4];
	uint64_t lse = r->ready_at[RCC_LSE];

	(void)unit;
	*r = (struct rcc){ .machine = r->machine,
			   .emu = r->emu,
			   .pwr = r->pwr,
			   .flash = r->flash };
	r->reg[RCC_CR / 4] = 0x25;
	r->reg[RCC_PLLCKSELR / 4] = 0x02020200;
	for (unsigned int n = 0; n < 3; n++) {
		r->reg[(RCC_PLL1DIVR1 + 8 * n) / 4] = 0x01010280;
		r->reg[(RCC_PLL1DIVR2 + 4 * n) / 4] = 0x00000101;
	}
	r->reg[RCC_CCIPR1 / 4] = 0x00000A00;
	r->reg[RCC_APB4ENR / 4] = 0x00010000;
	r->reg[RCC_AHB1LPENR / 4] = 0x8E038030;
	r->reg[RCC_RSR / 4] = rsr;
	r->reg[RCC_BDCR / 4] = bdcr;
	r->ready_at[RCC_LSE] = lse;
	r->core_hz = r->ahb_hz = RCC_HSI_HZ;
	emu_set_clock(r->emu, RCC_HSI_HZ);
	update_memory_clocks(r);
}

const struct peripheral rcc_peripheral = {
	.name = "RCC",
	.base = 0x58024400,
	.size = RCC_SIZE,
	.widths = PERIPHERAL_WORD,
	.state_size = sizeof(struct rcc),
	.connect = connect,
	.reset = reset,
	.read = read_register,
	.write = write_register,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "emulator/board.h"

#define MHZ UINT64_C(1000000)

enum {
	CR = 0x00,
	CFGR = 0x10,
	CDCFGR = 0x18,
	BMCFGR = 0x1C,
	APBCFGR = 0x20,
	PLLCKSELR = 0x28,
	PLLCFGR = 0x2C,
	CCIPR1 = 0x4C,
	BDCR = 0x70,
	CSR = 0x74,
	AHB5RSTR = 0x7C,
	AHB3RSTR = 0xA0,
	CKPROTR = 0x100,
	RSR = 0x130,
	ENR_FROM_RSTR = RCC_AHB5ENR - AHB5RSTR,
	AHB3ENR = 0x158,
	RSR_RMVF = 1 << 16,
	HSI_HZ = 64000000,
	CSI_HZ = 4000000,
};

/* On and ready bits of CR, and how long a start takes. Times are chosen, not
 * of a data sheet: long enough that a program has to wait. */
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

static uint32_t reg(const struct board *b, uint32_t offset)
{
	return b->rcc.reg[offset / 4];
}

static bool is_on(const struct board *b, enum rcc_oscillator o)
{
	if (o == RCC_LSI)
		return reg(b, CSR) & 1;
	return reg(b, CR) >> oscillators[o].on & 1;
}

bool rcc_ready(const struct board *b, enum rcc_oscillator o)
{
	if (o == RCC_HSE && b->defects.crystal)
		return false;
	return is_on(b, o) && emu_now(&b->emu) >= b->rcc.ready_at[o];
}

uint32_t rcc_enabled(const struct board *b, uint32_t offset)
{
	return reg(b, offset);
}

/* --- frequencies --- */

static uint64_t hsi_hz(const struct board *b)
{
	return rcc_ready(b, RCC_HSI) ? HSI_HZ >> (reg(b, CR) >> 3 & 3) : 0;
}

static uint64_t hse_hz(const struct board *b)
{
	return rcc_ready(b, RCC_HSE) ? RCC_HSE_HZ : 0;
}

static uint64_t source_hz(const struct board *b, unsigned int select)
{
	switch (select) {
	case 0:
		return hsi_hz(b);
	case 1:
		return rcc_ready(b, RCC_CSI) ? CSI_HZ : 0;
	case 2:
		return hse_hz(b);
	default:
		return 0;
	}
}

/* What comes into PLL n (0 to 2) behind its divider. */
static uint64_t pll_input(const struct board *b, unsigned int n)
{
	uint32_t select = reg(b, PLLCKSELR), m = select >> (4 + 8 * n) & 63;

	return m ? source_hz(b, select & 3) / m : 0;
}

static uint64_t pll_vco(const struct board *b, unsigned int n)
{
	uint32_t divr = reg(b, 0x30 + 8 * n), frac = reg(b, 0x34 + 8 * n);
	uint32_t fracen = reg(b, PLLCFGR) >> (11 * n) & 1;
	uint64_t in = pll_input(b, n);

	return in * ((divr & 0x1ff) + 1) +
	       (fracen ? in * (frac >> 3 & 0x1fff) / 8192 : 0);
}

/* Output 'P', 'Q', 'R', 'S' or 'T' of PLL n; 0 while it gives none. */
static uint64_t pll_hz(const struct board *b, unsigned int n, char output)
{
	uint32_t divr = reg(b, 0x30 + 8 * n), divr2 = reg(b, 0xC0 + 4 * n);
	uint32_t enables = reg(b, PLLCFGR) >> (11 * n + 5), index, divider;

	index = (uint32_t)(output - 'P');
	if (!rcc_ready(b, RCC_PLL1 + n) || !(enables >> index & 1))
		return 0;
	if (index < 3)
		divider = (divr >> (9 + 7 * index) & 127) + 1;
	else
		divider = (divr2 >> 8 * (index - 3) & 7) + 1;
	return pll_vco(b, n) / divider;
}

uint64_t rcc_usbphy_hz(const struct board *b)
{
	switch (reg(b, CCIPR1) >> 12 & 3) {
	case 0:
		return hse_hz(b);
	case 1:
		return hse_hz(b) / 2;
	case 2:
		return pll_hz(b, 2, 'Q');
	default:
		return 0;
	}
}

uint64_t rcc_xspi2_hz(const struct board *b)
{
	switch (reg(b, CCIPR1) >> 6 & 3) {
	case 0:
		return b->rcc.ahb_hz;
	case 1:
		return pll_hz(b, 1, 'S');
	case 2:
		return pll_hz(b, 1, 'T');
	default:
		return b->rcc.ahb_hz / 4;
	}
}

/* 0xxx: not divided, 8: by 2, ... B: 16, C: 64, ... F: 512. */
static uint64_t divided(uint64_t hz, uint32_t code)
{
	code &= 15;
	if (code < 8)
		return hz;
	return hz >> (code - 7 + (code >= 12 ? 1 : 0));
}

static uint64_t system_hz(const struct board *b)
{
	uint32_t sw = reg(b, CFGR) & 7;

	return sw == 3 ? pll_hz(b, 0, 'P') : source_hz(b, sw);
}

/* --- what the part cannot do --- */

/* Wait states and delay that an AHB clock needs at VOS high. */
static void latency_for(uint64_t ahb_hz, unsigned int *latency,
			unsigned int *wrhighfreq)
{
	unsigned int n = (unsigned int)((ahb_hz + 40 * MHZ - 1) / (40 * MHZ));

	*latency = n ? n - 1 : 0;
	*wrhighfreq = *latency / 2;
}

static void check_apb(struct board *b)
{
	static const uint8_t shifts[] = { 0, 4, 8, 12 };
	uint64_t limit = pwr_vos_high(b) ? 150 * MHZ : 100 * MHZ;

	for (unsigned int i = 0; i < 4; i++) {
		uint32_t code = reg(b, APBCFGR) >> shifts[i] & 7;
		uint64_t hz = b->rcc.ahb_hz >> (code < 4 ? 0 : code - 3);

		if (hz > limit)
			emu_fail(&b->emu,
				 "an APB clock of %u MHz; %u MHz is allowed",
				 (unsigned int)(hz / MHZ),
				 (unsigned int)(limit / MHZ));
	}
}

void rcc_check(struct board *b)
{
	bool high = pwr_vos_high(b);
	uint64_t core = (high ? 600 : 400) * MHZ, ahb = core / 2;
	unsigned int latency, wrhighfreq;

	if (b->rcc.core_hz > core || b->rcc.ahb_hz > ahb)
		emu_fail(&b->emu,
			 "core at %u MHz, AHB at %u MHz; voltage scale %s "
			 "allows %u and %u MHz",
			 (unsigned int)(b->rcc.core_hz / MHZ),
			 (unsigned int)(b->rcc.ahb_hz / MHZ),
			 high ? "high" : "low", (unsigned int)(core / MHZ),
			 (unsigned int)(ahb / MHZ));
	check_apb(b);
	latency_for(b->rcc.ahb_hz, &latency, &wrhighfreq);
	if (flash_latency(b) < latency || flash_wrhighfreq(b) < wrhighfreq)
		emu_fail(&b->emu,
			 "FLASH ACR has LATENCY %u, WRHIGHFREQ %u; AHB at %u "
			 "MHz needs %u and %u",
			 flash_latency(b), flash_wrhighfreq(b),
			 (unsigned int)(b->rcc.ahb_hz / MHZ), latency,
			 wrhighfreq);
}

static void update_clock(struct board *b)
{
	uint64_t hz = system_hz(b);

	if (!hz) {
		emu_fail(&b->emu,
			 "the system clock (CFGR.SW %u) is not running",
			 reg(b, CFGR) & 7);
		return;
	}
	b->rcc.core_hz = divided(hz, reg(b, CDCFGR));
	b->rcc.ahb_hz = divided(b->rcc.core_hz, reg(b, BMCFGR));
	emu_set_clock(&b->emu, b->rcc.core_hz);
	rcc_check(b);
}

static void check_pll(struct board *b, unsigned int n)
{
	uint64_t in = pll_input(b, n), vco = pll_vco(b, n);
	uint32_t cfg = reg(b, PLLCFGR) >> 11 * n, range = cfg >> 3 & 3;
	uint32_t divr = reg(b, 0x30 + 8 * n), mult = (divr & 0x1ff) + 1;
	uint32_t p = (divr >> 9 & 127) + 1;
	bool medium = cfg >> 1 & 1, has_p = cfg >> 5 & 1;
	uint64_t low = UINT64_C(1) << range, high = UINT64_C(2) << range;

	if (!in)
		emu_fail(&b->emu, "PLL%u: its source is not running", n + 1);
	else if (in < low * MHZ || in > high * MHZ)
		emu_fail(&b->emu,
			 "PLL%u: input of %u kHz is not in the range %u "
			 "(%u to %u MHz) of PLLRGE",
			 n + 1, (unsigned int)(in / 1000), range,
			 (unsigned int)low, (unsigned int)high);
	else if (mult < 8 || mult > 420)
		emu_fail(&b->emu, "PLL%u: DIVN of %u is not 8 to 420", n + 1,
			 mult);
	else if (medium ? vco < 150 * MHZ || vco > 420 * MHZ
			: vco < 400 * MHZ || vco > 1600 * MHZ)
		emu_fail(&b->emu, "PLL%u: VCO at %u MHz, VCOSEL %u", n + 1,
			 (unsigned int)(vco / MHZ), medium);
	else if (has_p && p > 1 && p % 2)
		emu_fail(&b->emu,
			 "PLL%u: DIVP divides by %u; it can by 1 and by even "
			 "numbers",
			 n + 1, p);
}

/* --- registers --- */

static void write_cr(struct board *b, uint32_t value)
{
	uint32_t was = reg(b, CR);

	b->rcc.reg[CR / 4] = value;
	for (unsigned int o = 0; o < RCC_LSI; o++) {
		uint32_t bit = UINT32_C(1) << oscillators[o].on;

		if (!(value & ~was & bit))
			continue;
		b->rcc.ready_at[o] = emu_now(&b->emu) + oscillators[o].start_ps;
		if (o >= RCC_PLL1)
			check_pll(b, o - RCC_PLL1);
	}
	update_clock(b); /* not if it took its own clock away */
}

static uint32_t read_cr(struct board *b)
{
	uint32_t value = reg(b, CR);

	for (unsigned int o = 0; o < RCC_LSI; o++) {
		uint32_t bit = UINT32_C(1) << oscillators[o].ready;

		value &= ~bit;
		if (rcc_ready(b, o))
			value |= bit;
	}
	return value | 1U << 5; /* HSIDIVF: done at once */
}

static uint32_t read_ckprotr(const struct board *b)
{
	uint32_t select = reg(b, CCIPR1);

	return (reg(b, CKPROTR) & 3) | ((select >> 4 & 3) + 1) << 4 |
	       ((select >> 6 & 3) + 1) << 8;
}

uint32_t rcc_read(struct board *b, unsigned int unit, uint32_t offset,
		  unsigned int size)
{
	(void)unit;
	(void)size;
	switch (offset) {
	case CR:
		return read_cr(b);
	case CFGR:
		return (reg(b, CFGR) & ~0x38U) | (reg(b, CFGR) & 7) << 3;
	case CSR:
		return (reg(b, CSR) & ~2U) | (rcc_ready(b, RCC_LSI) ? 2U : 0);
	case CKPROTR:
		return read_ckprotr(b);
	default:
		return reg(b, offset);
	}
}

/* A PLL's dividers must not change below it. */
static bool pll_runs(struct board *b, uint32_t offset)
{
	unsigned int first = 0, last = 2;

	if (offset >= 0x30 && offset < 0x48)
		first = last = (offset - 0x30) / 8;
	else if (offset >= 0xC0 && offset <= 0xC8)
		first = last = (offset - 0xC0) / 4;
	else if (offset != PLLCKSELR)
		return false;
	for (unsigned int n = first; n <= last; n++)
		if (is_on(b, RCC_PLL1 + n))
			return true;
	return false;
}

static void write_reset(struct board *b, uint32_t offset, uint32_t value)
{
	uint32_t set = value & ~reg(b, offset);
	uint32_t enable =
		offset == AHB3RSTR ? (uint32_t)AHB3ENR : offset + ENR_FROM_RSTR;

	b->rcc.reg[offset / 4] = value;
	bus_reset_gated(b, (uint16_t)enable, set);
}

void rcc_write(struct board *b, unsigned int unit, uint32_t offset,
	       unsigned int size, uint32_t value)
{
	(void)unit;
	(void)size;
	if (pll_runs(b, offset) && value != reg(b, offset)) {
		emu_fail(&b->emu,
			 "RCC+0x%03x is written while a PLL it sets up is on",
			 offset);
		return;
	}
	if (offset == CR) {
		write_cr(b, value);
		return;
	}
	if (offset >= AHB5RSTR && offset <= AHB3RSTR) {
		write_reset(b, offset, value);
		return;
	}
	if (offset == RSR) {
		if (value & RSR_RMVF)
			b->rcc.reg[RSR / 4] = 0;
		return;
	}
	if (offset == CSR && (value & ~reg(b, CSR) & 1))
		b->rcc.ready_at[RCC_LSI] = emu_now(&b->emu) + 100 * EMU_US;
	b->rcc.reg[offset / 4] = value;
	for (unsigned int n = 0; offset == PLLCFGR && n < 3; n++)
		if (is_on(b, RCC_PLL1 + n))
			check_pll(b, n);
	if (offset == CFGR || offset == CDCFGR || offset == BMCFGR ||
	    offset == APBCFGR)
		update_clock(b);
	if (offset >= RCC_AHB5ENR && offset <= AHB3ENR)
		bus_update(b);
}

void rcc_set_cause(struct board *b, uint32_t rsr_bit)
{
	b->rcc.reg[RSR / 4] |= rsr_bit;
}

void rcc_reset(struct board *b, unsigned int unit)
{
	struct rcc *r = &b->rcc;
	uint32_t rsr = r->reg[RSR / 4], bdcr = r->reg[BDCR / 4];

	(void)unit;
	memset(r, 0, sizeof(*r));
	r->reg[CR / 4] = 0x25;
	r->reg[PLLCKSELR / 4] = 0x02020200;
	for (unsigned int n = 0; n < 3; n++)
		r->reg[(0x30 + 8 * n) / 4] = 0x01010280;
	r->reg[CCIPR1 / 4] = 0x00000A00;
	r->reg[RCC_APB4ENR / 4] = 0x00010000;
	r->reg[0x160 / 4] = 0x8E038030; /* AHB1LPENR */
	r->reg[RSR / 4] = rsr;
	r->reg[BDCR / 4] = bdcr;
	r->core_hz = r->ahb_hz = HSI_HZ;
	emu_set_clock(&b->emu, HSI_HZ);
}

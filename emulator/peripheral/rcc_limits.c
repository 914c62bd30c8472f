/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of the silicon that depend on clocks: voltage scale, wait states and
 * the ranges of the PLLs. docs/emulator.md names the sources. */
#include "emulator/peripheral/emu_flash.h"
#include "emulator/peripheral/pwr.h"
#include "emulator/peripheral/rcc_registers.h"

#define MHZ UINT64_C(1000000)

static unsigned int to_mhz(uint64_t hz)
{
	return (unsigned int)(hz / MHZ);
}

/* Wait states that reads of the flash need: one step per 40 MHz. WRHIGHFREQ
 * matters for programming only. */
static unsigned int find_latency(uint64_t ahb_hz)
{
	unsigned int n = (unsigned int)((ahb_hz + 40 * MHZ - 1) / (40 * MHZ));

	return n ? n - 1 : 0;
}

static void check_apb(struct rcc *r)
{
	static const struct {
		uint8_t shift;
		const char *field;
	} prescalers[] = {
		{ 0, "PPRE1" }, { 4, "PPRE2" }, { 8, "PPRE4" }, { 12, "PPRE5" }
	};
	uint64_t limit = pwr_vos_high(r->pwr) ? 150 * MHZ : 100 * MHZ;

	for (unsigned int i = 0; i < 4; i++) {
		uint32_t code =
			rcc_reg(r, RCC_APBCFGR) >> prescalers[i].shift & 7;
		uint64_t hz = r->ahb_hz >> (code < 4 ? 0 : code - 3);

		if (hz > limit)
			emu_violation(
				r->emu,
				"RCC APBCFGR.%s gives an APB clock of %u MHz; "
				"%u MHz is allowed. Set the prescaler before "
				"the faster clock",
				prescalers[i].field, to_mhz(hz), to_mhz(limit));
	}
}

static void check_latency(struct rcc *r)
{
	unsigned int latency = find_latency(r->ahb_hz);

	if (emu_flash_latency(r->flash) < latency)
		emu_violation(r->emu,
			      "FLASH ACR has LATENCY %u; AHB at %u MHz needs "
			      "%u. Set it before the faster clock",
			      emu_flash_latency(r->flash), to_mhz(r->ahb_hz),
			      latency);
}

void rcc_check_limits(struct rcc *r)
{
	bool high = pwr_vos_high(r->pwr);
	uint64_t core = (high ? 600 : 400) * MHZ, ahb = core / 2;

	if (r->core_hz > core || r->ahb_hz > ahb)
		emu_violation(
			r->emu,
			"core at %u MHz, AHB at %u MHz: the %s voltage scale "
			"(PWR CSR4.VOS) allows %u and %u MHz",
			to_mhz(r->core_hz), to_mhz(r->ahb_hz),
			high ? "high" : "low", to_mhz(core), to_mhz(ahb));
	check_apb(r);
	check_latency(r);
}

static bool is_vco_in_range(uint64_t vco, bool medium)
{
	return medium ? vco >= 150 * MHZ && vco <= 420 * MHZ
		      : vco >= 400 * MHZ && vco <= 1600 * MHZ;
}

static void check_pll_input(struct rcc *r, unsigned int n)
{
	uint32_t range = rcc_reg(r, RCC_PLLCFGR) >> (11 * n + 3) & 3;
	uint64_t in = rcc_pll_input_hz(r, n);
	uint64_t low = UINT64_C(1) << range, high = UINT64_C(2) << range;

	if (!in)
		emu_fail(r->emu,
			 "PLL%u: its source (RCC PLLCKSELR) is not running; "
			 "wait for its ready bit before the PLL is turned on",
			 n + 1);
	else if (in < low * MHZ || in > high * MHZ)
		emu_violation(r->emu,
			      "PLL%u: input of %u kHz is not in the range %u "
			      "(%u to %u MHz) of RCC PLLCFGR.PLL%uRGE",
			      n + 1, (unsigned int)(in / 1000), range,
			      (unsigned int)low, (unsigned int)high, n + 1);
}

static void check_pll_dividers(struct rcc *r, unsigned int n)
{
	uint32_t config = rcc_reg(r, RCC_PLLCFGR) >> 11 * n;
	uint32_t divr1 = rcc_pll_divr1(r, n), mult = (divr1 & 0x1ff) + 1;
	uint32_t p = (divr1 >> 9 & 127) + 1;
	uint64_t vco = rcc_pll_vco_hz(r, n);
	bool medium = config >> 1 & 1, has_p = config >> 5 & 1;

	if (mult < 8 || mult > 420)
		emu_violation(
			r->emu,
			"PLL%u: DIVN multiplies by %u; 8 to 420 are allowed",
			n + 1, mult);
	else if (!is_vco_in_range(vco, medium))
		emu_violation(r->emu,
			      "PLL%u: VCO at %u MHz; VCOSEL %u allows %s MHz",
			      n + 1, to_mhz(vco), medium,
			      medium ? "150 to 420" : "400 to 1600");
	else if (has_p && p > 1 && p % 2)
		emu_violation(
			r->emu,
			"PLL%u: DIVP divides by %u; 1 and even numbers are "
			"allowed",
			n + 1, p);
}

void rcc_check_pll(struct rcc *r, unsigned int n)
{
	check_pll_input(r, n);
	if (!r->emu->failed)
		check_pll_dividers(r, n);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The clock tree: frequencies from the registers of RCC. */
#include "emulator/peripheral/rcc_registers.h"

bool rcc_is_ready(const struct rcc *r, enum rcc_oscillator o)
{
	if (o == RCC_HSE && r->machine->defects.crystal)
		return false;
	return rcc_is_on(r, o) && emu_now(r->emu) >= r->ready_at[o];
}

static uint64_t hsi_hz(const struct rcc *r)
{
	if (!rcc_is_ready(r, RCC_HSI))
		return 0;
	return RCC_HSI_HZ >> (rcc_reg(r, RCC_CR) >> 3 & 3);
}

static uint64_t hse_hz(const struct rcc *r)
{
	return rcc_is_ready(r, RCC_HSE) ? RCC_HSE_HZ : 0;
}

uint64_t rcc_oscillator_hz(const struct rcc *r, enum rcc_oscillator o)
{
	static const uint32_t hz[RCC_OSCILLATORS] = {
		[RCC_CSI] = RCC_CSI_HZ, [RCC_HSI48] = 48000000,
		[RCC_HSE] = RCC_HSE_HZ, [RCC_LSI] = RCC_LSI_HZ,
		[RCC_LSE] = RCC_LSE_HZ,
	};

	if (o == RCC_HSI)
		return hsi_hz(r);
	return rcc_is_ready(r, o) ? hz[o] : 0;
}

/* The codes of CFGR.SW and PLLCKSELR.PLLSRC. */
static uint64_t source_hz(const struct rcc *r, unsigned int select)
{
	switch (select) {
	case 0:
		return hsi_hz(r);
	case 1:
		return rcc_is_ready(r, RCC_CSI) ? RCC_CSI_HZ : 0;
	case 2:
		return hse_hz(r);
	default:
		return 0;
	}
}

uint64_t rcc_pll_input_hz(const struct rcc *r, unsigned int n)
{
	uint32_t select = rcc_reg(r, RCC_PLLCKSELR);
	uint32_t divider = select >> (4 + 8 * n) & 63;

	return divider ? source_hz(r, select & 3) / divider : 0;
}

uint64_t rcc_pll_vco_hz(const struct rcc *r, unsigned int n)
{
	uint32_t frac = rcc_reg(r, RCC_PLL1FRACR + 8 * n);
	uint32_t fracen = rcc_reg(r, RCC_PLLCFGR) >> (11 * n) & 1;
	uint64_t in = rcc_pll_input_hz(r, n);

	return in * ((rcc_pll_divr1(r, n) & 0x1ff) + 1) +
	       (fracen ? in * (frac >> 3 & 0x1fff) / 8192 : 0);
}

/* Output 'P', 'Q', 'R', 'S' or 'T' of PLL n; 0: the output does not run. */
uint64_t rcc_pll_hz(const struct rcc *r, unsigned int n, char output)
{
	uint32_t divr2 = rcc_reg(r, RCC_PLL1DIVR2 + 4 * n);
	uint32_t enables = rcc_reg(r, RCC_PLLCFGR) >> (11 * n + 5);
	uint32_t index = (uint32_t)(output - 'P'), divider;

	if (!rcc_is_ready(r, RCC_PLL1 + n) || !(enables >> index & 1))
		return 0;
	if (index < 3)
		divider = (rcc_pll_divr1(r, n) >> (9 + 7 * index) & 127) + 1;
	else
		divider = (divr2 >> 8 * (index - 3) & 7) + 1;
	return rcc_pll_vco_hz(r, n) / divider;
}

uint64_t rcc_system_hz(const struct rcc *r)
{
	uint32_t sw = rcc_reg(r, RCC_CFGR) & 7;

	return sw == 3 ? rcc_pll_hz(r, 0, 'P') : source_hz(r, sw);
}

uint64_t rcc_usbphy_hz(const struct rcc *r)
{
	switch (rcc_reg(r, RCC_CCIPR1) >> 12 & 3) {
	case 0:
		return hse_hz(r);
	case 1:
		return hse_hz(r) / 2;
	case 2:
		return rcc_pll_hz(r, 2, 'Q');
	default:
		return 0;
	}
}

uint64_t rcc_xspi2_hz(const struct rcc *r)
{
	switch (rcc_reg(r, RCC_CCIPR1) >> 6 & 3) {
	case 0:
		return r->ahb_hz;
	case 1:
		return rcc_pll_hz(r, 1, 'S');
	case 2:
		return rcc_pll_hz(r, 1, 'T');
	default:
		return r->ahb_hz / 4;
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks of the buses, and the clock multiplexers of peripherals (CCIPR2 to
 * CCIPR4). Codes as in ST's HAL. */
#include "emulator/peripheral/rcc_registers.h"

enum { CCIPR2 = 0x50, CCIPR3 = 0x54, CCIPR4 = 0x58, CFGR_TIMPRE = 1 << 15 };

enum { PCLK1 = 1, PCLK2 = 2, PCLK4 = 4 };

enum source { BUS, PLL2P, PLL2Q, PLL3Q, PLL3R, HSI, CSI, LSE, LSI, PER, NONE };

enum { CODES = 6 };

static const struct {
	uint16_t offset;
	uint8_t shift, apb;
	uint8_t source[CODES];
} muxes[] = {
	[RCC_KERNEL_UART234578] = { CCIPR2,
				    0,
				    PCLK1,
				    { BUS, PLL2Q, PLL3Q, HSI, CSI, LSE } },
	[RCC_KERNEL_USART1] = { CCIPR3,
				0,
				PCLK2,
				{ BUS, PLL2Q, PLL3Q, HSI, CSI, LSE } },
	[RCC_KERNEL_LPUART1] = { CCIPR4,
				 0,
				 PCLK4,
				 { BUS, PLL2Q, PLL3Q, HSI, CSI, LSE } },
	[RCC_KERNEL_I2C1] = { CCIPR2,
			      12,
			      PCLK1,
			      { BUS, PLL3R, HSI, CSI, NONE, NONE } },
	[RCC_KERNEL_I2C23] = { CCIPR2,
			       8,
			       PCLK1,
			       { BUS, PLL3R, HSI, CSI, NONE, NONE } },
	[RCC_KERNEL_LPTIM1] = { CCIPR2,
				16,
				PCLK1,
				{ BUS, PLL2P, PLL3R, LSE, LSI, PER } },
	[RCC_KERNEL_LPTIM23] = { CCIPR4,
				 8,
				 PCLK4,
				 { BUS, PLL2P, PLL3R, LSE, LSI, PER } },
	[RCC_KERNEL_LPTIM45] = { CCIPR4,
				 12,
				 PCLK4,
				 { BUS, PLL2P, PLL3R, LSE, LSI, PER } },
};

static unsigned int apb_shift(const struct rcc *r, unsigned int apb)
{
	uint32_t code =
		rcc_reg(r, RCC_APBCFGR) >> 4 * (apb < 3 ? apb - 1 : apb - 2) &
		7;

	return code < 4 ? 0 : code - 3;
}

uint64_t rcc_apb_hz(const struct rcc *r, unsigned int apb)
{
	return r->ahb_hz >> apb_shift(r, apb);
}

uint64_t rcc_timer_hz(const struct rcc *r, unsigned int apb)
{
	unsigned int shift = apb_shift(r, apb);
	unsigned int factor =
		rcc_reg(r, RCC_CFGR) & CFGR_TIMPRE ? 2 : 1; /* log2 */

	return r->ahb_hz >> (shift > factor ? shift - factor : 0);
}

/* CKPERSEL: HSI, CSI, HSE. */
static uint64_t per_hz(const struct rcc *r)
{
	static const enum rcc_oscillator codes[] = { RCC_HSI, RCC_CSI,
						     RCC_HSE };
	uint32_t code = rcc_reg(r, RCC_CCIPR1) >> 28 & 3;

	return code < 3 ? rcc_oscillator_hz(r, codes[code]) : 0;
}

static uint64_t source_hz(const struct rcc *r, enum source source,
			  unsigned int apb)
{
	switch (source) {
	case BUS:
		return rcc_apb_hz(r, apb);
	case PLL2P:
		return rcc_pll_hz(r, 1, 'P');
	case PLL2Q:
		return rcc_pll_hz(r, 1, 'Q');
	case PLL3Q:
		return rcc_pll_hz(r, 2, 'Q');
	case PLL3R:
		return rcc_pll_hz(r, 2, 'R');
	case HSI:
		return rcc_oscillator_hz(r, RCC_HSI);
	case CSI:
		return rcc_oscillator_hz(r, RCC_CSI);
	case LSE:
		return rcc_oscillator_hz(r, RCC_LSE);
	case LSI:
		return rcc_oscillator_hz(r, RCC_LSI);
	case PER:
		return per_hz(r);
	default:
		return 0;
	}
}

uint64_t rcc_kernel_hz(const struct rcc *r, enum rcc_kernel k)
{
	uint32_t code = rcc_reg(r, muxes[k].offset) >> muxes[k].shift & 7;

	if (k == RCC_KERNEL_I2C1 || k == RCC_KERNEL_I2C23)
		code &= 3;
	return code < CODES ? source_hz(r, muxes[k].source[code], muxes[k].apb)
			    : 0;
}

uint64_t rcc_adc_hz(const struct rcc *r)
{
	switch (rcc_reg(r, RCC_CCIPR1) >> 24 & 3) {
	case 0:
		return rcc_pll_hz(r, 1, 'P');
	case 1:
		return rcc_pll_hz(r, 2, 'R');
	case 2:
		return per_hz(r);
	default:
		return 0;
	}
}

uint64_t rcc_rtc_hz(const struct rcc *r)
{
	uint32_t bdcr = rcc_reg(r, RCC_BDCR);
	uint32_t divider = rcc_reg(r, RCC_CFGR) >> 8 & 63;

	if (!(bdcr & RCC_BDCR_RTCEN))
		return 0;
	switch (bdcr >> 8 & 3) {
	case 1:
		return rcc_oscillator_hz(r, RCC_LSE);
	case 2:
		return rcc_oscillator_hz(r, RCC_LSI);
	case 3:
		return divider > 1 ? rcc_oscillator_hz(r, RCC_HSE) / divider
				   : 0;
	default:
		return 0;
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "soc/stm32h7rs/clock_tree.h"

#include "base/err.h"
#include "soc/stm32h7rs/regs.h"

/* PLL1 divides the crystal clock to 4 MHz and multiplies the 4 MHz to 600
 * MHz. */
enum { PLL_INPUT_HZ = 4000000, PLL_N = CLOCK_FULL_HZ / PLL_INPUT_HZ };

static bool run_on_hsi(void)
{
	RCC->CR |= RCC_CR_HSION;
	if (!reg_wait(&RCC->CR, RCC_CR_HSIRDY, RCC_CR_HSIRDY))
		return false;
	RCC->CFGR &= ~(uint32_t)RCC_CFGR_SW;
	if (!reg_wait(&RCC->CFGR, RCC_CFGR_SWS, 0))
		return false;
	RCC->CR &= ~(uint32_t)RCC_CR_PLL1ON;
	return reg_wait(&RCC->CR, RCC_CR_PLL1RDY, 0);
}

static bool raise_voltage(void)
{
	if (!reg_wait(&PWR->SR1, PWR_SR1_ACTVOSRDY, PWR_SR1_ACTVOSRDY))
		return false;
	PWR->CSR4 |= PWR_CSR4_VOS;
	return reg_wait(&PWR->CSR4, PWR_CSR4_VOSRDY, PWR_CSR4_VOSRDY);
}

static bool start_crystal(void)
{
	RCC->CR |= RCC_CR_HSEON;
	return reg_wait(&RCC->CR, RCC_CR_HSERDY, RCC_CR_HSERDY);
}

static bool start_pll(uint32_t crystal_hz)
{
	RCC->PLLCKSELR =
		(RCC->PLLCKSELR & ~(uint32_t)(RCC_DIVM1 | RCC_PLLSRC)) |
		FIELD(crystal_hz / PLL_INPUT_HZ, RCC_DIVM1_AT) | RCC_PLLSRC_HSE;
	RCC->PLLCFGR = (RCC->PLLCFGR & ~(uint32_t)RCC_PLL1_CONFIGURATION) |
		       RCC_PLL1RGE_4_8_MHZ | RCC_PLL1PEN;
	/* P divides by 1; Q and R are unused. The fields are value - 1. */
	RCC->PLL1DIVR1 =
		FIELD(PLL_N - 1, 0) | FIELD(0, 9) | FIELD(1, 16) | FIELD(1, 24);
	RCC->CR |= RCC_CR_PLL1ON;
	return reg_wait(&RCC->CR, RCC_CR_PLL1RDY, RCC_CR_PLL1RDY);
}

/* Set flash wait states and dividers before switching to the faster clock. */
static bool switch_to_pll(void)
{
	uint32_t acr = FLASH_ACR_LATENCY_7 | FLASH_ACR_WRHIGHFREQ_3;

	FLASH->ACR = acr;
	if (!reg_wait(&FLASH->ACR, FLASH_ACR_SETTING, acr))
		return false;
	RCC->APBCFGR = FIELD(RCC_PPRE_DIV2, 0) | FIELD(RCC_PPRE_DIV2, 4) |
		       FIELD(RCC_PPRE_DIV2, 8) | FIELD(RCC_PPRE_DIV2, 12);
	RCC->BMCFGR = RCC_BMPRE_DIV2;
	RCC->CDCFGR = RCC_DIV1;
	RCC->CFGR = (RCC->CFGR & ~(uint32_t)RCC_CFGR_SW) | RCC_CFGR_SW_PLL1;
	return reg_wait(&RCC->CFGR, RCC_CFGR_SWS,
			FIELD(RCC_CFGR_SW_PLL1, RCC_CFGR_SWS_AT));
}

int clock_tree_start(uint32_t crystal_hz)
{
	if (!run_on_hsi() || !raise_voltage() || !start_crystal() ||
	    !start_pll(crystal_hz) || !switch_to_pll())
		return ERR_TIMEOUT;
	return ERR_OK;
}

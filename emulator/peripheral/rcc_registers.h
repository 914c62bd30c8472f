/* SPDX-License-Identifier: Apache-2.0 */
/* The register file of RCC, for the clock tree and the limits. */
#ifndef TETHER_EMULATOR_PERIPHERAL_RCC_REGISTERS_H
#define TETHER_EMULATOR_PERIPHERAL_RCC_REGISTERS_H

#include "emulator/peripheral/rcc.h"

enum {
	RCC_CR = 0x00,
	RCC_CFGR = 0x10,
	RCC_CDCFGR = 0x18,
	RCC_BMCFGR = 0x1C,
	RCC_APBCFGR = 0x20,
	RCC_PLLCKSELR = 0x28,
	RCC_PLLCFGR = 0x2C,
	RCC_PLL1DIVR1 = 0x30, /* one for each PLL, 8 bytes apart */
	RCC_PLL1FRACR = 0x34, /* one for each PLL, 8 bytes apart */
	RCC_CCIPR1 = 0x4C,
	RCC_BDCR = 0x70,
	RCC_CSR = 0x74,
	RCC_BDCR_RTCEN = 1 << 15,
	RCC_AHB5RSTR = 0x7C,
	RCC_AHB3RSTR = 0xA4,
	RCC_PLL1DIVR2 = 0xC0, /* one for each PLL, 4 bytes apart */
	RCC_PLL3DIVR2 = 0xC8,
	RCC_CKPROTR = 0x100,
	RCC_RSR = 0x130,
	RCC_AHB1LPENR = 0x160,
};

static inline uint32_t rcc_reg(const struct rcc *r, uint32_t offset)
{
	return r->reg[offset / 4];
}

/** PLLxDIVR1 of PLL n (0 to 2). */
static inline uint32_t rcc_pll_divr1(const struct rcc *r, unsigned int n)
{
	return rcc_reg(r, RCC_PLL1DIVR1 + 8 * n);
}

/** The on bit of an oscillator or PLL. */
bool rcc_is_on(const struct rcc *r, enum rcc_oscillator o);

#endif

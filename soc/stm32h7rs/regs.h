/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registers of the STM32H7R/S that the firmware uses. Names, offsets and bits
 * follow RM0477. Accesses are 32 bits wide, except byte accesses to the XSPI
 * data register.
 */
#ifndef TETHER_SOC_STM32H7RS_REGS_H
#define TETHER_SOC_STM32H7RS_REGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BIT(n) ((uint32_t)1 << (n))
#define FIELD(value, at) ((uint32_t)(value) << (at))

struct rcc_regs {
	uint32_t CR;
	uint32_t reserved0[3];
	uint32_t CFGR; /* 10h */
	uint32_t reserved1;
	uint32_t CDCFGR, BMCFGR, APBCFGR; /* 18h */
	uint32_t reserved2;
	uint32_t PLLCKSELR, PLLCFGR, PLL1DIVR1; /* 28h */
	uint32_t reserved3[6];
	uint32_t CCIPR1; /* 4Ch */
	uint32_t reserved4[11];
	uint32_t AHB5RSTR, AHB1RSTR; /* 7Ch */
	uint32_t reserved5[43];
	uint32_t RSR, AHB5ENR, AHB1ENR, AHB2ENR, AHB4ENR; /* 130h */
};
_Static_assert(offsetof(struct rcc_regs, CFGR) == 0x10, "RM0477");
_Static_assert(offsetof(struct rcc_regs, PLLCKSELR) == 0x28, "RM0477");
_Static_assert(offsetof(struct rcc_regs, CCIPR1) == 0x4c, "RM0477");
_Static_assert(offsetof(struct rcc_regs, AHB1RSTR) == 0x80, "RM0477");
_Static_assert(offsetof(struct rcc_regs, AHB4ENR) == 0x140, "RM0477");

enum {
	RCC_CR_HSION = BIT(0),
	RCC_CR_HSIRDY = BIT(2),
	RCC_CR_HSEON = BIT(16),
	RCC_CR_HSERDY = BIT(17),
	RCC_CR_PLL1ON = BIT(24),
	RCC_CR_PLL1RDY = BIT(25),
	RCC_CFGR_SW = 0x07,
	RCC_CFGR_SW_HSI = 0,
	RCC_CFGR_SW_PLL1 = 3,
	RCC_CFGR_SWS_AT = 3,
	RCC_CFGR_SWS = 0x38,
	RCC_DIV1 = 0,
	RCC_BMPRE_DIV2 = 8,
	RCC_PPRE_DIV2 = 4,
	RCC_PLLSRC_HSE = 2,
	RCC_PLLSRC = 0x03,
	RCC_DIVM1_AT = 4,
	RCC_DIVM1 = 0x3f0,
	RCC_PLL1_CONFIGURATION = 0x1ff, /* bits of PLLCFGR */
	RCC_PLL1RGE_4_8_MHZ = FIELD(2, 3),
	RCC_PLL1PEN = BIT(5),
	RCC_CCIPR1_XSPI2SEL = FIELD(3, 6), /* 0: HCLK5 */
	RCC_CCIPR1_USBREFCKSEL_AT = 8,
	RCC_CCIPR1_USBREFCKSEL = FIELD(0xf, 8),
	RCC_CCIPR1_USBPHYCSEL = FIELD(3, 12), /* 0: HSE */
	RCC_AHB5_XSPI2 = BIT(12),
	RCC_AHB5_XSPIM = BIT(14),
	RCC_AHB1_OTGHS = BIT(25),
	RCC_AHB1_USBPHYC = BIT(26),
	RCC_AHB4_BKPRAM = BIT(28),
	RCC_RSR_RMVF = BIT(16),
	RCC_RSR_OBLRSTF = BIT(17),
	RCC_RSR_BORRSTF = BIT(21),
	RCC_RSR_PINRSTF = BIT(22),
	RCC_RSR_PORRSTF = BIT(23),
	RCC_RSR_SFTRSTF = BIT(24),
	RCC_RSR_IWDGRSTF = BIT(26),
	RCC_RSR_WWDGRSTF = BIT(28),
	RCC_RSR_LPWRRSTF = BIT(30),
};

struct pwr_regs {
	uint32_t CR1, SR1, CSR1, CSR2, CSR3, CSR4;
};
_Static_assert(offsetof(struct pwr_regs, CSR4) == 0x14, "RM0477");

enum {
	PWR_CR1_DBP = BIT(8),
	PWR_SR1_ACTVOSRDY = BIT(1),
	PWR_CSR2_LDOEN = BIT(1),
	PWR_CSR2_SDEN = BIT(2),
	PWR_CSR2_EN_XSPIM2 = BIT(15),
	PWR_CSR2_USB33DEN = BIT(24),
	PWR_CSR2_USB33RDY = BIT(26),
	PWR_CSR2_USBHSREGEN = BIT(27),
	PWR_CSR4_VOS = BIT(0),
	PWR_CSR4_VOSRDY = BIT(1),
};

struct flash_regs {
	uint32_t ACR, KEYR;
	uint32_t reserved0[3];
	uint32_t SR; /* 14h */
	uint32_t reserved1[58];
	uint32_t OPTKEYR, OPTCR, OPTISR, OPTICR; /* 100h */
	uint32_t reserved2[64];
	uint32_t OTPLSR, OTPLSRP; /* 210h */
	uint32_t reserved3[20];
	uint32_t OBW2SR, OBW2SRP; /* 268h */
};
_Static_assert(offsetof(struct flash_regs, SR) == 0x14, "RM0477");
_Static_assert(offsetof(struct flash_regs, OPTKEYR) == 0x100, "RM0477");
_Static_assert(offsetof(struct flash_regs, OTPLSR) == 0x210, "RM0477");
_Static_assert(offsetof(struct flash_regs, OBW2SR) == 0x268, "RM0477");

enum {
	FLASH_ACR_LATENCY_7 = 7,
	FLASH_ACR_WRHIGHFREQ_3 = FIELD(3, 4),
	FLASH_ACR_SETTING = 0x3f,
	FLASH_SR_QW = BIT(2),
	FLASH_OPTCR_OPTLOCK = BIT(0),
	FLASH_OPTCR_PG_OPT = BIT(1),
	FLASH_OPTISR_OPTERRF = BIT(30),
	FLASH_OPT_KEY1 = 0x08192a3b,
	FLASH_OPT_KEY2 = 0x4c5d6e7f,
	FLASH_OTPLSR_OTPL = 0xffff,
	FLASH_OBW2_ITCM_SHARE = 0x07,
	FLASH_OBW2_DTCM_SHARE_AT = 4,
	FLASH_OBW2_DTCM_SHARE = 0x70,
};

struct gpio_regs {
	uint32_t MODER, OTYPER, OSPEEDR, PUPDR, IDR, ODR, BSRR, LCKR, AFR[2];
};
_Static_assert(offsetof(struct gpio_regs, AFR) == 0x20, "RM0477");

struct xspi_regs {
	uint32_t CR;
	uint32_t reserved0;
	uint32_t DCR1, DCR2, DCR3, DCR4; /* 08h */
	uint32_t reserved1[2];
	uint32_t SR, FCR; /* 20h */
	uint32_t reserved2[6];
	uint32_t DLR; /* 40h */
	uint32_t reserved3;
	uint32_t AR; /* 48h */
	uint32_t reserved4;
	uint32_t DR; /* 50h */
	uint32_t reserved5[43];
	uint32_t CCR; /* 100h */
	uint32_t reserved6;
	uint32_t TCR; /* 108h */
	uint32_t reserved7;
	uint32_t IR; /* 110h */
};
_Static_assert(offsetof(struct xspi_regs, SR) == 0x20, "RM0477");
_Static_assert(offsetof(struct xspi_regs, DR) == 0x50, "RM0477");
_Static_assert(offsetof(struct xspi_regs, IR) == 0x110, "RM0477");

enum {
	XSPI_CR_EN = BIT(0),
	XSPI_CR_ABORT = BIT(1),
	XSPI_CR_FTHRES_AT = 8,
	XSPI_CR_FMODE = FIELD(3, 28),
	XSPI_CR_FMODE_WRITE = 0,
	XSPI_CR_FMODE_READ = FIELD(1, 28),
	XSPI_DCR1_CSHT_AT = 8,
	XSPI_DCR1_DEVSIZE_AT = 16,
	XSPI_DCR1_MTYP_AT = 24,
	XSPI_SR_TEF = BIT(0),
	XSPI_SR_TCF = BIT(1),
	XSPI_SR_FTF = BIT(2),
	XSPI_SR_BUSY = BIT(5),
	XSPI_FCR_CTEF = BIT(0),
	XSPI_FCR_CTCF = BIT(1),
	XSPI_FCR_CLEAR = 0x1b,
	XSPI_CCR_IMODE_1 = FIELD(1, 0),
	XSPI_CCR_IMODE_8 = FIELD(4, 0),
	XSPI_CCR_IDTR = BIT(3),
	XSPI_CCR_ISIZE_16 = FIELD(1, 4),
	XSPI_CCR_ADMODE_1 = FIELD(1, 8),
	XSPI_CCR_ADSIZE_32 = FIELD(3, 12),
	XSPI_CCR_ADMODE = FIELD(7, 8),
	XSPI_CCR_DMODE_1 = FIELD(1, 24),
	XSPI_CCR_DMODE = FIELD(7, 24),
};

enum { XSPIM_CR_CSSEL_OVR_EN = BIT(4) };

struct iwdg_regs {
	uint32_t KR, PR, RLR, SR;
};

enum {
	IWDG_KR_START = 0xcccc,
	IWDG_KR_UNLOCK = 0x5555,
	IWDG_KR_FEED = 0xaaaa,
	IWDG_PR_DIV_32 = 3,
	IWDG_SR_BUSY = 0x07,
};

enum {
	OTG_GCCFG_VBDEN = BIT(21),
	OTG_GCCFG_VBVALOVAL = BIT(23),
	OTG_GCCFG_VBVALEXTOEN = BIT(24),
	OTG_GCCFG_PULLDOWNEN = BIT(25),
};

#define DEVICE_REGS(type, address)                                             \
	((struct type volatile *)(uintptr_t)(address))
#define RCC DEVICE_REGS(rcc_regs, 0x58024400)
#define PWR DEVICE_REGS(pwr_regs, 0x58024800)
#define FLASH DEVICE_REGS(flash_regs, 0x52002000)
#define XSPI2 DEVICE_REGS(xspi_regs, 0x5200a000)
#define IWDG DEVICE_REGS(iwdg_regs, 0x58004800)
#define GPIO(port) DEVICE_REGS(gpio_regs, 0x58020000 + 0x400 * ((port) - 'A'))
#define XSPIM_CR (*(uint32_t volatile *)0x5200b400)
#define OTG_HS_GCCFG (*(uint32_t volatile *)0x40040038)
#define DBGMCU_APB4FZR (*(uint32_t volatile *)0x5c001054)

enum { DBGMCU_APB4FZR_IWDG = BIT(18) };

/* Memory map with the TCM split of the factory: 64 KiB of each TCM. */
#define ITCM_BASE 0x00000000UL
#define FLASH_BASE 0x08000000UL
#define READ_ONLY_BASE 0x08fff000UL /* OTP and the unique id */
#define UID_BASE 0x08fff800UL
#define DTCM_BASE 0x20000000UL
#define SRAM1_BASE 0x24000000UL
#define SRAM2_BASE 0x24020000UL
#define SRAM3_BASE 0x24040000UL
#define SRAM4_BASE 0x24060000UL
#define SRAM4_END 0x24072000UL
#define BKPSRAM_BASE 0x38800000UL
#define PERIPHERAL_BASE 0x40000000UL

/** Poll until (*reg & mask) == value; false after some 100 ms at 64 MHz. */
static inline bool reg_wait(uint32_t volatile *reg, uint32_t mask,
			    uint32_t value)
{
	for (uint32_t i = 0; i < 1000000; i++) {
		if ((*reg & mask) == value)
			return true;
	}
	return false;
}

/** Set bits of a clock enable register. The read back waits until the bits are
 * set. */
static inline void clock_enable(uint32_t volatile *reg, uint32_t bits)
{
	*reg |= bits;
	(void)*reg;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Base addresses and names as in ST's CMSIS device header. */
#include "emulator/machine/register_names.h"

static const struct {
	uint32_t base, size;
	const char *name;
} peripherals[] = {
	{ 0x40000000, 0x400, "TIM2" },
	{ 0x40000400, 0x400, "TIM3" },
	{ 0x40000800, 0x400, "TIM4" },
	{ 0x40000C00, 0x400, "TIM5" },
	{ 0x40001000, 0x400, "TIM6" },
	{ 0x40001400, 0x400, "TIM7" },
	{ 0x40001800, 0x400, "TIM12" },
	{ 0x40001C00, 0x400, "TIM13" },
	{ 0x40002000, 0x400, "TIM14" },
	{ 0x40002400, 0x400, "LPTIM1" },
	{ 0x40002C00, 0x400, "WWDG" },
	{ 0x40003800, 0x400, "SPI2" },
	{ 0x40003C00, 0x400, "SPI3" },
	{ 0x40004000, 0x400, "SPDIFRX" },
	{ 0x40004400, 0x400, "USART2" },
	{ 0x40004800, 0x400, "USART3" },
	{ 0x40004C00, 0x400, "UART4" },
	{ 0x40005000, 0x400, "UART5" },
	{ 0x40005400, 0x400, "I2C1" },
	{ 0x40005800, 0x400, "I2C2" },
	{ 0x40005C00, 0x400, "I2C3" },
	{ 0x40006C00, 0x400, "CEC" },
	{ 0x40007800, 0x400, "UART7" },
	{ 0x40007C00, 0x400, "UART8" },
	{ 0x40008400, 0x400, "CRS" },
	{ 0x40009400, 0x400, "MDIOS" },
	{ 0x4000A000, 0x400, "FDCAN1" },
	{ 0x4000A400, 0x400, "FDCAN2" },
	{ 0x4000AC00, 0x400, "SRAMCAN" },
	{ 0x4000EC00, 0x400, "UCPD1" },
	{ 0x40021000, 0x1000, "GPDMA1" },
	{ 0x40022000, 0x100, "ADC1" },
	{ 0x40022100, 0x400, "ADC2" },
	{ 0x40028000, 0x1400, "ETH" },
	{ 0x4002F000, 0x1000, "ADF1" },
	{ 0x40040000, 0x40000, "USB_OTG_HS" },
	{ 0x40080000, 0x40000, "USB_OTG_FS" },
	{ 0x42000000, 0x400, "TIM1" },
	{ 0x42001000, 0x400, "USART1" },
	{ 0x42003000, 0x400, "SPI1" },
	{ 0x42003400, 0x400, "SPI4" },
	{ 0x42004000, 0x400, "TIM15" },
	{ 0x42004400, 0x400, "TIM16" },
	{ 0x42004800, 0x400, "TIM17" },
	{ 0x42004C00, 0x400, "TIM9" },
	{ 0x42005000, 0x400, "SPI5" },
	{ 0x42005800, 0x400, "SAI1" },
	{ 0x42005C00, 0x400, "SAI2" },
	{ 0x48000400, 0x400, "PSSI" },
	{ 0x48002400, 0x400, "SDMMC2" },
	{ 0x48002800, 0x400, "DLYB_SDMMC2" },
	{ 0x48004400, 0x400, "CORDIC" },
	{ 0x48020000, 0x400, "RNG" },
	{ 0x48020400, 0x400, "HASH" },
	{ 0x48020800, 0x400, "CRYP" },
	{ 0x48021000, 0x400, "SAES" },
	{ 0x48022000, 0x2000, "PKA" },
	{ 0x50002000, 0x1000, "DCMIPP" },
	{ 0x50004000, 0x400, "GFXTIM" },
	{ 0x52000000, 0x1000, "HPDMA1" },
	{ 0x52001000, 0x1000, "DMA2D" },
	{ 0x52002000, 0x400, "FLASH" },
	{ 0x52003000, 0x1000, "JPEG" },
	{ 0x52004000, 0x400, "FMC" },
	{ 0x52005000, 0x400, "XSPI1" },
	{ 0x52007000, 0x1000, "SDMMC1" },
	{ 0x52008000, 0x400, "DLYB_SDMMC1" },
	{ 0x52009000, 0x400, "RAMECC1" },
	{ 0x5200A000, 0x400, "XSPI2" },
	{ 0x5200B400, 0x400, "XSPIM" },
	{ 0x5200B800, 0x400, "MCE1" },
	{ 0x5200BC00, 0x400, "MCE2" },
	{ 0x5200C000, 0x400, "MCE3" },
	{ 0x52010000, 0x3000, "GFXMMU" },
	{ 0x58000000, 0x400, "EXTI" },
	{ 0x58000400, 0x400, "SBS" },
	{ 0x58000C00, 0x400, "LPUART1" },
	{ 0x58001400, 0x400, "SPI6" },
	{ 0x58002400, 0x400, "LPTIM2" },
	{ 0x58002800, 0x400, "LPTIM3" },
	{ 0x58002C00, 0x400, "LPTIM4" },
	{ 0x58003000, 0x400, "LPTIM5" },
	{ 0x58003C00, 0x400, "VREFBUF" },
	{ 0x58004000, 0x400, "RTC" },
	{ 0x58004400, 0x400, "TAMP" },
	{ 0x58004800, 0x400, "IWDG" },
	{ 0x58006800, 0x400, "DTS" },
	{ 0x58020000, 0x400, "GPIOA" },
	{ 0x58020400, 0x400, "GPIOB" },
	{ 0x58020800, 0x400, "GPIOC" },
	{ 0x58020C00, 0x400, "GPIOD" },
	{ 0x58021000, 0x400, "GPIOE" },
	{ 0x58021400, 0x400, "GPIOF" },
	{ 0x58021800, 0x400, "GPIOG" },
	{ 0x58021C00, 0x400, "GPIOH" },
	{ 0x58023000, 0x400, "GPIOM" },
	{ 0x58023400, 0x400, "GPION" },
	{ 0x58023800, 0x400, "GPIOO" },
	{ 0x58023C00, 0x400, "GPIOP" },
	{ 0x58024400, 0x400, "RCC" },
	{ 0x58024800, 0x400, "PWR" },
	{ 0x58024C00, 0x400, "CRC" },
	{ 0x58027000, 0x400, "RAMECC2" },
	{ 0x5C001000, 0x1000, "DBGMCU" },
};

enum { COUNT = sizeof(peripherals) / sizeof(peripherals[0]) };

/* The peripheral that contains the address; -1: none. */
static int find(uint32_t address)
{
	for (unsigned int i = 0; i < COUNT; i++)
		if (address - peripherals[i].base < peripherals[i].size)
			return (int)i;
	return -1;
}

void register_names_format(uint32_t address, char *text, size_t cap)
{
	int i = find(address);

	if (i < 0)
		snprintf(text, cap, "0x%08x", address);
	else
		snprintf(text, cap, "%s+0x%02x", peripherals[i].name,
			 address - peripherals[i].base);
}

void register_names_report(struct emu *e, uint32_t address, const char *verb)
{
	char name[32];

	register_names_format(address, name, sizeof(name));
	if (find(address) < 0)
		emu_fail(e, "%s of 0x%08x: the chip has no peripheral there",
			 verb, address);
	else
		emu_unmodelled(e,
			       "%s of %s at 0x%08x, which is not modelled "
			       "(docs/emulator.md lists what is; --unmodelled "
			       "warn goes on)",
			       verb, name, address);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which peripheral is where, and what has to be on. Bases and enable bits as
 * in ST's CMSIS device header. */
#include "emulator/board.h"
#include "emulator/small.h"

enum { GPIO_BASE = 0x58020000 };

#define GPIO(letter, n)                                                        \
	{                                                                      \
		"GPIO" letter, GPIO_BASE + 0x400 * (n), 0x400, WIDTH_ANY,      \
			RCC_AHB4ENR, n, n, gpio_read, gpio_write, gpio_reset   \
	}

const struct peripheral bus_peripherals[] = {
	/* The busiest first. */
	{ "USB_OTG_HS", 0x40040000, DWC2_SIZE, WIDTH_WORD, RCC_AHB1ENR, 25, 0,
	  dwc2_read, dwc2_write, dwc2_reset },
	{ "SCS", SCS_PAGE, 0x1000, WIDTH_ANY, 0, 0, 0, scs_read, scs_write,
	  NULL },
	{ "XSPI2", 0x5200A000, XSPI_SIZE, WIDTH_ANY, RCC_AHB5ENR, 12, 0,
	  xspi_read, xspi_write, xspi_reset },
	{ "XSPIM", 0x5200B400, 0x400, WIDTH_WORD, RCC_AHB5ENR, 14, 0,
	  xspim_read, xspim_write, xspim_reset },
	{ "RCC", 0x58024400, RCC_SIZE, WIDTH_WORD, 0, 0, 0, rcc_read, rcc_write,
	  rcc_reset },
	{ "PWR", 0x58024800, 0x400, WIDTH_WORD, 0, 0, 0, pwr_read, pwr_write,
	  pwr_reset },
	{ "FLASH", 0x52002000, 0x400, WIDTH_WORD, 0, 0, 0, flash_read,
	  flash_write, flash_reset },
	{ "SBS", 0x58000400, 0x400, WIDTH_WORD, RCC_APB4ENR, 1, 0, sbs_read,
	  sbs_write, sbs_reset },
	{ "EXTI", 0x58000000, 0x400, WIDTH_WORD, 0, 0, KEPT_EXTI, kept_read,
	  kept_write, kept_reset },
	{ "IWDG", 0x58004800, 0x400, WIDTH_WORD, 0, 0, 0, iwdg_read, iwdg_write,
	  iwdg_reset },
	{ "CRS", 0x40008400, 0x400, WIDTH_WORD, RCC_APB1ENR2, 1, 0, crs_read,
	  crs_write, crs_reset },
	{ "DBGMCU", 0x5C001000, 0x400, WIDTH_WORD, 0, 0, KEPT_DBGMCU, kept_read,
	  kept_write, kept_reset },
	{ "UID", 0x08FFF800, 0x10, WIDTH_HALF | WIDTH_WORD, 0, 0, 0, uid_read,
	  uid_write, NULL },
	GPIO("A", 0),
	GPIO("B", 1),
	GPIO("C", 2),
	GPIO("D", 3),
	GPIO("E", 4),
	GPIO("F", 5),
	GPIO("G", 6),
	GPIO("H", 7),
	GPIO("M", 12),
	GPIO("N", 13),
	GPIO("O", 14),
	GPIO("P", 15),
	{ "DWT", 0xE0001000, 0x1000, WIDTH_WORD, 0, 0, 0, dwt_page_read,
	  dwt_page_write, NULL },
	{ "ITM", 0xE0000000, 0x1000, WIDTH_ANY, 0, 0, 0, itm_read, itm_write,
	  NULL },
	{ 0 },
};

/* SPDX-License-Identifier: Apache-2.0 */
/* Misuse of the chip that must end the emulation, with one function for each
 * case. The last byte of --uid selects the case. test_strict.py contains the
 * expected errors. */
#include "nucleo.h"

extern uint32_t stack_top;
void reset(void);

#define CASE(name) static void __attribute__((noinline)) case_##name(void)

CASE(clock_off)
{
	GPIO(PORT_D, 0) = 0;
}

CASE(usb_clock_off)
{
	(void)USB(0x40);
}

CASE(phy_reference)
{
	power();
	usb_supply();
	usb_clock();
	USB(0x10) = 1;
}

CASE(phy_reference_code)
{
	power();
	hse();
	usb_supply();
	usb_clock();
	RCC(0x4C) = 0x300;
	USB(0x10) = 1;
}

CASE(phy_supply)
{
	power();
	hse();
	PWR(0x0C) |= 1 << 24;
	while (!(PWR(0x0C) & 1 << 26))
		;
	usb_clock();
	USB(0x10) = 1;
}

CASE(usb33_not_waited)
{
	power();
	hse();
	PWR(0x0C) |= 1 << 27 | 1 << 24;
	usb_clock();
	USB(0x10) = 1;
}

CASE(phy_clock)
{
	power();
	hse();
	usb_supply();
	RCC(0x138) |= 1 << 25;
	USB(0x10) = 1;
}

CASE(vbus_override)
{
	usb_on();
	USB(0x38) = 0;
	USB(0x804) = 0;
}

CASE(xspi_pads)
{
	xspi_clock();
	XSPI(0x100) = 1;
	XSPI(0x110) = 6;
}

CASE(xspi_pins)
{
	xspi_on();
	GPIO(PORT_N, 0x00) = 0xFFFFFFFF;
	XSPI(0x100) = 1;
	XSPI(0x110) = 6;
}

CASE(options_twice)
{
	FLASH(0x100) = 0x08192A3B;
	FLASH(0x100) = 0x4C5D6E7F;
	FLASH(0x100) = 0x08192A3B;
}

CASE(options_key)
{
	FLASH(0x100) = 0x12345678;
}

CASE(options_bits)
{
	FLASH(0x100) = 0x08192A3B;
	FLASH(0x100) = 0x4C5D6E7F;
	FLASH(0x104) = 2;
	FLASH(0x26C) = 1 << 10; /* reserved */
}

CASE(options_locked)
{
	FLASH(0x104) = 2;
}

CASE(rx_status_empty)
{
	usb_on();
	(void)USB(0x20);
}

CASE(rx_underflow)
{
	usb_on();
	(void)USB(0x1000);
}

CASE(tx_not_enabled)
{
	usb_on();
	usb_endpoint();
	USB(0x2000) = 0;
}

CASE(tx_past_size)
{
	usb_on();
	usb_endpoint();
	USB(0x930) = 1 << 19 | 4;
	USB(0x920) |= 1u << 31 | 1 << 26;
	USB(0x2000) = 0;
	USB(0x2000) = 0;
}

CASE(tx_overflow)
{
	usb_on();
	usb_endpoint();
	USB(0x930) = 2 << 19 | 128;
	USB(0x920) |= 1u << 31 | 1 << 26;
	for (int i = 0; i < 17; i++)
		USB(0x2000) = 0;
}

CASE(fifo_overlap)
{
	usb_on();
	usb_endpoint();
	USB(0x104) = 16 << 16 | 0xF8;
	USB(0x930) = 1 << 19 | 4;
	USB(0x920) |= 1u << 31 | 1 << 26;
}

CASE(fifo_small)
{
	usb_on();
	usb_endpoint();
	USB(0x104) = 15 << 16 | 0x120;
	USB(0x930) = 1 << 19 | 4;
	USB(0x920) |= 1u << 31 | 1 << 26;
}

CASE(fifo_bytes)
{
	usb_on();
	REG8(0x40042000) = 0;
}

CASE(zero_length)
{
	usb_on();
	usb_endpoint();
	USB(0x930) = 1 << 19;
	USB(0x920) |= 1u << 31 | 1 << 26;
}

/* SNAK, EPENA and CNAK with too few clocks between EPENA and CNAK. */
CASE(zero_length_hasty)
{
	usb_on();
	usb_endpoint();
	USB(0x930) = 1 << 19;
	USB(0x920) |= 1 << 27;
	for (int i = 0; i < 100; i++)
		(void)USB(0x920);
	USB(0x920) |= 1u << 31;
	USB(0x920) |= 1 << 26;
}

/* The work-around of DMA mode, used in slave mode. */
CASE(zero_length_dma_order)
{
	usb_on();
	usb_endpoint();
	USB(0x930) = 1 << 19;
	USB(0x920) |= 1u << 31 | 1 << 27;
	for (int i = 0; i < 100; i++)
		(void)USB(0x920);
	USB(0x920) |= 1 << 26;
}

CASE(uid_bytes)
{
	(void)REG8(0x08FFF800);
}

CASE(hole)
{
	(void)REG(0x25000000);
}

CASE(hole_open)
{
	REG(0xE000ED14) |= 1 << 17; /* CCR.IC, with the MPU off */
}

CASE(no_peripheral)
{
	(void)REG(0x40003800);
}

CASE(ahb_sram)
{
	REG(0x30000000) = 1;
}

CASE(backup_clock)
{
	(void)REG(0x38800000);
}

CASE(backup_write)
{
	RCC(0x140) |= 1 << 28;
	(void)REG(0x38800000);
	REG(0x38800000) = 1;
}

CASE(supply_twice)
{
	power();
	PWR(0x0C) = 4;
}

CASE(voltage_early)
{
	PWR(0x14) = 1;
}

CASE(latency)
{
	power();
	FLASH(0) = 0;
	RCC(0) |= 1 << 7;
}

CASE(too_fast)
{
	power();
	RCC(0x28) = 0x02020200 & ~0x3f0u;
	RCC(0x28) = 16 << 4 | 2 << 12 | 2 << 20; /* HSI / 16 */
	RCC(0x30) = 159;			 /* times 160: 640 MHz */
	RCC(0x2C) = 2 << 3 | 1 << 5;
	RCC(0) |= 1 << 24;
	while (!(RCC(0) & 1 << 25))
		;
	FLASH(0) = 0x37;
	RCC(0x1C) = 8;
	RCC(0x20) = 0x4444;
	RCC(0x10) = 3;
}

CASE(pll_input)
{
	RCC(0x28) = 16 << 4;
	RCC(0x2C) = 0;
	RCC(0) |= 1 << 24;
}

CASE(pll_changed)
{
	RCC(0x28) = 16 << 4;
	RCC(0x30) = 149;
	RCC(0x2C) = 2 << 3 | 1 << 5;
	RCC(0) |= 1 << 24;
	RCC(0x30) = 100;
}

CASE(clock_not_ready)
{
	RCC(0) |= 1 << 16;
	RCC(0x10) = 2;
}

CASE(watchdog_key)
{
	IWDG(4) = 1;
}

CASE(xspi_mode_busy)
{
	xspi_on();
	xspi_read(3, 0, 0, 4);
	XSPI(0) = 1;
}

CASE(xspi_address_busy)
{
	xspi_on();
	xspi_read(3, 0, 0, 4);
	XSPI(0x48) = 0;
}

CASE(xspi_data_none)
{
	xspi_on();
	(void)REG8(0x5200A050);
}

CASE(flash_dummy)
{
	xspi_on();
	xspi_read(0x0B, 6, 0, 4);
	while (!(XSPI(0x20) & 6))
		;
}

CASE(flash_no_wren)
{
	xspi_on();
	xspi_program(0, 4, 0);
}

CASE(flash_busy)
{
	xspi_on();
	xspi_command(6);
	xspi_address(0x20, 0);
	xspi_command(6);
}

CASE(flash_page_wrap)
{
	xspi_on();
	xspi_command(6);
	xspi_program(250, 8, 0);
}

CASE(xspi_window)
{
	(void)REG(0x70000000);
}

CASE(internal_flash)
{
	REG(0x08008000) = 0;
}

CASE(lockup)
{
	REG(0xE000ED08) = 0x20000000; /* uninitialized vectors */
	__asm__ volatile("msr msp, %0; udf 0" ::"r"(0x60000000));
}

CASE(mpu_peripheral)
{
	REG(0xE000ED98) = 0;
	REG(0xE000ED9C) = 0x40000000;
	REG(0xE000EDA0) = 28 << 1 | 1; /* 512 MiB, no access */
	REG(0xE000ED94) = 5;
	BARRIER();
	(void)RCC(0);
}

CASE(vector_nowhere)
{
	REG(0xE000ED08) = 0x60000000; /* VTOR */
	BARRIER();
	__asm__ volatile("svc 0");
}

CASE(vector_arm)
{
	REG(0x24000000 + 4 * 11) = 0x08000000; /* no Thumb bit */
	REG(0xE000ED08) = 0x24000000;
	BARRIER();
	__asm__ volatile("svc 0");
}

static void (*const cases[])(void) = {
	case_clock_off,
	case_usb_clock_off,
	case_phy_reference,
	case_phy_reference_code,
	case_phy_supply,
	case_usb33_not_waited,
	case_phy_clock,
	case_vbus_override,
	case_xspi_pads,
	case_xspi_pins,
	case_options_twice,
	case_options_key,
	case_options_bits,
	case_options_locked,
	case_rx_status_empty,
	case_rx_underflow,
	case_tx_not_enabled,
	case_tx_past_size,
	case_tx_overflow,
	case_fifo_overlap,
	case_fifo_small,
	case_fifo_bytes,
	case_zero_length,
	case_zero_length_hasty,
	case_zero_length_dma_order,
	case_uid_bytes,
	case_hole,
	case_no_peripheral,
	case_ahb_sram,
	case_backup_clock,
	case_backup_write,
	case_supply_twice,
	case_voltage_early,
	case_latency,
	case_too_fast,
	case_pll_input,
	case_pll_changed,
	case_clock_not_ready,
	case_watchdog_key,
	case_xspi_mode_busy,
	case_xspi_address_busy,
	case_xspi_data_none,
	case_flash_dummy,
	case_flash_no_wren,
	case_flash_busy,
	case_flash_page_wrap,
	case_xspi_window,
	case_internal_flash,
	case_lockup,
	case_mpu_peripheral,
	case_hole_open,
	case_vector_nowhere,
	case_vector_arm,
};

void reset(void)
{
	uint32_t number = REG(0x08FFF808) >> 24;

	if (number < sizeof(cases) / sizeof(*cases))
		cases[number]();
	finish(1); /* no case may get here */
}

__attribute__((section(".vectors"), used)) static void *const vectors[] = {
	&stack_top,
	reset,
	reset,
	reset,
};

/* The emulator's peripherals at their registers, without a CPU. */
#include "cm.h"

#include <stdbool.h>
#include <string.h>

#include "emulator/board.h"
#include "emulator/dwc2_bits.h"

enum {
	RCC = 0x58024400,
	PWR = 0x58024800,
	FLASH = 0x52002000,
	SBS = 0x58000400,
	IWDG = 0x58004800,
	XSPI2 = 0x5200A000,
	USB = 0x40040000,
	GPIOD = 0x58020C00,
	GPION = 0x58023400,
	UID = 0x08FFF800,
};

static struct board b;

static uint32_t rd(uint32_t address)
{
	return bus_read(&b, address, 4);
}

static void wr_reg(uint32_t address, uint32_t value)
{
	bus_write(&b, address, 4, value);
	if (b.emu.failed)
		fail_msg("%s", b.emu.error);
}

static void pass(uint64_t ps)
{
	emu_run_to(&b.emu, emu_now(&b.emu) + ps);
}

static void until(uint32_t address, uint32_t bit)
{
	for (int i = 0; i < 100000 && !(rd(address) & bit); i++)
		pass(EMU_US);
	assert_true(rd(address) & bit);
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(board_open(&b, false), 0);
	board_power_on(&b, FLASH_BASE);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	board_close(&b);
	return 0;
}

static void must_fail(uint32_t address, uint32_t value, const char *reason)
{
	bus_write(&b, address, 4, value);
	assert_true(b.emu.failed);
	assert_non_null(strstr(b.emu.error, reason));
}

static void voltage(void)
{
	wr_reg(PWR + 0xC, 2);
	until(PWR + 4, 2);
	wr_reg(PWR + 0x14, 1);
	until(PWR + 0x14, 2);
}

/* --- clocks and power --- */

static void test_resets(void **state)
{
	(void)state;
	assert_int_equal(rd(RCC), 0x25);
	assert_int_equal(rd(RCC + 0x28), 0x02020200);
	assert_int_equal(rd(RCC + 0x4C), 0xA00);
	assert_int_equal(rd(RCC + 0x130), 0x00E00000);
	assert_int_equal(rd(PWR + 0xC), 6);
	assert_int_equal(rd(FLASH), 0x13);
	assert_int_equal(rd(FLASH + 0x104), 1);
	wr_reg(RCC + 0x130, 1 << 16);
	assert_int_equal(rd(RCC + 0x130), 0);
	board_request_reset(&b, RESET_IWDG);
	board_reset(&b);
	assert_int_equal(rd(RCC + 0x130), RESET_IWDG | RESET_PIN);
}

/* HSI/16 * 150 = 600 MHz, the AHB at half of it. */
static void test_600_mhz(void **state)
{
	(void)state;
	voltage();
	wr_reg(RCC + 0x28, 16 << 4 | 2 << 12 | 2 << 20);
	wr_reg(RCC + 0x30, 149);
	wr_reg(RCC + 0x2C, 2 << 3 | 1 << 5);
	wr_reg(RCC, rd(RCC) | 1 << 24);
	assert_false(rd(RCC) & 1 << 25);
	until(RCC, 1 << 25);
	wr_reg(FLASH, 0x37);
	wr_reg(RCC + 0x1C, 8);
	wr_reg(RCC + 0x20, 0x4444);
	wr_reg(RCC + 0x10, 3);
	assert_int_equal(rd(RCC + 0x10), 3 | 3 << 3);
	assert_int_equal(b.rcc.core_hz, 600000000);
	assert_int_equal(b.rcc.ahb_hz, 300000000);
	assert_int_equal(b.emu.ps_per_insn, 1667);
	/* Less is not enough any more. */
	must_fail(FLASH, 0x36, "WRHIGHFREQ");
}

static void test_supply_over_reset(void **state)
{
	(void)state;
	voltage();
	board_request_reset(&b, RESET_SOFTWARE);
	board_reset(&b);
	assert_int_equal(rd(PWR + 0xC), 2);
	assert_true(rd(PWR + 4) & 2);
}

static void test_fractional_pll(void **state)
{
	(void)state;
	wr_reg(RCC + 0x28, 32 << 4 | 2 << 12 | 2 << 20); /* 2 MHz */
	wr_reg(RCC + 0x30, 8 << 9 | 249); /* 500 MHz and a half, / 9 ... */
	wr_reg(RCC + 0x34, 4096 << 3);	  /* ... 501 MHz */
	wr_reg(RCC + 0x2C, 1 | 1 << 3 | 1 << 5);
	wr_reg(RCC, rd(RCC) | 1 << 24);
	pass(EMU_MS);
	wr_reg(RCC + 0x30, 8 << 9 | 249);
	wr_reg(FLASH, 0x37);
	wr_reg(RCC + 0x10, 3);
	assert_int_equal(b.rcc.core_hz, 501000000 / 9);
}

/* --- option bytes --- */

static void program_split(uint32_t value)
{
	wr_reg(FLASH + 0x100, 0x08192A3B);
	wr_reg(FLASH + 0x100, 0x4C5D6E7F);
	wr_reg(FLASH + 0x104, 2);
	wr_reg(FLASH + 0x26C, value);
	assert_true(rd(FLASH + 0x14) & 4); /* QW */
	pass(10 * EMU_MS);
	assert_false(rd(FLASH + 0x14));
	assert_int_equal(rd(FLASH + 0x268), value);
	wr_reg(FLASH + 0x104, 1);
}

static void test_split_at_reset(void **state)
{
	(void)state;
	b.flash.change = FLASH_AT_RESET;
	assert_null(bus_memory(&b, 0x10000, 1));
	program_split(0x12);
	assert_null(bus_memory(&b, 0x10000, 1));
	board_reset(&b);
	/* 192 KiB and 128 KiB; SRAM1 is gone, SRAM3 ends at 0x50000. */
	assert_non_null(bus_memory(&b, 0x2FFFF, 1));
	assert_non_null(bus_memory(&b, 0x2001FFFF, 1));
	assert_null(bus_memory(&b, 0x20020000, 1));
	assert_null(bus_memory(&b, 0x2401FFFF, 1));
	assert_non_null(bus_memory(&b, 0x2404FFFF, 1));
	assert_null(bus_memory(&b, 0x24050000, 1));
	assert_non_null(bus_memory(&b, 0x24060000, 0x12000));
}

static void test_split_at_once(void **state)
{
	(void)state;
	b.flash.change = FLASH_AT_ONCE;
	program_split(1);
	assert_non_null(bus_memory(&b, 0x1FFFF, 1));
}

static void test_split_lost(void **state)
{
	(void)state;
	wr_reg(FLASH + 0x100, 0x08192A3B);
	wr_reg(FLASH + 0x100, 0x4C5D6E7F);
	wr_reg(FLASH + 0x104, 2);
	wr_reg(FLASH + 0x26C, 2);
	board_reset(&b);
	pass(10 * EMU_MS);
	assert_int_equal(rd(FLASH + 0x268), 0);
}

/* --- small ones --- */

static void test_gpio(void **state)
{
	(void)state;
	wr_reg(RCC + 0x140, 1 << 3 | 1 << 2);
	wr_reg(GPIOD, 0xFFFFFFFF & ~(2U << 20));
	wr_reg(GPIOD + 0x18, 1 << 10);
	assert_true(b.gpio.led[0]);
	assert_true(rd(GPIOD + 0x10) & 1 << 10);
	wr_reg(GPIOD + 0x28, 1 << 10);
	assert_false(b.gpio.led[0]);
	bus_write(&b, GPIOD + 0x15, 1, 4); /* half of ODR */
	assert_true(b.gpio.led[0]);
	/* B1 pulls against the pull-up. */
	wr_reg(0x58020800 + 0xC, 1 << 26);
	assert_true(rd(0x58020800 + 0x10) & 1 << 13);
	b.gpio.button = true;
	assert_false(rd(0x58020800 + 0x10) & 1 << 13);
}

static void test_watchdog(void **state)
{
	(void)state;
	wr_reg(IWDG, 0xCCCC);
	wr_reg(IWDG, 0x5555);
	wr_reg(IWDG + 4, 3); /* /32: a millisecond a step */
	wr_reg(IWDG + 8, 999);
	assert_true(rd(IWDG + 0xC) & 7);
	pass(EMU_MS);
	assert_false(rd(IWDG + 0xC) & 7);
	wr_reg(IWDG, 0xAAAA);
	pass(900 * EMU_MS);
	wr_reg(IWDG, 0xAAAA);
	pass(999 * EMU_MS);
	assert_false(b.reset_request);
	pass(2 * EMU_MS);
	assert_int_equal(b.reset_request, RESET_IWDG);
}

static void test_uid(void **state)
{
	(void)state;
	memcpy(b.uid, "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c", 12);
	assert_int_equal(rd(UID), 0x04030201);
	assert_int_equal(rd(UID + 8), 0x0c0b0a09);
	assert_int_equal(bus_read(&b, UID + 6, 2), 0x0807);
	assert_false(b.emu.failed);
	(void)bus_read(&b, UID + 1, 1);
	assert_true(b.emu.failed);
}

static void test_compensation_cell(void **state)
{
	(void)state;
	wr_reg(RCC + 0x154, 2);
	wr_reg(SBS + 0x110, 1 << 4);
	assert_int_equal(rd(SBS + 0x110), 1 << 4);
	wr_reg(RCC, rd(RCC) | 1 << 7);
	pass(EMU_MS);
	assert_int_equal(rd(SBS + 0x110), 1 << 4 | 1 << 10);
}

/* --- NVIC --- */

static const struct nvic_masks open;

static void test_priorities(void **state)
{
	struct nvic_masks m = { 0 };

	(void)state;
	bus_write(&b, 0xE000E400, 4, 0x40201080); /* 3: 40, 2: 20, ... */
	wr_reg(0xE000E100, 15);
	wr_reg(0xE000E200, 15);
	assert_int_equal(nvic_next(&b.nvic, &open), 17);
	m.basepri = 0x20;
	assert_int_equal(nvic_next(&b.nvic, &m), 17);
	m.basepri = 0x10;
	assert_int_equal(nvic_next(&b.nvic, &m), EXC_NONE);
	m.basepri = 0;
	m.primask = 1;
	assert_int_equal(nvic_next(&b.nvic, &m), EXC_NONE);
	assert_true(nvic_wakes(&b.nvic, &m));
	nvic_activate(&b, 17);
	assert_int_equal(nvic_next(&b.nvic, &open), EXC_NONE);
	wr_reg(0xE000ED04, 1U << 31);
	assert_int_equal(nvic_next(&b.nvic, &open), EXC_NMI);
	nvic_activate(&b, EXC_NMI);
	nvic_deactivate(&b, EXC_NMI);
	nvic_deactivate(&b, 17);
	assert_int_equal(nvic_next(&b.nvic, &open), 18);
}

static void test_level(void **state)
{
	(void)state;
	wr_reg(0xE000E108, 1 << 27); /* 91 */
	nvic_set_line(&b, 91, true);
	nvic_activate(&b, 16 + 91);
	assert_int_equal(nvic_next(&b.nvic, &open), EXC_NONE);
	nvic_deactivate(&b, 16 + 91);
	assert_int_equal(nvic_next(&b.nvic, &open), 16 + 91);
	nvic_set_line(&b, 91, false);
	wr_reg(0xE000E288, 1 << 27);
	assert_int_equal(nvic_next(&b.nvic, &open), EXC_NONE);
}

static void test_systick(void **state)
{
	(void)state;
	wr_reg(0xE000E014, 63999); /* a millisecond of HSI */
	wr_reg(0xE000E018, 0);
	wr_reg(0xE000E010, 7);
	pass(EMU_MS / 2);
	assert_in_range(rd(0xE000E018), 31900, 32100);
	assert_int_equal(rd(0xE000E010), 7);
	pass(EMU_MS / 2);
	assert_int_equal(rd(0xE000E010), 0x10007);
	assert_int_equal(rd(0xE000E010), 7);
	assert_int_equal(nvic_next(&b.nvic, &open), EXC_SYSTICK);
}

static void test_mpu(void **state)
{
	(void)state;
	wr_reg(0xE000ED98, 3);
	wr_reg(0xE000ED9C, 0x20000000);
	wr_reg(0xE000EDA0, 1U << 28 | 5U << 24 | 0x02 << 8 | 7 << 1 | 1);
	assert_true(mpu_allows(&b, 0x20000000, MPU_WRITE));
	wr_reg(0xE000ED94, 5);
	assert_false(mpu_allows(&b, 0x20000000, MPU_WRITE));
	assert_true(mpu_allows(&b, 0x20000000, MPU_READ));
	assert_false(mpu_allows(&b, 0x20000000, MPU_EXEC));
	assert_true(mpu_allows(&b, 0x20000020, MPU_WRITE)); /* subregion */
	assert_int_equal(mpu_page(&b, 0x20000000), MPU_READ);
	assert_int_equal(mpu_page(&b, 0x20001000), 7);
	wr_reg(0xE000ED94, 1);
	assert_false(mpu_allows(&b, 0x20001000, MPU_READ));
	assert_true(mpu_allows(&b, 0xE000E000, MPU_READ));
}

/* --- XSPI2 and the flash --- */

static void xspi_on(void)
{
	wr_reg(PWR + 0xC, 2 | 1 << 15);
	wr_reg(RCC + 0x140, 1 << 13);
	wr_reg(GPION, 0xAAAAAAAA);
	wr_reg(GPION + 0x20, 0x99999999);
	wr_reg(RCC + 0x134, 1 << 12);
	wr_reg(XSPI2 + 8, 24 << 16);
	wr_reg(XSPI2 + 0xC, 0);
	assert_true(rd(XSPI2 + 0x20) & 32);
	pass(2 * EMU_US);
	wr_reg(XSPI2, 1);
}

static void xspi_end(void)
{
	until(XSPI2 + 0x20, 2);
	wr_reg(XSPI2 + 0x24, 2);
	assert_false(rd(XSPI2 + 0x20) & 32);
}

static void xspi_command(uint32_t ir)
{
	wr_reg(XSPI2, 1);
	wr_reg(XSPI2 + 0x100, 1);
	wr_reg(XSPI2 + 0x110, ir);
	xspi_end();
}

static void xspi_data(uint32_t mode, uint32_t ccr, uint32_t ir, uint32_t n)
{
	wr_reg(XSPI2, 1);
	wr_reg(XSPI2 + 0x40, n - 1);
	wr_reg(XSPI2 + 0x100, ccr);
	wr_reg(XSPI2 + 0x110, ir);
	wr_reg(XSPI2, 1 | mode << 28);
}

static void test_flash_id(void **state)
{
	(void)state;
	xspi_on();
	xspi_data(1, 0x01000001, 0x9F, 3);
	wr_reg(XSPI2 + 0x110, 0x9F);
	until(XSPI2 + 0x20, 4); /* FTF */
	assert_int_equal(bus_read(&b, XSPI2 + 0x50, 1), 0xC2);
	assert_int_equal(bus_read(&b, XSPI2 + 0x50, 1), 0x81);
	assert_int_equal(bus_read(&b, XSPI2 + 0x50, 1), 0x39);
	xspi_end();
}

static void test_flash_write(void **state)
{
	(void)state;
	xspi_on();
	b.nor.data[0x1003] = 0xF0;
	xspi_command(6);
	xspi_data(0, 0x01002101, 2, 4);
	wr_reg(XSPI2 + 0x48, 0x1000);
	bus_write(&b, XSPI2 + 0x50, 4, 0x3C3C0201);
	xspi_end();
	assert_memory_equal(b.nor.data + 0x1000, "\x01\x02\x3C\x30", 4);
	assert_false(b.nor.wel);
	pass(EMU_MS);
	xspi_command(6);
	wr_reg(XSPI2 + 0x100, 0x2101);
	wr_reg(XSPI2 + 0x110, 0x20);
	wr_reg(XSPI2 + 0x48, 0x1234);
	xspi_end();
	assert_int_equal(b.nor.data[0x1000], 0xff);
	/* Busy: status says so, and nothing else is heard. */
	xspi_data(1, 0x01000001, 5, 1);
	wr_reg(XSPI2 + 0x110, 5);
	until(XSPI2 + 0x20, 4);
	assert_int_equal(bus_read(&b, XSPI2 + 0x50, 1), 1);
}

/* 200 bytes by words, more than the FIFO holds. */
static void test_flash_read(void **state)
{
	(void)state;
	xspi_on();
	for (unsigned int i = 0; i < 256; i++)
		b.nor.data[0x100000 + i] = (uint8_t)i;
	wr_reg(XSPI2 + 0x108, 8);
	xspi_data(1, 0x01003101, 0x0C, 200);
	wr_reg(XSPI2 + 0x48, 0x100000);
	pass(EMU_MS);
	assert_int_equal(rd(XSPI2 + 0x20) >> 8 & 0x7f, 64);
	for (uint32_t i = 0; i < 200; i += 4)
		assert_int_equal(rd(XSPI2 + 0x50), i | (i + 1) << 8 |
							   (i + 2) << 16 |
							   (i + 3) << 24);
	xspi_end();
}

static void test_flash_mapped(void **state)
{
	(void)state;
	xspi_on();
	wr_reg(XSPI2 + 0x108, 8);
	wr_reg(XSPI2 + 0x100, 0x01003101);
	wr_reg(XSPI2 + 0x110, 0x0C);
	wr_reg(XSPI2, 1U | 3U << 28);
	assert_true(xspi_mapped(&b));
	wr_reg(XSPI2, 3U | 3U << 28);
	assert_false(rd(XSPI2 + 0x20) & 32);
	wr_reg(XSPI2, 1);
	assert_false(xspi_mapped(&b));
}

/* Left in OPI, the flash hears nothing in SPI until it is reset in OPI. */
static void test_flash_left_in_opi(void **state)
{
	(void)state;
	xspi_on();
	b.nor.mode = NOR_OPI_STR;
	xspi_command(0x66);
	xspi_command(0x99);
	assert_int_equal(b.nor.mode, NOR_OPI_STR);
	wr_reg(XSPI2 + 0x100, 4 | 1 << 4);
	wr_reg(XSPI2 + 0x110, 0x6699);
	xspi_end();
	wr_reg(XSPI2 + 0x110, 0x9966);
	xspi_end();
	assert_int_equal(b.nor.mode, NOR_SPI);
	bus_write(&b, XSPI2 + 0x100, 4, 1);
	bus_write(&b, XSPI2 + 0x110, 4, 6);
	pass(10 * EMU_US);
	assert_true(b.emu.failed); /* while it is in reset */
}

/* --- USB, from both ends --- */

static void usb_on(void)
{
	voltage();
	wr_reg(RCC, rd(RCC) | 1 << 16);
	until(RCC, 1 << 17);
	wr_reg(PWR + 0xC, rd(PWR + 0xC) | 1 << 27 | 1 << 24);
	until(PWR + 0xC, 1 << 26);
	wr_reg(RCC + 0x138, 3 << 25);
	wr_reg(USB + GRSTCTL, 1);
	wr_reg(USB + GCCFG, 3 << 23);
	wr_reg(USB + GRXFSIZ, 0x100);
	wr_reg(USB + DIEPTXF0, 0x10 << 16 | 0x100);
	wr_reg(USB + DIEPTXF1, 0x80 << 16 | 0x110);
	wr_reg(USB + DCTL, 0);
	assert_true(dwc2_attached(&b));
	dwc2_bus_reset(&b, false);
	assert_true(rd(USB + GINTSTS) & GINTSTS_USBRST);
	pass(11 * EMU_MS);
	assert_true(rd(USB + GINTSTS) & GINTSTS_ENUMDNE);
	assert_int_equal(rd(USB + DSTS) & 6, 0);
	wr_reg(USB + DAINTMSK, 0xffffffff);
	wr_reg(USB + DOEPMSK, 0x9);
	wr_reg(USB + DIEPMSK, 1);
}

static void test_usb_setup(void **state)
{
	static const uint8_t setup[8] = { 0x80, 6, 0, 1, 0, 0, 64, 0 };

	(void)state;
	usb_on();
	assert_int_equal(dwc2_setup(&b, setup), DWC2_ACK);
	assert_int_equal(rd(USB + GRXSTSP), 6 << 17 | 8 << 4);
	assert_int_equal(rd(USB + FIFO_BASE), 0x01000680);
	assert_int_equal(rd(USB + FIFO_BASE), 0x00400000);
	assert_false(rd(USB + DOEPCTL0 + EP_INT) & EPINT_SETUP);
	assert_int_equal(rd(USB + GRXSTSP), 4 << 17);
	assert_true(rd(USB + DOEPCTL0 + EP_INT) & EPINT_SETUP);
	assert_true(rd(USB + GINTSTS) & GINTSTS_OEPINT);
	wr_reg(USB + DOEPCTL0 + EP_INT, EPINT_SETUP);
	assert_false(rd(USB + GINTSTS) & (GINTSTS_OEPINT | GINTSTS_RXFLVL));
}

static void test_usb_out(void **state)
{
	const uint32_t ctl = USB + DOEPCTL0 + 0x20;
	uint8_t data[64] = { 1, 2, 3, 4, 5 };

	(void)state;
	usb_on();
	assert_int_equal(dwc2_out(&b, 1, false, data, 5), DWC2_NOTHING);
	wr_reg(ctl, 64 | 1 << 15 | 2 << 18 | EPCTL_SD0PID);
	assert_int_equal(dwc2_out(&b, 1, false, data, 5), DWC2_NAK);
	wr_reg(ctl + EP_TSIZ, 2 << 19 | 128);
	wr_reg(ctl, rd(ctl) | EPCTL_EPENA | EPCTL_CNAK);
	assert_int_equal(dwc2_out(&b, 1, false, data, 64), DWC2_ACK);
	assert_int_equal(dwc2_out(&b, 1, true, data, 5), DWC2_ACK);
	assert_int_equal(dwc2_out(&b, 1, false, data, 5), DWC2_NAK);
	assert_int_equal(rd(USB + GRXSTSP) & 0x1e7ff0, 2 << 17 | 64 << 4);
	for (int i = 0; i < 16; i++)
		(void)rd(USB + FIFO_BASE);
	assert_int_equal(rd(USB + GRXSTSP) & 0x1e7ff0, 2 << 17 | 5 << 4);
	assert_int_equal(rd(USB + FIFO_BASE), 0x04030201);
	assert_int_equal(rd(USB + FIFO_BASE), 5);
	assert_false(rd(ctl + EP_INT) & EPINT_XFRC);
	assert_int_equal(rd(USB + GRXSTSP), 3 << 17 | 1);
	assert_true(rd(ctl + EP_INT) & EPINT_XFRC);
	assert_false(rd(ctl) & EPCTL_EPENA);
	assert_int_equal(rd(ctl + EP_TSIZ), 128 - 69);
	/* More than the transfer has room for would overwrite memory. */
	wr_reg(ctl + EP_TSIZ, 1 << 19 | 4);
	wr_reg(ctl, rd(ctl) | EPCTL_EPENA | EPCTL_CNAK);
	assert_int_equal(dwc2_out(&b, 1, false, data, 5), DWC2_NOTHING);
	assert_true(b.emu.failed);
}

static void test_usb_in(void **state)
{
	const uint32_t ctl = USB + DIEPCTL0 + 0x20;
	uint8_t data[DWC2_PACKET_MAX];
	uint32_t len;

	(void)state;
	usb_on();
	wr_reg(ctl, 8 | 1 << 15 | 2 << 18 | 1 << 22 | EPCTL_SD0PID);
	assert_int_equal(dwc2_in(&b, 1, false, data, &len), DWC2_NAK);
	wr_reg(ctl + EP_TSIZ, 2 << 19 | 10);
	wr_reg(ctl, rd(ctl) | EPCTL_EPENA | EPCTL_CNAK);
	assert_int_equal(rd(ctl + EP_DTXFSTS), 0x80);
	wr_reg(USB + 0x2000, 0x04030201);
	assert_int_equal(dwc2_in(&b, 1, false, data, &len), DWC2_NAK);
	wr_reg(USB + 0x2000, 0x08070605);
	wr_reg(USB + 0x2000, 0x00000A09);
	assert_int_equal(rd(ctl + EP_DTXFSTS), 0x80 - 3);
	assert_int_equal(rd(ctl + EP_TSIZ), 2 << 19);
	assert_int_equal(dwc2_in(&b, 1, false, data, &len), DWC2_ACK);
	assert_int_equal(len, 8);
	assert_int_equal(dwc2_in(&b, 1, true, data, &len), DWC2_ACK);
	assert_int_equal(len, 2);
	assert_memory_equal(data, "\x09\x0a", 2);
	assert_true(rd(ctl + EP_INT) & EPINT_XFRC);
	assert_true(rd(USB + GINTSTS) & GINTSTS_IEPINT);
	/* STALL, and a toggle that starts anew. */
	wr_reg(ctl, rd(ctl) | EPCTL_STALL);
	assert_int_equal(dwc2_in(&b, 1, false, data, &len), DWC2_STALL);
}

static void test_usb_zero_length(void **state)
{
	const uint32_t ctl = USB + DIEPCTL0;
	uint8_t data[DWC2_PACKET_MAX];
	uint32_t len;

	(void)state;
	usb_on();
	wr_reg(ctl + EP_TSIZ, 1 << 19);
	wr_reg(ctl, EPCTL_EPENA | EPCTL_SNAK);
	assert_true(rd(ctl + EP_INT) & EPINT_INEPNE);
	pass(EMU_US); /* 64 MHz: 15 clocks are 0.23 us */
	wr_reg(ctl, EPCTL_CNAK);
	assert_int_equal(dwc2_in(&b, 0, false, data, &len), DWC2_ACK);
	assert_int_equal(len, 0);
}

static void test_usb_dma(void **state)
{
	const uint32_t ctl = USB + DOEPCTL0 + 0x20;
	const uint32_t sram = AXISRAM_BASE + 0x20000;

	(void)state;
	usb_on();
	wr_reg(USB + GAHBCFG, GAHBCFG_DMAEN);
	wr_reg(ctl, 64 | 1 << 15 | 2 << 18 | EPCTL_SD0PID);
	wr_reg(ctl + EP_TSIZ, 1 << 19 | 64);
	wr_reg(ctl + EP_DMA, sram);
	wr_reg(ctl, rd(ctl) | EPCTL_EPENA | EPCTL_CNAK);
	assert_int_equal(dwc2_out(&b, 1, false, (const uint8_t *)"abc", 3),
			 DWC2_ACK);
	assert_memory_equal(bus_memory(&b, sram, 3), "abc", 3);
	assert_true(rd(ctl + EP_INT) & EPINT_XFRC);
	wr_reg(ctl + EP_TSIZ, 1 << 19 | 64);
	wr_reg(ctl + EP_DMA, DTCM_BASE);
	wr_reg(ctl, rd(ctl) | EPCTL_EPENA | EPCTL_CNAK);
	(void)dwc2_out(&b, 1, true, (const uint8_t *)"abc", 3);
	assert_true(b.emu.failed);
	assert_non_null(strstr(b.emu.error, "no ITCM or DTCM"));
}

/* GONAK in slave mode counts when its entry is read; EPDIS then ends. */
static void test_usb_global_nak(void **state)
{
	(void)state;
	usb_on();
	wr_reg(USB + DCTL, DCTL_SGONAK);
	assert_false(rd(USB + GINTSTS) & GINTSTS_BOUTNAKEFF);
	assert_int_equal(rd(USB + GRXSTSP), 1 << 17);
	assert_true(rd(USB + GINTSTS) & GINTSTS_BOUTNAKEFF);
	wr_reg(USB + DCTL, DCTL_CGONAK);
	assert_false(rd(USB + GINTSTS) & GINTSTS_BOUTNAKEFF);
}

static void test_usb_suspend(void **state)
{
	(void)state;
	usb_on();
	dwc2_bus_suspend(&b);
	assert_true(rd(USB + GINTSTS) & GINTSTS_USBSUSP);
	assert_true(rd(USB + DSTS) & 1);
	dwc2_bus_resume(&b);
	assert_true(rd(USB + GINTSTS) & GINTSTS_WKUINT);
	assert_false(rd(USB + DSTS) & 1);
	wr_reg(USB + DCTL, DCTL_SDIS);
	assert_false(dwc2_attached(&b));
}

/* --- ELF: cut anywhere --- */

static void test_elf_cut(void **state)
{
	uint8_t image[52 + 32] = { 0x7f, 'E', 'L', 'F', 1, 1, 1 };
	struct elf_segment s;
	char error[128];

	(void)state;
	image[16] = 2;
	image[18] = 40;
	image[28] = 52;
	image[42] = 32;
	image[44] = 1;
	image[52] = 1;	      /* PT_LOAD at file offset 0 */
	image[60 + 3] = 0x24; /* p_vaddr 0x24000000 */
	image[64 + 3] = 0x24;
	image[68] = 16;
	image[72] = 32;
	for (size_t n = 0; n < sizeof(image); n++) {
		uint8_t *copy = test_malloc(n);

		memcpy(copy, image, n);
		assert_false(elf_check(copy, n));
		elf_symbols_add(&b.symbols, copy, n);
		test_free(copy);
	}
	assert_int_equal(elf_segment(image, sizeof(image), 0, false, &s), 0);
	assert_int_equal(s.memory, 32);
	assert_int_equal(board_load_elf(&b, image, sizeof(image), true, error,
					sizeof(error)),
			 0);
	assert_memory_equal(bus_memory(&b, 0x24000000, 4),
			    "\x7f"
			    "ELF",
			    4);
	image[60 + 3] = image[64 + 3] = 0x60;
	assert_true(board_load_elf(&b, image, sizeof(image), true, error,
				   sizeof(error)) < 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_resets),
		TEST(test_600_mhz),
		TEST(test_supply_over_reset),
		TEST(test_fractional_pll),
		TEST(test_split_at_reset),
		TEST(test_split_at_once),
		TEST(test_split_lost),
		TEST(test_gpio),
		TEST(test_watchdog),
		TEST(test_uid),
		TEST(test_compensation_cell),
		TEST(test_priorities),
		TEST(test_level),
		TEST(test_systick),
		TEST(test_mpu),
		TEST(test_flash_id),
		TEST(test_flash_write),
		TEST(test_flash_read),
		TEST(test_flash_mapped),
		TEST(test_flash_left_in_opi),
		TEST(test_usb_setup),
		TEST(test_usb_out),
		TEST(test_usb_in),
		TEST(test_usb_zero_length),
		TEST(test_usb_dma),
		TEST(test_usb_global_nak),
		TEST(test_usb_suspend),
		TEST(test_elf_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

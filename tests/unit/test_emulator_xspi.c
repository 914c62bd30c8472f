/* SPDX-License-Identifier: Apache-2.0 */
/* The emulated XSPI2 and the flash behind it. */
#include "emu_board.h"

#include <stdbool.h>
#include <string.h>

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
	failed("flash command 06 while the flash is in reset");
}

/* --- what a program must not do --- */

static void test_data_while_off(void **state)
{
	(void)state;
	xspi_on();
	xspi_data(0, 0x01002101, 2, 4);
	wr_reg(XSPI2, 0);
	bus_write(&b, XSPI2 + 0x50, 1, 0);
	failed("XSPI2 is used while CR.EN is off");
}

static void test_clock_too_fast(void **state)
{
	(void)state;
	xspi_on();
	/* PLL2S: 64 MHz / 32 * 200 / 4 */
	wr_reg(RCC + 0x28, 2 << 4 | 32 << 12 | 2 << 20);
	wr_reg(RCC + 0x38, 199);
	wr_reg(RCC + 0xC4, 3);
	wr_reg(RCC + 0x2C, 1 << 14 | 1 << 19);
	wr_reg(RCC, rd(RCC) | 1 << 26);
	pass(EMU_MS);
	wr_reg(RCC + 0x4C, rd(RCC + 0x4C) | 1 << 6);
	wr_reg(XSPI2 + 0x100, 1);
	bus_write(&b, XSPI2 + 0x110, 4, 6);
	failed("the flash is clocked with 100000 kHz");
	wr_reg(XSPI2 + 0xC, 1); /* half of it will do */
	pass(2 * EMU_US);
	xspi_command(6);
}

static void test_data_without_write(void **state)
{
	(void)state;
	xspi_on();
	bus_write(&b, XSPI2 + 0x50, 1, 0);
	failed("XSPI2 DR is written where no write is set up");
}

static void test_data_past_its_length(void **state)
{
	(void)state;
	xspi_on();
	xspi_command(6);
	xspi_data(0, 0x01002101, 2, 2);
	wr_reg(XSPI2 + 0x48, 0x1000);
	bus_write(&b, XSPI2 + 0x50, 4, 0);
	failed("XSPI2 DR takes more bytes than DLR says");
}

static void test_registers_are_words(void **state)
{
	(void)state;
	xspi_on();
	(void)bus_read(&b, XSPI2 + 0x20, 1);
	failed("XSPI2+0x020 is read by 1 bytes");
	bus_write(&b, XSPI2 + 0x48, 2, 0);
	failed("XSPI2+0x048 is written by 2 bytes");
}

static void test_manager_while_enabled(void **state)
{
	(void)state;
	xspi_on();
	wr_reg(RCC + 0x134, 1 << 12 | 1 << 14);
	bus_write(&b, XSPIM, 4, 0x10);
	failed("XSPIM CR is written while XSPI2 is enabled");
	wr_reg(XSPI2, 0);
	wr_reg(XSPIM, 0x10);
}

static void test_commands_that_are_none(void **state)
{
	(void)state;
	xspi_on();
	wr_reg(XSPI2 + 0x100, 1);
	wr_reg(XSPI2 + 0x110, 0x77);
	pass(10 * EMU_US);
	failed("flash command 77 is not modelled");
	b.nor.mode = NOR_OPI_DTR;
	wr_reg(XSPI2 + 0x24, 2);
	wr_reg(XSPI2 + 0x100, 4 | 1 << 3 | 1 << 4);
	wr_reg(XSPI2 + 0x110, 0x06F9);
	pass(10 * EMU_US);
	failed("flash command 06f9 in OPI mode is not modelled");
}

/* A read that stops, by --defect: only an abort ends it. */
static void test_read_that_stops(void **state)
{
	(void)state;
	xspi_on();
	assert_int_equal(defects_parse(&b.defects, "flash-read:100"), 0);
	wr_reg(XSPI2 + 0x108, 8);
	xspi_data(1, 0x01003101, 0x0C, 200);
	wr_reg(XSPI2 + 0x48, 0);
	pass(EMU_S);
	assert_int_equal(rd(XSPI2 + 0x20), 32);
	(void)bus_read(&b, XSPI2 + 0x50, 1);
	failed("XSPI2 DR is read where no data will come");
	wr_reg(XSPI2, 3 | 1 << 28);
	assert_int_equal(rd(XSPI2 + 0x20) & 34, 2);
	wr_reg(XSPI2 + 0x24, 2);
	xspi_data(1, 0x01003101, 0x0C, 200);
	wr_reg(XSPI2 + 0x48, 0);
	pass(EMU_MS);
	assert_int_equal(rd(XSPI2 + 0x20) >> 8 & 0x7f, 64);
}

static void test_defects(void **state)
{
	struct defects d = { 0 };

	(void)state;
	assert_int_equal(defects_parse(&d, "usb33,flash-read:0"), 0);
	assert_true(d.usb33 && !d.crystal && !d.flash_busy);
	assert_int_equal(d.flash_read, 0);
	assert_int_equal(defects_parse(&d, "crystal,flash-busy"), 0);
	assert_true(!d.usb33 && d.crystal && d.flash_busy);
	assert_true(d.flash_read == UINT64_MAX);
	assert_true(defects_parse(&d, "") < 0);
	assert_true(defects_parse(&d, "usb33,") < 0);
	assert_true(defects_parse(&d, ",usb33") < 0);
	assert_true(defects_parse(&d, "usb3") < 0);
	assert_true(defects_parse(&d, "flash-read:") < 0);
	assert_true(defects_parse(&d, "flash-read:-1") < 0);
	assert_true(d.crystal);
	assert_int_equal(defects_parse(&d, "none"), 0);
	assert_false(d.crystal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_flash_id),
		TEST(test_flash_write),
		TEST(test_flash_read),
		TEST(test_flash_mapped),
		TEST(test_flash_left_in_opi),
		TEST(test_data_while_off),
		TEST(test_clock_too_fast),
		TEST(test_data_without_write),
		TEST(test_data_past_its_length),
		TEST(test_registers_are_words),
		TEST(test_manager_while_enabled),
		TEST(test_commands_that_are_none),
		TEST(test_read_that_stops),
		TEST(test_defects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

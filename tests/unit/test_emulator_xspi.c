/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the emulated XSPI2 and the external flash. */
#include "emu_board.h"

#include <stdbool.h>
#include <string.h>

#include "emulator/peripheral/emu_nor_sfdp.h"

static void xspi_on(void)
{
	wr_reg(PWR + 0xC, 2 | 1 << 15);
	wr_reg(RCC + 0x140, 1 << 13);
	wr_reg(GPION, 0xAAAAAAAA);
	wr_reg(GPION + 0x20, 0x99999999);
	wr_reg(GPION + 0x24, 0x9999);
	wr_reg(RCC + 0x134, 1 << 12);
	wr_reg(XSPI2 + 8, 24 << 16);
	wr_reg(XSPI2 + 0xC, 5 << 16); /* WRAPSIZE */
	assert_false(rd(XSPI2 + 0x20) & 32);
	wr_reg(XSPI2 + 0xC, 1);
	assert_true(rd(XSPI2 + 0x20) & 32);
	advance(2 * EMU_US);
	wr_reg(XSPI2 + 0xC, 0);
	advance(2 * EMU_US);
	wr_reg(XSPI2, 1);
}

static void xspi_wait(void)
{
	wait_for_bit(XSPI2 + 0x20, 2);
	wr_reg(XSPI2 + 0x24, 2);
	assert_false(rd(XSPI2 + 0x20) & 32);
}

static void xspi_command(uint32_t ir)
{
	wr_reg(XSPI2, 1);
	wr_reg(XSPI2 + 0x100, 1);
	wr_reg(XSPI2 + 0x110, ir);
	xspi_wait();
}

static void xspi_command_lines(uint32_t ccr, uint32_t ir)
{
	wr_reg(XSPI2, 1);
	wr_reg(XSPI2 + 0x100, ccr);
	wr_reg(XSPI2 + 0x110, ir);
	xspi_wait();
}

static void xspi_data(uint32_t mode, uint32_t ccr, uint32_t ir, uint32_t n)
{
	wr_reg(XSPI2, 1);
	wr_reg(XSPI2 + 0x40, n - 1);
	wr_reg(XSPI2 + 0x100, ccr);
	wr_reg(XSPI2 + 0x110, ir);
	wr_reg(XSPI2, 1 | mode << 28);
}

static void test_reads_jedec_id(void **state)
{
	(void)state;
	xspi_on();
	xspi_data(1, 0x01000001, 0x9F, 3);
	wr_reg(XSPI2 + 0x110, 0x9F);
	wait_for_bit(XSPI2 + 0x20, 4); /* FTF */
	assert_int_equal(bus_read(&b.machine.bus, XSPI2 + 0x50, 1), 0xC2);
	assert_int_equal(bus_read(&b.machine.bus, XSPI2 + 0x50, 1), 0x81);
	assert_int_equal(bus_read(&b.machine.bus, XSPI2 + 0x50, 1), 0x39);
	xspi_wait();
}

static void test_programs_and_erases(void **state)
{
	(void)state;
	xspi_on();
	b.nor.data[0x1003] = 0xF0;
	xspi_command(6);
	xspi_data(0, 0x01002101, 2, 4);
	wr_reg(XSPI2 + 0x48, 0x1000);
	bus_write(&b.machine.bus, XSPI2 + 0x50, 4, 0x3C3C0201);
	xspi_wait();
	assert_memory_equal(b.nor.data + 0x1000, "\x01\x02\x3C\x30", 4);
	assert_false(b.nor.wel);
	advance(EMU_MS);
	xspi_command(6);
	wr_reg(XSPI2 + 0x100, 0x2101);
	wr_reg(XSPI2 + 0x110, 0x20);
	wr_reg(XSPI2 + 0x48, 0x1234);
	xspi_wait();
	assert_int_equal(b.nor.data[0x1000], 0xff);
	/* WIP is set while the flash erases. */
	xspi_data(1, 0x01000001, 5, 1);
	wr_reg(XSPI2 + 0x110, 5);
	wait_for_bit(XSPI2 + 0x20, 4);
	assert_int_equal(bus_read(&b.machine.bus, XSPI2 + 0x50, 1), 1);
}

static void test_reads_more_than_the_fifo_holds(void **state)
{
	(void)state;
	xspi_on();
	for (unsigned int i = 0; i < 256; i++)
		b.nor.data[0x100000 + i] = (uint8_t)i;
	wr_reg(XSPI2 + 0x108, 8);
	xspi_data(1, 0x01003101, 0x0C, 200);
	wr_reg(XSPI2 + 0x48, 0x100000);
	advance(EMU_MS);
	assert_int_equal(rd(XSPI2 + 0x20) >> 8 & 0x7f, 64);
	for (uint32_t i = 0; i < 200; i += 4)
		assert_int_equal(rd(XSPI2 + 0x50), i | (i + 1) << 8 |
							   (i + 2) << 16 |
							   (i + 3) << 24);
	xspi_wait();
}

static void test_memory_mapped_mode_starts_and_aborts(void **state)
{
	(void)state;
	xspi_on();
	wr_reg(XSPI2 + 0x108, 8);
	wr_reg(XSPI2 + 0x100, 0x01003101);
	wr_reg(XSPI2 + 0x110, 0x0C);
	wr_reg(XSPI2, 1U | 3U << 28);
	assert_true(emu_xspi_is_mapped(b.xspi));
	wr_reg(XSPI2, 3U | 3U << 28);
	assert_false(rd(XSPI2 + 0x20) & 32);
	wr_reg(XSPI2, 1);
	assert_false(emu_xspi_is_mapped(b.xspi));
}

static void test_flash_in_opi_accepts_only_the_opi_reset(void **state)
{
	(void)state;
	xspi_on();
	b.nor.mode = EMU_NOR_OPI_STR;
	xspi_command(0x66);
	xspi_command(0x99);
	assert_int_equal(b.nor.mode, EMU_NOR_OPI_STR);
	wr_reg(XSPI2 + 0x100, 4 | 1 << 4);
	wr_reg(XSPI2 + 0x110, 0x6699);
	xspi_wait();
	wr_reg(XSPI2 + 0x110, 0x9966);
	xspi_wait();
	assert_int_equal(b.nor.mode, EMU_NOR_SPI);
	bus_write(&b.machine.bus, XSPI2 + 0x100, 4, 1);
	bus_write(&b.machine.bus, XSPI2 + 0x110, 4, 6);
	advance(10 * EMU_US);
	expect_failure("external flash command 06 while the flash is in reset");
}

/* --- misuse that ends the run --- */

static void test_rejects_data_while_off(void **state)
{
	(void)state;
	xspi_on();
	xspi_data(0, 0x01002101, 2, 4);
	wr_reg(XSPI2, 0);
	bus_write(&b.machine.bus, XSPI2 + 0x50, 1, 0);
	expect_failure("XSPI2 is used while CR.EN is off");
}

static void test_rejects_flash_clock_above_the_data_sheet(void **state)
{
	(void)state;
	xspi_on();
	/* PLL2S: 64 MHz / 32 * 200 / 2 */
	wr_reg(RCC + 0x28, 2 << 4 | 32 << 12 | 2 << 20);
	wr_reg(RCC + 0x38, 199);
	wr_reg(RCC + 0xC4, 1);
	wr_reg(RCC + 0x2C, 1 << 14 | 1 << 19);
	wr_reg(RCC, rd(RCC) | 1 << 26);
	advance(EMU_MS);
	wr_reg(RCC + 0x4C, rd(RCC + 0x4C) | 1 << 6);
	wr_reg(XSPI2 + 0x100, 1);
	bus_write(&b.machine.bus, XSPI2 + 0x110, 4, 6);
	expect_failure("XSPI2 clocks the external flash with 200000 kHz");
	xspi_wait();		/* the command ends all the same */
	wr_reg(XSPI2 + 0xC, 1); /* 100 MHz is accepted */
	advance(2 * EMU_US);
	xspi_command(6);
}

static void test_rejects_data_without_write_command(void **state)
{
	(void)state;
	xspi_on();
	bus_write(&b.machine.bus, XSPI2 + 0x50, 1, 0);
	expect_failure("XSPI2 DR is written, but no write command is set up");
}

static void test_rejects_data_past_dlr(void **state)
{
	(void)state;
	xspi_on();
	xspi_command(6);
	xspi_data(0, 0x01002101, 2, 2);
	wr_reg(XSPI2 + 0x48, 0x1000);
	bus_write(&b.machine.bus, XSPI2 + 0x50, 4, 0);
	expect_failure("XSPI2 DR is written past the 2 bytes of DLR");
}

static void test_registers_but_dr_are_words(void **state)
{
	(void)state;
	xspi_on();
	(void)bus_read(&b.machine.bus, XSPI2 + 0x20, 1);
	expect_failure("XSPI2+0x020 is read by 1 bytes");
	bus_write(&b.machine.bus, XSPI2 + 0x48, 2, 0);
	expect_failure("XSPI2+0x048 is written by 2 bytes");
}

static void test_rejects_xspim_while_enabled(void **state)
{
	(void)state;
	xspi_on();
	wr_reg(RCC + 0x134, 1 << 12 | 1 << 14);
	bus_write(&b.machine.bus, XSPIM, 4, 0x10);
	expect_failure("XSPIM CR is written while XSPI2 is enabled");
	wr_reg(XSPI2, 0);
	wr_reg(XSPIM, 0x10);
}

static void test_rejects_unknown_flash_commands(void **state)
{
	(void)state;
	xspi_on();
	wr_reg(XSPI2 + 0x100, 1);
	wr_reg(XSPI2 + 0x110, 0x77);
	advance(10 * EMU_US);
	expect_failure("external flash command 77 is not modelled");
	b.nor.mode = EMU_NOR_OPI_DTR;
	wr_reg(XSPI2 + 0x24, 2);
	wr_reg(XSPI2 + 0x100, 4 | 1 << 3 | 1 << 4);
	wr_reg(XSPI2 + 0x110, 0x0606);
	advance(10 * EMU_US);
	expect_failure("the second byte must be the inverse of the first");
}

static void test_sfdp_tables_are_complete(void **state)
{
	static const uint8_t words[] = { 20, 28, 8, 5, 2 };

	(void)state;
	assert_int_equal(emu_nor_sfdp_byte(0), 'S');
	for (unsigned int i = 0; i < 5; i++) {
		uint32_t at = emu_nor_sfdp_byte(8 + 8 * i + 4) |
			      (uint32_t)emu_nor_sfdp_byte(8 + 8 * i + 5) << 8;
		uint32_t next = i < 4 ? emu_nor_sfdp_byte(16 + 8 * i + 4) |
						(uint32_t)emu_nor_sfdp_byte(
							16 + 8 * i + 5)
							<< 8
				      : 0x13C;

		assert_int_equal(emu_nor_sfdp_byte(8 + 8 * i + 3), words[i]);
		assert_int_equal(next - at, 4 * words[i]);
	}
	assert_int_equal(emu_nor_sfdp_byte(0x13C), 0xff);
}

enum { OPI = 4 | 4 << 8 | 3 << 12 | 1 << 4, DTR = 1 << 3 | 1 << 11 };
#define OPI_DATA (4U << 24)
#define OPI_DTR_DATA (OPI_DATA | 1U << 27 | 1U << 29)

/* Enter the 8-line DTR mode as a driver that has read SFDP does: the address of
 * register 2 is sent as data. */
static void enter_dtr(void)
{
	xspi_on();
	xspi_command(6);
	xspi_data(0, 0x01000001, 0x72, 5);
	wr_reg(XSPI2 + 0x110, 0x72);
	bus_write(&b.machine.bus, XSPI2 + 0x50, 4, 0);
	bus_write(&b.machine.bus, XSPI2 + 0x50, 1, 2);
	xspi_wait();
	assert_int_equal(b.nor.mode, EMU_NOR_OPI_DTR);
	advance(EMU_US);
}

static void read_dtr(uint32_t mtyp, uint32_t address)
{
	wr_reg(XSPI2 + 8, 24 << 16 | mtyp << 24);
	wr_reg(XSPI2 + 0x108, 20);
	xspi_data(1, OPI | DTR | OPI_DTR_DATA, 0xEE11, 4);
	wr_reg(XSPI2 + 0x48, address);
	advance(EMU_MS);
}

static void test_reads_in_dtr_mode_in_both_byte_orders(void **state)
{
	(void)state;
	memcpy(b.nor.data + 0x100, "\x01\x02\x03\x04", 4);
	enter_dtr();
	read_dtr(1, 0x100);
	assert_int_equal(rd(XSPI2 + 0x50), 0x04030201);
	xspi_wait();
	read_dtr(0, 0x100);
	assert_int_equal(rd(XSPI2 + 0x50), 0x03040102);
	xspi_wait();
}

static void test_dtr_read_needs_the_dummy_clocks_of_register_300h(void **state)
{
	(void)state;
	enter_dtr();
	b.nor.dummy_code = 1; /* 18 */
	wr_reg(XSPI2 + 8, 24 << 16 | 1 << 24);
	wr_reg(XSPI2 + 0x108, 20);
	xspi_data(1, OPI | DTR | OPI_DTR_DATA, 0xEE11, 4);
	wr_reg(XSPI2 + 0x48, 0);
	advance(EMU_MS);
	(void)bus_read(&b.machine.bus, XSPI2 + 0x20, 4);
	expect_failure("with 4 address bytes and 20 dummy clocks");
}

/* ST's boot polls WIP on one line after it has set the 8-line mode. */
static void test_flash_in_opi_drives_no_line_for_a_1_line_read(void **state)
{
	(void)state;
	enter_dtr();
	xspi_data(1, 0x01000001, 5, 1);
	wr_reg(XSPI2 + 0x110, 5);
	wait_for_bit(XSPI2 + 0x20, 4);
	assert_int_equal(bus_read(&b.machine.bus, XSPI2 + 0x50, 1), 0);
	xspi_wait();
}

static void test_programs_and_erases_in_dtr_mode(void **state)
{
	(void)state;
	enter_dtr();
	wr_reg(XSPI2 + 8, 24 << 16 | 1 << 24);
	wr_reg(XSPI2 + 0x108, 0);
	xspi_command_lines(4 | 1 << 3 | 1 << 4, 0x06F9);
	xspi_data(0, OPI | DTR | OPI_DATA | 1U << 27, 0x12ED, 4);
	wr_reg(XSPI2 + 0x48, 0x2000);
	bus_write(&b.machine.bus, XSPI2 + 0x50, 4, 0x44332211);
	xspi_wait();
	assert_memory_equal(b.nor.data + 0x2000, "\x11\x22\x33\x44", 4);
	advance(EMU_MS);
	xspi_command_lines(4 | 1 << 3 | 1 << 4, 0x06F9);
	wr_reg(XSPI2 + 0x100, OPI | DTR);
	wr_reg(XSPI2 + 0x110, 0x21DE);
	wr_reg(XSPI2 + 0x48, 0x2000);
	xspi_wait();
	assert_int_equal(b.nor.data[0x2000], 0xff);
}

/* Only an abort ends the read. */
static void test_defect_flash_read_stops_a_read(void **state)
{
	(void)state;
	xspi_on();
	assert_int_equal(defect_parse(&b.machine.defects, "flash-read:100"), 0);
	wr_reg(XSPI2 + 0x108, 8);
	xspi_data(1, 0x01003101, 0x0C, 200);
	wr_reg(XSPI2 + 0x48, 0);
	advance(EMU_S);
	assert_int_equal(rd(XSPI2 + 0x20), 32);
	(void)bus_read(&b.machine.bus, XSPI2 + 0x50, 1);
	expect_failure("XSPI2 DR is read, but the flash delivers no more data");
	wr_reg(XSPI2, 3 | 1 << 28);
	assert_int_equal(rd(XSPI2 + 0x20) & 34, 2);
	wr_reg(XSPI2 + 0x24, 2);
	xspi_data(1, 0x01003101, 0x0C, 200);
	wr_reg(XSPI2 + 0x48, 0);
	advance(EMU_MS);
	assert_int_equal(rd(XSPI2 + 0x20) >> 8 & 0x7f, 64);
}

static void test_parses_defects_or_leaves_them_unchanged(void **state)
{
	struct defects d = { 0 };

	(void)state;
	assert_int_equal(defect_parse(&d, "usb33,flash-read:0"), 0);
	assert_true(d.usb33 && !d.crystal && !d.flash_busy);
	assert_int_equal(d.flash_read, 0);
	assert_int_equal(defect_parse(&d, "crystal,flash-busy"), 0);
	assert_true(!d.usb33 && d.crystal && d.flash_busy);
	assert_true(d.flash_read == UINT64_MAX);
	assert_true(defect_parse(&d, "") < 0);
	assert_true(defect_parse(&d, "usb33,") < 0);
	assert_true(defect_parse(&d, ",usb33") < 0);
	assert_true(defect_parse(&d, "usb3") < 0);
	assert_true(defect_parse(&d, "flash-read:") < 0);
	assert_true(defect_parse(&d, "flash-read:-1") < 0);
	assert_true(d.crystal);
	assert_int_equal(defect_parse(&d, "none"), 0);
	assert_false(d.crystal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_reads_jedec_id),
		TEST(test_programs_and_erases),
		TEST(test_reads_more_than_the_fifo_holds),
		TEST(test_memory_mapped_mode_starts_and_aborts),
		TEST(test_flash_in_opi_accepts_only_the_opi_reset),
		TEST(test_rejects_data_while_off),
		TEST(test_rejects_flash_clock_above_the_data_sheet),
		TEST(test_rejects_data_without_write_command),
		TEST(test_rejects_data_past_dlr),
		TEST(test_registers_but_dr_are_words),
		TEST(test_rejects_xspim_while_enabled),
		TEST(test_rejects_unknown_flash_commands),
		TEST(test_sfdp_tables_are_complete),
		TEST(test_reads_in_dtr_mode_in_both_byte_orders),
		TEST(test_dtr_read_needs_the_dummy_clocks_of_register_300h),
		TEST(test_flash_in_opi_drives_no_line_for_a_1_line_read),
		TEST(test_programs_and_erases_in_dtr_mode),
		TEST(test_defect_flash_read_stops_a_read),
		TEST(test_parses_defects_or_leaves_them_unchanged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

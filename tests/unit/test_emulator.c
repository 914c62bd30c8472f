/* SPDX-License-Identifier: Apache-2.0 */
/* The emulated core, clocks, power and small peripherals at their registers,
 * without a CPU; ELF files. */
#include "emu_board.h"

#include <stdbool.h>
#include <string.h>

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

/* HSI/16 * 150 = 600 MHz, the AHB at half of it; the APBs and the switch are
 * left. */
static void pll_600_mhz(void)
{
	voltage();
	wr_reg(RCC + 0x28, 16 << 4 | 2 << 12 | 2 << 20);
	wr_reg(RCC + 0x30, 149);
	wr_reg(RCC + 0x2C, 2 << 3 | 1 << 5);
	wr_reg(RCC, rd(RCC) | 1 << 24);
	assert_false(rd(RCC) & 1 << 25);
	until(RCC, 1 << 25);
	wr_reg(FLASH, 0x37);
	wr_reg(RCC + 0x1C, 8);
}

static void test_600_mhz(void **state)
{
	(void)state;
	pll_600_mhz();
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
	wr_reg(RCC + 0x30, 9 << 9 | 249); /* 500 MHz and a half, / 10 ... */
	wr_reg(RCC + 0x34, 4096 << 3);	  /* ... 501 MHz */
	wr_reg(RCC + 0x2C, 1 | 1 << 3 | 1 << 5);
	wr_reg(RCC, rd(RCC) | 1 << 24);
	pass(EMU_MS);
	wr_reg(RCC + 0x30, 9 << 9 | 249);
	wr_reg(FLASH, 0x37);
	wr_reg(RCC + 0x10, 3);
	assert_int_equal(b.rcc.core_hz, 501000000 / 10);
}

/* P divides by 1 or by an even number, where its output is on. */
static void test_pll_divider(void **state)
{
	static const uint32_t good[] = { 1, 2, 4, 126, 128 };

	(void)state;
	wr_reg(RCC + 0x28, 32 << 4 | 2 << 12 | 2 << 20);
	wr_reg(RCC + 0x2C, 1 << 3 | 1 << 5);
	for (unsigned int i = 0; i < sizeof(good) / sizeof(*good); i++) {
		wr_reg(RCC + 0x30, (good[i] - 1) << 9 | 249);
		wr_reg(RCC, rd(RCC) | 1 << 24);
		wr_reg(RCC, rd(RCC) & ~(1U << 24));
	}
	/* Without the output it is of no account, until that comes on. */
	wr_reg(RCC + 0x30, 2 << 9 | 249);
	wr_reg(RCC + 0x2C, 1 << 3);
	wr_reg(RCC, rd(RCC) | 1 << 24);
	must_fail(RCC + 0x2C, 1 << 3 | 1 << 5, "PLL1: DIVP divides by 3");
}

/* PLL3's fields are at another place. */
static void test_pll3_divider(void **state)
{
	(void)state;
	wr_reg(RCC + 0x28, 32 << 4 | 2 << 12 | 32 << 20);
	wr_reg(RCC + 0x2C, 1 << 25 | 1 << 27);
	wr_reg(RCC + 0x40, 126 << 9 | 249);
	must_fail(RCC, rd(RCC) | 1 << 28, "PLL3: DIVP divides by 127");
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
	failed("1-byte read of UID");
	bus_write(&b, UID, 4, 1);
	failed("write of the read-only area at 0x08fff800");
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

/* --- what a program must not do --- */

static void test_pll_limits(void **state)
{
	(void)state;
	wr_reg(RCC + 0x28, 2 | 12 << 4 | 2 << 12 | 2 << 20);
	bus_write(&b, RCC, 4, rd(RCC) | 1 << 24);
	failed("PLL1: its source is not running");
	wr_reg(RCC, rd(RCC) & ~(1U << 24));
	wr_reg(RCC + 0x28, 32 << 4 | 2 << 12 | 2 << 20); /* 2 MHz */
	wr_reg(RCC + 0x2C, 1 << 3);
	for (uint32_t n = 6; n <= 420; n += 414) {
		wr_reg(RCC + 0x30, 1 << 9 | n);
		bus_write(&b, RCC, 4, rd(RCC) | 1 << 24);
		failed(n == 6 ? "PLL1: DIVN of 7 is not 8 to 420"
			      : "PLL1: DIVN of 421 is not 8 to 420");
		wr_reg(RCC, rd(RCC) & ~(1U << 24));
	}
	wr_reg(RCC + 0x30, 1 << 9 | 198);
	bus_write(&b, RCC, 4, rd(RCC) | 1 << 24);
	failed("PLL1: VCO at 398 MHz, VCOSEL 0");
	wr_reg(RCC, rd(RCC) & ~(1U << 24));
	wr_reg(RCC + 0x2C, 1 << 1 | 1 << 3);
	wr_reg(RCC + 0x30, 1 << 9 | 211);
	bus_write(&b, RCC, 4, rd(RCC) | 1 << 24);
	failed("PLL1: VCO at 424 MHz, VCOSEL 1");
}

static void test_apb_too_fast(void **state)
{
	(void)state;
	pll_600_mhz();
	wr_reg(RCC + 0x20, 0x4044);
	bus_write(&b, RCC + 0x10, 4, 3);
	failed("an APB clock of 300 MHz; 150 MHz is allowed");
	wr_reg(RCC + 0x20, 0x4444);
	bus_write(&b, RCC + 0x20, 4, 0x0444);
	failed("an APB clock of 300 MHz; 150 MHz is allowed");
}

static void test_supply_of_other_boards(void **state)
{
	(void)state;
	bus_write(&b, PWR + 0xC, 4, 4);
	failed("PWR CSR2: supply bits 0x04; the Nucleo has the LDO (0x02)");
}

static void test_option_words(void **state)
{
	(void)state;
	bus_write(&b, FLASH + 0x26C, 4, 1);
	failed("an option word is written without PG_OPT");
	wr_reg(FLASH + 0x100, 0x08192A3B);
	wr_reg(FLASH + 0x100, 0x4C5D6E7F);
	wr_reg(FLASH + 0x104, 2);
	wr_reg(FLASH + 0x26C, 1);
	bus_write(&b, FLASH + 0x26C, 4, 2);
	failed("an option word is written while QW is set");
	bus_write(&b, FLASH + 0x104, 4, 0);
	failed("FLASH OPTCR: PG_OPT cleared while QW is set");
	bus_write(&b, FLASH + 0x10, 4, 1);
	failed("FLASH+0x010 is not modelled for writing");
}

static void test_watchdog_prescaler_twice(void **state)
{
	(void)state;
	wr_reg(IWDG, 0x5555);
	wr_reg(IWDG + 4, 3);
	bus_write(&b, IWDG + 4, 4, 2);
	failed("IWDG PR is written while SR.PVU is set");
	pass(EMU_MS);
	wr_reg(IWDG + 4, 2);
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
	const struct CMUnitTest tests[] = {
		TEST(test_resets),
		TEST(test_600_mhz),
		TEST(test_supply_over_reset),
		TEST(test_fractional_pll),
		TEST(test_pll_divider),
		TEST(test_pll3_divider),
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
		TEST(test_elf_cut),
		TEST(test_pll_limits),
		TEST(test_apb_too_fast),
		TEST(test_supply_of_other_boards),
		TEST(test_option_words),
		TEST(test_watchdog_prescaler_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

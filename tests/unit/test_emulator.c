/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the emulated clocks, power, small peripherals, NVIC, SysTick and MPU
 * through their registers, and of the ELF reader. */
#include "emu_board.h"

#include <stdbool.h>
#include <string.h>

/* --- clocks and power --- */

static void test_registers_have_reset_values_and_rsr_the_cause(void **state)
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
	emu_request_reset(&b.machine.emu, EMU_RESET_IWDG);
	emu_board_reset(&b);
	assert_int_equal(rd(RCC + 0x130), EMU_RESET_IWDG | EMU_RESET_PIN);
}

/* Start PLL1 with HSI / 16 * 150 = 600 MHz and divide AHB by 2. The caller
 * sets the APB prescalers and switches the clock. */
static void start_pll_600_mhz(void)
{
	set_high_voltage();
	wr_reg(RCC + 0x28, 16 << 4 | 2 << 12 | 2 << 20);
	wr_reg(RCC + 0x30, 149);
	wr_reg(RCC + 0x2C, 2 << 3 | 1 << 5);
	wr_reg(RCC, rd(RCC) | 1 << 24);
	assert_false(rd(RCC) & 1 << 25);
	wait_for_bit(RCC, 1 << 25);
	wr_reg(FLASH, 0x37);
	wr_reg(RCC + 0x1C, 8);
}

static void test_runs_at_600_mhz_and_rejects_fewer_wait_states(void **state)
{
	(void)state;
	start_pll_600_mhz();
	wr_reg(RCC + 0x20, 0x4444);
	wr_reg(RCC + 0x10, 3);
	assert_int_equal(rd(RCC + 0x10), 3 | 3 << 3);
	assert_int_equal(b.rcc->core_hz, 600000000);
	assert_int_equal(b.rcc->ahb_hz, 300000000);
	assert_int_equal(b.machine.emu.ps_per_insn, 1667);
	/* WRHIGHFREQ matters for programming only. */
	wr_reg(FLASH, 0x17);
	expect_write_fails(FLASH, 0x36, "AHB at 300 MHz needs 7");
}

static void
test_pll_that_is_on_locks_its_own_divider_and_the_source(void **state)
{
	const uint32_t divm = 16 << 4 | 2 << 12 | 2 << 20;

	(void)state;
	start_pll_600_mhz();
	wr_reg(RCC + 0x28, divm ^ 1 << 12); /* DIVM2: PLL2 is off */
	assert_int_equal(rd(RCC + 0x28), divm ^ 1 << 12);
	for (uint32_t bit = 1; bit <= 1 << 4; bit <<= 4) { /* PLLSRC, DIVM1 */
		bus_write(&b.machine.bus, RCC + 0x28, 4, divm ^ bit ^ 1 << 13);
		expect_failure("RCC+0x028 is written while a PLL it sets up");
		assert_int_equal(rd(RCC + 0x28), divm ^ 1 << 13);
	}
}

static void test_reset_values_of_registers(void **state)
{
	(void)state;
	for (uint32_t n = 0; n < 3; n++) {
		assert_int_equal(rd(RCC + 0x30 + 8 * n), 0x01010280);
		assert_int_equal(rd(RCC + 0xC0 + 4 * n), 0x00000101);
	}
	assert_int_equal(rd(0x5C001000), 0x10030485); /* DBGMCU, revision Y */
}

/* The supply bits are latched until power-off. */
static void test_supply_keeps_its_first_value(void **state)
{
	(void)state;
	set_high_voltage();
	bus_write(&b.machine.bus, PWR + 0xC, 4, 0x01000006);
	expect_failure("supply bits 0x06 after they were written as 0x02");
	assert_int_equal(rd(PWR + 0xC) & ~(1U << 26), 0x01000002);
}

static void test_violations_warn_or_are_ignored(void **state)
{
	(void)state;
	set_high_voltage();
	for (unsigned int v = EMU_VIOLATIONS_WARN; v <= EMU_VIOLATIONS_IGNORE;
	     v++) {
		b.machine.emu.violations = (enum emu_violations)v;
		wr_reg(PWR + 0xC, 6);
		wr_reg(PWR + 0xC, 6);
		assert_int_equal(rd(PWR + 0xC), 2);
		assert_int_equal(b.machine.emu.reported_count, 1);
	}
}

static void test_reset_keeps_supply_bits(void **state)
{
	(void)state;
	set_high_voltage();
	emu_request_reset(&b.machine.emu, EMU_RESET_SOFTWARE);
	emu_board_reset(&b);
	assert_int_equal(rd(PWR + 0xC), 2);
	assert_true(rd(PWR + 4) & 2);
}

static void test_pll_multiplies_by_a_fraction(void **state)
{
	(void)state;
	wr_reg(RCC + 0x28, 32 << 4 | 2 << 12 | 2 << 20); /* 2 MHz */
	wr_reg(RCC + 0x30, 9 << 9 | 249);		 /* times 250 ... */
	wr_reg(RCC + 0x34, 4096 << 3); /* ... and a half: 501 MHz / 10 */
	wr_reg(RCC + 0x2C, 1 | 1 << 3 | 1 << 5);
	wr_reg(RCC, rd(RCC) | 1 << 24);
	advance(EMU_MS);
	wr_reg(RCC + 0x30, 9 << 9 | 249);
	wr_reg(FLASH, 0x37);
	wr_reg(RCC + 0x10, 3);
	assert_int_equal(b.rcc->core_hz, 501000000 / 10);
}

static void test_pll_p_divides_by_1_or_even_numbers(void **state)
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
	/* The divider has an effect only while output P is enabled. */
	wr_reg(RCC + 0x30, 2 << 9 | 249);
	wr_reg(RCC + 0x2C, 1 << 3);
	wr_reg(RCC, rd(RCC) | 1 << 24);
	expect_write_fails(RCC + 0x2C, 1 << 3 | 1 << 5,
			   "PLL1: DIVP divides by 3");
}

static void test_pll3_rejects_odd_divider_in_its_own_fields(void **state)
{
	(void)state;
	wr_reg(RCC + 0x28, 32 << 4 | 2 << 12 | 32 << 20);
	wr_reg(RCC + 0x2C, 1 << 25 | 1 << 27);
	wr_reg(RCC + 0x40, 126 << 9 | 249);
	expect_write_fails(RCC, rd(RCC) | 1 << 28, "PLL3: DIVP divides by 127");
}

/* --- option bytes --- */

static void program_tcm_split(uint32_t value)
{
	wr_reg(FLASH + 0x100, 0x08192A3B);
	wr_reg(FLASH + 0x100, 0x4C5D6E7F);
	wr_reg(FLASH + 0x104, 2);
	wr_reg(FLASH + 0x26C, value);
	assert_true(rd(FLASH + 0x14) & 4); /* QW */
	advance(10 * EMU_MS);
	assert_false(rd(FLASH + 0x14));
	assert_int_equal(rd(FLASH + 0x268), value);
	wr_reg(FLASH + 0x104, 1);
}

static void test_tcm_split_takes_effect_at_reset(void **state)
{
	(void)state;
	b.flash->change = EMU_FLASH_AT_RESET;
	assert_null(emu_memory_at(&b.machine.memory, 0x10000, 1));
	program_tcm_split(0x12);
	assert_null(emu_memory_at(&b.machine.memory, 0x10000, 1));
	emu_board_reset(&b);
	/* With ITCM 192 KiB and DTCM 128 KiB, no AXI SRAM1 remains, and AXI
	 * SRAM3 ends at 0x24050000. */
	assert_non_null(emu_memory_at(&b.machine.memory, 0x2FFFF, 1));
	assert_non_null(emu_memory_at(&b.machine.memory, 0x2001FFFF, 1));
	assert_null(emu_memory_at(&b.machine.memory, 0x20020000, 1));
	assert_null(emu_memory_at(&b.machine.memory, 0x2401FFFF, 1));
	assert_non_null(emu_memory_at(&b.machine.memory, 0x2404FFFF, 1));
	assert_null(emu_memory_at(&b.machine.memory, 0x24050000, 1));
	assert_non_null(emu_memory_at(&b.machine.memory, 0x24060000, 0x12000));
}

static void test_tcm_split_takes_effect_at_once(void **state)
{
	(void)state;
	b.flash->change = EMU_FLASH_AT_ONCE;
	program_tcm_split(1);
	assert_non_null(emu_memory_at(&b.machine.memory, 0x1FFFF, 1));
}

static void test_reset_discards_unfinished_option_bytes(void **state)
{
	(void)state;
	wr_reg(FLASH + 0x100, 0x08192A3B);
	wr_reg(FLASH + 0x100, 0x4C5D6E7F);
	wr_reg(FLASH + 0x104, 2);
	wr_reg(FLASH + 0x26C, 2);
	emu_board_reset(&b);
	advance(10 * EMU_MS);
	assert_int_equal(rd(FLASH + 0x268), 0);
}

/* --- small peripherals --- */

static void test_gpio_drives_leds_and_reads_the_button(void **state)
{
	(void)state;
	wr_reg(RCC + 0x140, 1 << 3 | 1 << 2);
	wr_reg(GPIOD, 0xFFFFFFFF & ~(2U << 20));
	wr_reg(GPIOD + 0x18, 1 << 10);
	assert_true(b.gpio->led[0]);
	assert_true(rd(GPIOD + 0x10) & 1 << 10);
	wr_reg(GPIOD + 0x28, 1 << 10);
	assert_false(b.gpio->led[0]);
	bus_write(&b.machine.bus, GPIOD + 0x15, 1,
		  4); /* the upper byte of ODR */
	assert_true(b.gpio->led[0]);
	/* The board pulls PC13 high without a pull-up of the chip. B2 pulls
	 * it low (UM3276, 6.6). */
	wr_reg(0x58020800, 0xFFFFFFFF & ~(3U << 26));
	assert_true(rd(0x58020800 + 0x10) & 1 << 13);
	b.gpio->button = true;
	assert_false(rd(0x58020800 + 0x10) & 1 << 13);
}

static void test_gpio_ports_are_clocked_and_reset_one_by_one(void **state)
{
	const uint32_t gpio_c = 0x58020800, gpio_i = 0x58022000;

	(void)state;
	bus_write(&b.machine.bus, GPIOD, 4, 0);
	expect_failure("GPIOD at 0x58020c00, whose clock is off; set bit 3");
	wr_reg(RCC + 0x140, 1 << 3 | 1 << 2);
	wr_reg(GPIOD, 0);
	wr_reg(gpio_c, 0);
	wr_reg(RCC + 0x88, 1 << 3);
	assert_int_equal(rd(GPIOD), 0xFFFFFFFF);
	assert_int_equal(rd(gpio_c), 0);
	(void)rd(gpio_i);
	expect_failure("read of 0x58022000: the chip has no peripheral there");
}

static void test_watchdog_resets_after_its_period(void **state)
{
	(void)state;
	wr_reg(IWDG, 0xCCCC);
	wr_reg(IWDG, 0x5555);
	wr_reg(IWDG + 4, 3); /* LSI / 32: 1 ms a step */
	wr_reg(IWDG + 8, 999);
	assert_true(rd(IWDG + 0xC) & 7);
	advance(EMU_MS);
	assert_false(rd(IWDG + 0xC) & 7);
	wr_reg(IWDG, 0xAAAA);
	advance(900 * EMU_MS);
	wr_reg(IWDG, 0xAAAA);
	advance(999 * EMU_MS);
	assert_false(b.machine.emu.reset_request);
	advance(2 * EMU_MS);
	assert_int_equal(b.machine.emu.reset_request, EMU_RESET_IWDG);
}

static void test_uid_reads_halves_and_words_only(void **state)
{
	(void)state;
	memcpy(b.machine.uid,
	       "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c", 12);
	assert_int_equal(rd(UID), 0x04030201);
	assert_int_equal(rd(UID + 8), 0x0c0b0a09);
	assert_int_equal(bus_read(&b.machine.bus, UID + 6, 2), 0x0807);
	assert_false(b.machine.emu.failed);
	(void)bus_read(&b.machine.bus, UID + 1, 1);
	expect_failure("1-byte read of UID");
	bus_write(&b.machine.bus, UID, 4, 1);
	expect_failure("write of the read-only area at 0x08fff800");
}

static void test_compensation_cell_is_ready_with_csi(void **state)
{
	(void)state;
	wr_reg(RCC + 0x154, 2);
	wr_reg(SBS + 0x110, 1 << 4);
	assert_int_equal(rd(SBS + 0x110), 1 << 4);
	wr_reg(RCC, rd(RCC) | 1 << 7);
	advance(EMU_MS);
	assert_int_equal(rd(SBS + 0x110), 1 << 4 | 1 << 10);
}

/* --- NVIC --- */

static const struct nvic_masks open;

static void test_nvic_takes_the_most_urgent_unmasked_exception(void **state)
{
	struct nvic_masks m = { 0 };

	(void)state;
	bus_write(&b.machine.bus, 0xE000E400, 4,
		  0x40201080); /* priorities of interrupts 3 to 0 */
	wr_reg(0xE000E100, 15);
	wr_reg(0xE000E200, 15);
	assert_int_equal(nvic_next(&b.cpu.nvic, &open), 17);
	m.basepri = 0x20;
	assert_int_equal(nvic_next(&b.cpu.nvic, &m), 17);
	m.basepri = 0x10;
	assert_int_equal(nvic_next(&b.cpu.nvic, &m), EXC_NONE);
	m.basepri = 0;
	m.primask = 1;
	assert_int_equal(nvic_next(&b.cpu.nvic, &m), EXC_NONE);
	assert_true(nvic_wakes(&b.cpu.nvic, &m));
	nvic_activate(&b.cpu.nvic, 17);
	assert_int_equal(nvic_next(&b.cpu.nvic, &open), EXC_NONE);
	wr_reg(0xE000ED04, 1U << 31);
	assert_int_equal(nvic_next(&b.cpu.nvic, &open), EXC_NMI);
	nvic_activate(&b.cpu.nvic, EXC_NMI);
	nvic_deactivate(&b.cpu.nvic, EXC_NMI);
	nvic_deactivate(&b.cpu.nvic, 17);
	assert_int_equal(nvic_next(&b.cpu.nvic, &open), 18);
}

static void test_level_interrupt_pends_again_while_high(void **state)
{
	(void)state;
	wr_reg(0xE000E108, 1 << 27); /* interrupt 91 */
	nvic_set_line(&b.cpu.nvic, 91, true);
	nvic_activate(&b.cpu.nvic, 16 + 91);
	assert_int_equal(nvic_next(&b.cpu.nvic, &open), EXC_NONE);
	nvic_deactivate(&b.cpu.nvic, 16 + 91);
	assert_int_equal(nvic_next(&b.cpu.nvic, &open), 16 + 91);
	nvic_set_line(&b.cpu.nvic, 91, false);
	wr_reg(0xE000E288, 1 << 27);
	assert_int_equal(nvic_next(&b.cpu.nvic, &open), EXC_NONE);
}

static void test_systick_counts_down_and_pends(void **state)
{
	(void)state;
	wr_reg(0xE000E014, 63999); /* 1 ms at 64 MHz */
	wr_reg(0xE000E018, 0);
	wr_reg(0xE000E010, 7);
	advance(EMU_MS / 2);
	assert_in_range(rd(0xE000E018), 31900, 32100);
	assert_int_equal(rd(0xE000E010), 7);
	advance(EMU_MS / 2);
	assert_int_equal(rd(0xE000E010), 0x10007);
	assert_int_equal(rd(0xE000E010), 7);
	assert_int_equal(nvic_next(&b.cpu.nvic, &open), EXC_SYSTICK);
}

static void test_mpu_rights_by_region_and_subregion(void **state)
{
	(void)state;
	wr_reg(0xE000ED98, 3);
	wr_reg(0xE000ED9C, 0x20000000);
	wr_reg(0xE000EDA0, 1U << 28 | 5U << 24 | 0x02 << 8 | 7 << 1 | 1);
	assert_true(cpu_mpu_allows(&b.cpu.mpu, 0x20000000, MEMORY_WRITE));
	wr_reg(0xE000ED94, 5);
	assert_false(cpu_mpu_allows(&b.cpu.mpu, 0x20000000, MEMORY_WRITE));
	assert_true(cpu_mpu_allows(&b.cpu.mpu, 0x20000000, MEMORY_READ));
	assert_false(cpu_mpu_allows(&b.cpu.mpu, 0x20000000, MEMORY_EXEC));
	assert_true(cpu_mpu_allows(&b.cpu.mpu, 0x20000020,
				   MEMORY_WRITE)); /* subregion */
	assert_int_equal(cpu_mpu_page_rights(&b.cpu.mpu, 0x20000000),
			 MEMORY_READ);
	assert_int_equal(cpu_mpu_page_rights(&b.cpu.mpu, 0x20001000), 7);
	wr_reg(0xE000ED94, 1);
	assert_false(cpu_mpu_allows(&b.cpu.mpu, 0x20001000, MEMORY_READ));
	assert_true(cpu_mpu_allows(&b.cpu.mpu, 0xE000E000, MEMORY_READ));
}

/* ES0596, 2.2.17: Device or non-cacheable memory with XN is not read
 * speculatively. */
static void test_mpu_rights_to_speculate(void **state)
{
	static const struct {
		uint32_t rasr;
		bool speculates;
	} cases[] = {
		{ 0, false },				  /* no access */
		{ 1U << 28 | 3U << 24 | 1 << 16, false }, /* Device, XN */
		{ 1U << 28 | 3U << 24 | 1 << 19, false }, /* uncached, XN */
		{ 3U << 24 | 1 << 19, true },		  /* uncached */
		{ 1U << 28 | 3U << 24 | 1 << 17, true },  /* cached, XN */
		{ 1U << 28 | 3U << 24 | 4 << 19 | 1 << 16, true }, /* same */
	};

	(void)state;
	assert_true(cpu_mpu_allows_speculation(&b.cpu.mpu, 0x25000000));
	wr_reg(0xE000ED98, 3);
	wr_reg(0xE000ED9C, 0x25000000);
	wr_reg(0xE000ED94, 1);
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		wr_reg(0xE000EDA0, cases[i].rasr | 23 << 1 | 1);
		assert_int_equal(
			cpu_mpu_allows_speculation(&b.cpu.mpu, 0x25FFFFFC),
			cases[i].speculates);
	}
}

/* --- misuse that ends the run --- */

static void test_pll_rejects_source_divn_and_vco_out_of_range(void **state)
{
	(void)state;
	wr_reg(RCC + 0x28, 2 | 12 << 4 | 2 << 12 | 2 << 20);
	bus_write(&b.machine.bus, RCC, 4, rd(RCC) | 1 << 24);
	expect_failure("PLL1: its source (RCC PLLCKSELR) is not running");
	wr_reg(RCC, rd(RCC) & ~(1U << 24));
	wr_reg(RCC + 0x28, 32 << 4 | 2 << 12 | 2 << 20); /* 2 MHz */
	wr_reg(RCC + 0x2C, 1 << 3);
	for (uint32_t n = 6; n <= 420; n += 414) {
		wr_reg(RCC + 0x30, 1 << 9 | n);
		bus_write(&b.machine.bus, RCC, 4, rd(RCC) | 1 << 24);
		expect_failure(
			n == 6 ? "PLL1: DIVN multiplies by 7; 8 to 420"
			       : "PLL1: DIVN multiplies by 421; 8 to 420");
		wr_reg(RCC, rd(RCC) & ~(1U << 24));
	}
	wr_reg(RCC + 0x30, 1 << 9 | 198);
	bus_write(&b.machine.bus, RCC, 4, rd(RCC) | 1 << 24);
	expect_failure("PLL1: VCO at 398 MHz; VCOSEL 0 allows 400");
	wr_reg(RCC, rd(RCC) & ~(1U << 24));
	wr_reg(RCC + 0x2C, 1 << 1 | 1 << 3);
	wr_reg(RCC + 0x30, 1 << 9 | 211);
	bus_write(&b.machine.bus, RCC, 4, rd(RCC) | 1 << 24);
	expect_failure("PLL1: VCO at 424 MHz; VCOSEL 1 allows 150");
}

static void test_rejects_apb_clock_above_150_mhz(void **state)
{
	(void)state;
	start_pll_600_mhz();
	wr_reg(RCC + 0x20, 0x4044);
	bus_write(&b.machine.bus, RCC + 0x10, 4, 3);
	expect_failure("gives an APB clock of 300 MHz; 150 MHz is allowed");
	wr_reg(RCC + 0x20, 0x4444);
	bus_write(&b.machine.bus, RCC + 0x20, 4, 0x0444);
	expect_failure("gives an APB clock of 300 MHz; 150 MHz is allowed");
}

static void test_rejects_supply_that_the_nucleo_lacks(void **state)
{
	(void)state;
	bus_write(&b.machine.bus, PWR + 0xC, 4, 4);
	expect_failure(
		"PWR CSR2: supply bits 0x04; the Nucleo has the LDO (0x02)");
}

static void test_option_words_need_pg_opt_and_no_qw(void **state)
{
	(void)state;
	bus_write(&b.machine.bus, FLASH + 0x26C, 4, 1);
	expect_failure("an option word is written without OPTCR.PG_OPT");
	wr_reg(FLASH + 0x100, 0x08192A3B);
	wr_reg(FLASH + 0x100, 0x4C5D6E7F);
	wr_reg(FLASH + 0x104, 2);
	wr_reg(FLASH + 0x26C, 1);
	bus_write(&b.machine.bus, FLASH + 0x26C, 4, 2);
	expect_failure("an option word is written while SR.QW is set");
	bus_write(&b.machine.bus, FLASH + 0x104, 4, 0);
	expect_failure("FLASH OPTCR: PG_OPT is cleared while SR.QW is set");
	bus_write(&b.machine.bus, FLASH + 0x10, 4, 1);
	expect_failure("write of FLASH+0x010, which is not modelled");
}

static void test_rejects_watchdog_prescaler_while_pvu(void **state)
{
	(void)state;
	wr_reg(IWDG, 0x5555);
	wr_reg(IWDG + 4, 3);
	bus_write(&b.machine.bus, IWDG + 4, 4, 2);
	expect_failure("IWDG PR is written while SR.PVU is set");
	advance(EMU_MS);
	wr_reg(IWDG + 4, 2);
}

/* --- ELF --- */

static void
test_elf_rejects_truncation_and_segments_outside_memory(void **state)
{
	uint8_t image[52 + 32] = { 0x7f, 'E', 'L', 'F', 1, 1, 1 };
	struct arm_elf_segment s;
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
		assert_false(arm_elf_check(copy, n));
		arm_elf_symbols_add(&b.symbols, copy, n);
		test_free(copy);
	}
	assert_int_equal(arm_elf_segment(image, sizeof(image), 0, false, &s),
			 0);
	assert_int_equal(s.memory, 32);
	assert_int_equal(emu_board_load_elf(&b, image, sizeof(image), true,
					    error, sizeof(error)),
			 0);
	assert_memory_equal(emu_memory_at(&b.machine.memory, 0x24000000, 4),
			    "\x7f"
			    "ELF",
			    4);
	memset(image + 72, 0xff, 4); /* p_memsz wraps the address space */
	assert_true(emu_board_load_elf(&b, image, sizeof(image), true, error,
				       sizeof(error)) < 0);
	memcpy(image + 72, "\x20\0\0", 4);
	image[60 + 3] = image[64 + 3] = 0x60;
	assert_true(emu_board_load_elf(&b, image, sizeof(image), true, error,
				       sizeof(error)) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_registers_have_reset_values_and_rsr_the_cause),
		TEST(test_runs_at_600_mhz_and_rejects_fewer_wait_states),
		TEST(test_pll_that_is_on_locks_its_own_divider_and_the_source),
		TEST(test_reset_values_of_registers),
		TEST(test_supply_keeps_its_first_value),
		TEST(test_violations_warn_or_are_ignored),
		TEST(test_reset_keeps_supply_bits),
		TEST(test_pll_multiplies_by_a_fraction),
		TEST(test_pll_p_divides_by_1_or_even_numbers),
		TEST(test_pll3_rejects_odd_divider_in_its_own_fields),
		TEST(test_tcm_split_takes_effect_at_reset),
		TEST(test_tcm_split_takes_effect_at_once),
		TEST(test_reset_discards_unfinished_option_bytes),
		TEST(test_gpio_drives_leds_and_reads_the_button),
		TEST(test_gpio_ports_are_clocked_and_reset_one_by_one),
		TEST(test_watchdog_resets_after_its_period),
		TEST(test_uid_reads_halves_and_words_only),
		TEST(test_compensation_cell_is_ready_with_csi),
		TEST(test_nvic_takes_the_most_urgent_unmasked_exception),
		TEST(test_level_interrupt_pends_again_while_high),
		TEST(test_systick_counts_down_and_pends),
		TEST(test_mpu_rights_by_region_and_subregion),
		TEST(test_mpu_rights_to_speculate),
		TEST(test_elf_rejects_truncation_and_segments_outside_memory),
		TEST(test_pll_rejects_source_divn_and_vco_out_of_range),
		TEST(test_rejects_apb_clock_above_150_mhz),
		TEST(test_rejects_supply_that_the_nucleo_lacks),
		TEST(test_option_words_need_pg_opt_and_no_qw),
		TEST(test_rejects_watchdog_prescaler_while_pvu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the emulated USART, EXTI, I2C and other peripherals that only other
 * people's firmware uses. */
#include "emu_board.h"

#include <stdbool.h>
#include <string.h>

#include "emulator/peripheral/usart.h"

enum {
	USART3 = 0x40004800,
	I2C3 = 0x40005C00,
	EXTI = 0x58000000,
	IRQ_EXTI13 = 29,
	IRQ_USART3 = 84,
	HSI_HZ = 64000000,
};

static char sent[256];
static unsigned int sent_count;

static void on_sent(void *ctx, uint8_t byte)
{
	(void)ctx;
	sent[sent_count++ % sizeof(sent)] = (char)byte;
}

/* Turn USART3 on with 115200 baud, 8N1. */
static struct usart_block *start_usart(uint32_t cr1)
{
	struct usart_block *u = bus_state(&b.machine.bus, &usart_2_peripheral);

	memset(sent, 0, sizeof(sent));
	sent_count = 0;
	usart_listen(u, on_sent, NULL);
	wr_reg(RCC + 0x148, 1 << 18);
	wr_reg(USART3 + 0x0C, HSI_HZ / 115200);
	wr_reg(USART3, cr1 | 0xD); /* UE, RE, TE */
	return u;
}

static void test_usart_sends_at_the_baud_rate(void **state)
{
	(void)state;
	start_usart(0);
	wr_reg(USART3 + 0x28, 'A');
	assert_int_equal(rd(USART3 + 0x1C) & 0xC0, 0x80); /* TXE, not TC */
	advance(80 * EMU_US);
	assert_int_equal(sent_count, 0);
	wait_for_bit(USART3 + 0x1C, 0x40);
	assert_string_equal(sent, "A");
}

static void test_usart_fifo_holds_16_characters(void **state)
{
	(void)state;
	start_usart(1 << 29);
	for (char c = 'a'; c <= 'q'; c++) /* one is on the line */
		wr_reg(USART3 + 0x28, (uint32_t)c);
	assert_false(rd(USART3 + 0x1C) & 0x80);
	wait_for_bit(USART3 + 0x1C, 0x40);
	assert_string_equal(sent, "abcdefghijklmnopq");
}

static void test_usart_receives_and_reports_an_overrun(void **state)
{
	struct usart_block *u = start_usart(1 << 5);

	(void)state;
	assert_int_equal(usart_send(u, (const uint8_t *)"xyz", 3), 3);
	assert_false(b.cpu.nvic.line[16 + IRQ_USART3]);
	wait_for_bit(USART3 + 0x1C, 0x20);
	assert_true(b.cpu.nvic.line[16 + IRQ_USART3]);
	assert_int_equal(rd(USART3 + 0x24), 'x');
	assert_false(b.cpu.nvic.line[16 + IRQ_USART3]);
	wait_for_bit(USART3 + 0x1C, 8); /* ORE: y was not read in time */
	assert_int_equal(rd(USART3 + 0x24), 'y');
	wr_reg(USART3 + 0x20, 8);
	assert_false(rd(USART3 + 0x1C) & 8);
	wait_for_bit(USART3 + 0x1C, 1 << 4); /* IDLE */
}

static void test_usart_without_a_baud_rate_fails(void **state)
{
	(void)state;
	start_usart(0);
	wr_reg(USART3 + 0x0C, 0);
	expect_write_fails(USART3 + 0x28, 'A',
			   "UART3 sends without a baud rate");
}

/* --- EXTI --- */

static void test_button_edge_sets_its_exti_line(void **state)
{
	(void)state;
	wr_reg(RCC + 0x140, 1 << 2);	/* GPIOC */
	wr_reg(RCC + 0x154, 1 << 1);	/* SBS */
	wr_reg(SBS + 0x13C, 2 << 4);	/* EXTI13: port C */
	wr_reg(0x58020800, 0xF3FFFFFF); /* PC13 is an input */
	wr_reg(EXTI + 0x04, 1 << 13);	/* falling edge */
	gpio_press_button(b.gpio, true);
	assert_int_equal(rd(EXTI + 0x88), 1 << 13);
	assert_false(b.cpu.nvic.line[16 + IRQ_EXTI13]);
	wr_reg(EXTI + 0x80, 1 << 13);
	assert_true(b.cpu.nvic.line[16 + IRQ_EXTI13]);
	wr_reg(EXTI + 0x88, 1 << 13);
	assert_false(b.cpu.nvic.line[16 + IRQ_EXTI13]);
	gpio_press_button(b.gpio, false); /* a rising edge does nothing */
	assert_int_equal(rd(EXTI + 0x88), 0);
}

static void test_exti_ignores_pins_of_other_ports(void **state)
{
	(void)state;
	wr_reg(RCC + 0x140, 1 << 2);
	wr_reg(EXTI + 0x04, 1 << 13);
	gpio_press_button(b.gpio, true); /* EXTICR selects port A */
	assert_int_equal(rd(EXTI + 0x88), 0);
	wr_reg(EXTI + 0x80, 3);
	wr_reg(EXTI + 0x08, 1); /* a software trigger */
	assert_int_equal(rd(EXTI + 0x88), 1);
}

/* --- I2C3 and the TCPP03-M20 --- */

enum {
	READ = 1 << 10,
	START = 1 << 13,
	AUTOEND = 1 << 25,
	STOPF = 1 << 5,
	NACKF = 1 << 4
};

static void start_i2c(void)
{
	wr_reg(RCC + 0x148, 1 << 23);
	wr_reg(I2C3 + 0x10, 0x10707DBC);
	wr_reg(I2C3, 1);
}

static void write_tcpp(uint32_t reg, uint32_t value)
{
	wr_reg(I2C3 + 4, 0x68 | 2 << 16 | START | AUTOEND);
	wait_for_bit(I2C3 + 0x18, 2); /* TXIS */
	wr_reg(I2C3 + 0x28, reg);
	wait_for_bit(I2C3 + 0x18, 2);
	wr_reg(I2C3 + 0x28, value);
	wait_for_bit(I2C3 + 0x18, STOPF);
	wr_reg(I2C3 + 0x1C, STOPF);
}

static uint32_t read_tcpp(uint32_t reg)
{
	uint32_t value;

	wr_reg(I2C3 + 4, 0x68 | 1 << 16 | START);
	wait_for_bit(I2C3 + 0x18, 2);
	wr_reg(I2C3 + 0x28, reg);
	wait_for_bit(I2C3 + 0x18, 1 << 6); /* TC */
	wr_reg(I2C3 + 4, 0x68 | 1 << 16 | START | AUTOEND | READ);
	wait_for_bit(I2C3 + 0x18, 1 << 2); /* RXNE */
	value = rd(I2C3 + 0x24);
	wait_for_bit(I2C3 + 0x18, STOPF);
	wr_reg(I2C3 + 0x1C, STOPF);
	return value;
}

static void test_tcpp_acknowledges_its_settings(void **state)
{
	(void)state;
	start_i2c();
	write_tcpp(0, 0x15); /* normal power, provider switch, VCONN at CC1 */
	assert_int_equal(read_tcpp(0), 0x15);
	assert_int_equal(read_tcpp(1), 0x26);
	assert_int_equal(read_tcpp(2), 0x20); /* VBUS is present */
}

static void test_i2c_address_without_a_device_gets_nack(void **state)
{
	(void)state;
	start_i2c();
	wr_reg(I2C3 + 4, 0x50 | 1 << 16 | START | AUTOEND);
	wait_for_bit(I2C3 + 0x18, STOPF);
	assert_true(rd(I2C3 + 0x18) & NACKF);
	assert_false(rd(I2C3 + 0x18) & 1 << 15); /* BUSY */
}

/* --- timers --- */

enum {
	TIM6 = 0x40001000,
	TIM1 = 0x42000000,
	CRC = 0x58024C00,
	RNG = 0x48020000
};

/* 64 MHz / 64 = 1 MHz, a period of 100 us. */
static void start_timer(uint32_t tim, uint32_t cr1)
{
	wr_reg(tim + 0x28, 63);
	wr_reg(tim + 0x2C, 99);
	wr_reg(tim + 0x14, 1); /* UG loads the prescaler */
	wr_reg(tim + 0x10, 0);
	wr_reg(tim, cr1 | 1);
}

static void test_timer_counts_and_overflows(void **state)
{
	(void)state;
	wr_reg(RCC + 0x148, 1 << 4);
	start_timer(TIM6, 0);
	wr_reg(TIM6 + 0x0C, 1);
	advance(50 * EMU_US);
	assert_in_range(rd(TIM6 + 0x24), 49, 50);
	assert_false(b.cpu.nvic.line[16 + 55]);
	advance(51 * EMU_US);
	assert_int_equal(rd(TIM6 + 0x10), 1);
	assert_true(b.cpu.nvic.line[16 + 55]);
	wr_reg(TIM6 + 0x10, 0);
	assert_false(b.cpu.nvic.line[16 + 55]);
	for (int i = 0; i < 1000; i++) { /* no period is lost */
		advance(100 * EMU_US);
		assert_int_equal(rd(TIM6 + 0x10), 1);
		wr_reg(TIM6 + 0x10, 0);
	}
}

static void test_timer_one_pulse_stops(void **state)
{
	(void)state;
	wr_reg(RCC + 0x148, 1 << 4);
	start_timer(TIM6, 8);
	advance(EMU_MS);
	assert_int_equal(rd(TIM6) & 1, 0);
	assert_int_equal(rd(TIM6 + 0x24), 0);
}

static void test_timer_compares_and_repeats(void **state)
{
	(void)state;
	wr_reg(RCC + 0x150, 1);
	wr_reg(TIM1 + 0x30, 1); /* an update at every second overflow */
	wr_reg(TIM1 + 0x38, 30);
	start_timer(TIM1, 0);
	wr_reg(TIM1 + 0x0C, 4);
	advance(35 * EMU_US);
	assert_int_equal(rd(TIM1 + 0x10) & 4, 4);
	assert_true(b.cpu.nvic.line[16 + 50]);
	advance(70 * EMU_US);
	assert_int_equal(rd(TIM1 + 0x10) & 1, 0);
	advance(100 * EMU_US);
	assert_int_equal(rd(TIM1 + 0x10) & 1, 1);
}

/* --- CRC and RNG --- */

static void crc_bytes(const char *text)
{
	wr_reg(CRC + 8, rd(CRC + 8) | 1);
	for (; *text; text++)
		bus_write(&b.machine.bus, CRC, 1, (uint8_t)*text);
}

/* The check values of "123456789" in the catalogue of CRCs. */
static void test_crc_of_known_polynomials(void **state)
{
	(void)state;
	wr_reg(RCC + 0x140, 1 << 19);
	crc_bytes("123456789");
	assert_int_equal(rd(CRC), 0x0376E6E7); /* CRC-32/MPEG-2 */
	wr_reg(CRC + 8, 1 << 5 | 1 << 7);
	crc_bytes("123456789");
	assert_int_equal(rd(CRC) ^ 0xFFFFFFFF, 0xCBF43926); /* CRC-32 */
	wr_reg(CRC + 8, 1 << 3);
	wr_reg(CRC + 0x14, 0x1021);
	crc_bytes("123456789");
	assert_int_equal(rd(CRC), 0x29B1); /* CRC-16/CCITT-FALSE */
	wr_reg(CRC + 8, 3 << 3);
	wr_reg(CRC + 0x14, 0x09);
	wr_reg(CRC + 0x10, 0);
	crc_bytes("123456789");
	assert_int_equal(rd(CRC), 0x75); /* CRC-7/MMC */
}

static void test_rng_needs_its_clock(void **state)
{
	uint32_t first;

	(void)state;
	wr_reg(RCC + 0x158, 1);
	wr_reg(RNG, 4);
	advance(EMU_MS);
	assert_int_equal(rd(RNG + 4), 2); /* CECS: HSI48 is off */
	wr_reg(RCC, rd(RCC) | 1 << 12);
	wait_for_bit(RNG + 4, 1);
	first = rd(RNG + 8);
	assert_int_equal(rd(RNG + 4), 0);
	wait_for_bit(RNG + 4, 1);
	assert_int_not_equal(rd(RNG + 8), first);
}

/* --- what is not modelled --- */

static void test_unmodelled_register_is_named(void **state)
{
	(void)state;
	(void)rd(0x40003810);
	expect_failure("read of SPI2+0x10 at 0x40003810");
	b.machine.emu.unmodelled = EMU_VIOLATIONS_WARN;
	wr_reg(0x40003810, 1); /* goes on */
	(void)rd(0x40002000 + 0x800000);
	expect_failure("the chip has no peripheral there");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_usart_sends_at_the_baud_rate),
		TEST(test_usart_fifo_holds_16_characters),
		TEST(test_usart_receives_and_reports_an_overrun),
		TEST(test_usart_without_a_baud_rate_fails),
		TEST(test_button_edge_sets_its_exti_line),
		TEST(test_exti_ignores_pins_of_other_ports),
		TEST(test_tcpp_acknowledges_its_settings),
		TEST(test_i2c_address_without_a_device_gets_nack),
		TEST(test_timer_counts_and_overflows),
		TEST(test_timer_one_pulse_stops),
		TEST(test_timer_compares_and_repeats),
		TEST(test_crc_of_known_polynomials),
		TEST(test_rng_needs_its_clock),
		TEST(test_unmodelled_register_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

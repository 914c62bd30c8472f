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
		TEST(test_unmodelled_register_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/nucleo_h7s3/board.h"

#include "soc/stm32h7rs/regs.h"

static const struct pin {
	char port;
	uint8_t number;
} leds[BOARD_LEDS] = {
	[LD1_GREEN] = { 'D', 10 },
	[LD2_YELLOW] = { 'D', 13 },
	[LD3_RED] = { 'B', 7 },
};
static const struct pin button = { 'C', 13 };

enum { PULL_UP = 1, PULL_SETTLES = 1000 };

void board_init(void)
{
	clock_enable(&RCC->AHB4ENR,
		     RCC_AHB4_GPIOB | RCC_AHB4_GPIOC | RCC_AHB4_GPIOD);
	for (unsigned int i = 0; i < BOARD_LEDS; i++) {
		gpio_set(leds[i].port, leds[i].number, false);
		gpio_mode(leds[i].port, leds[i].number, GPIO_OUTPUT);
	}
	GPIO(button.port)->PUPDR =
		(GPIO(button.port)->PUPDR & ~FIELD(3, 2 * button.number)) |
		FIELD(PULL_UP, 2 * button.number);
	gpio_mode(button.port, button.number, GPIO_INPUT);
	for (int i = 0; i < PULL_SETTLES; i++)
		(void)GPIO(button.port)->IDR;
}

void board_led(enum board_led led, bool on)
{
	gpio_set(leds[led].port, leds[led].number, on);
}

bool board_button(void)
{
	return !(GPIO(button.port)->IDR & BIT(button.number));
}

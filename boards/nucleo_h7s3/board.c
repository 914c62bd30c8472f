/* SPDX-License-Identifier: Apache-2.0 */
/* The Nucleo-H7S3L8 (MB1737): crystal, LEDs, button and USB wiring. */
#include "boards/board.h"

#include "soc/stm32h7rs/clock_tree.h"
#include "soc/stm32h7rs/gpio_pin.h"
#include "soc/stm32h7rs/usb_hs.h"

enum { CRYSTAL_HZ = 24000000 };

static const struct gpio_pin leds[BOARD_LEDS] = {
	[BOARD_LED_USB] = { 'D', 10 },	   /* LD1, green */
	[BOARD_LED_RUNNING] = { 'D', 13 }, /* LD2, yellow */
	[BOARD_LED_FAULT] = { 'B', 7 },	   /* LD3, red */
};
/* B2, the blue one. B1, the black one, resets the chip. */
static const struct gpio_pin button = { 'C', 13 };

void board_init(void)
{
	for (unsigned int i = 0; i < BOARD_LEDS; i++) {
		gpio_enable_port(leds[i].port);
		gpio_write(leds[i], false);
		gpio_set_mode(leds[i], GPIO_OUTPUT);
	}
	gpio_enable_port(button.port);
	gpio_set_mode(button, GPIO_INPUT);
}

void board_set_led(enum board_led led, bool on)
{
	gpio_write(leds[led], on);
}

/* The board pulls the line high, and a pressed button pulls it low (UM3276,
 * 6.6). */
bool board_button_pressed(void)
{
	return !gpio_read(button);
}

int board_start_clocks(void)
{
	return clock_tree_start(CRYSTAL_HZ);
}

/* The board does not connect VBUS of CN2 to the controller's sense input. */
int board_start_usb(void)
{
	int err = usb_hs_start(USB_HS_REFERENCE_24_MHZ);

	if (!err)
		usb_hs_assume_vbus();
	return err;
}

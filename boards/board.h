/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interface of a board, which the firmware (ports/firmware) and the loader use.
 * Each folder boards/NAME implements these functions, and defines nor_part of
 * soc/stm32h7rs/nor.h. DESIGN.md lists the other files of a board.
 *
 * Call all functions from the main loop. The fault handler also calls
 * board_set_led(), so board_set_led() must not depend on interrupts.
 */
#ifndef TETHER_BOARDS_BOARD_H
#define TETHER_BOARDS_BOARD_H

#include <stdbool.h>

enum board_led {
	BOARD_LED_USB,	   /* a host has configured the device */
	BOARD_LED_RUNNING, /* blinks while the program runs */
	BOARD_LED_FAULT,   /* the last start ended in a fault */
	BOARD_LEDS,
};

/** Configure the pins of LEDs and button. All LEDs are off afterwards. */
void board_init(void);

/** Switch an LED on or off. */
void board_set_led(enum board_led led, bool on);

/** Whether the button is pressed that requests the loader's DFU mode. */
bool board_button_pressed(void);

/**
 * Run the core from the board's crystal at full speed.
 * ERR_TIMEOUT: the core still runs from its reset clock.
 */
int board_start_clocks(void);

/**
 * Power and clock the USB controller, so that TinyUSB can initialize it.
 * Requires board_start_clocks(). ERR_TIMEOUT: the PHY supply is not ready.
 */
int board_start_usb(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a board provides to the firmware (ports/firmware) and to the loader.
 * Each folder boards/NAME defines these functions, and the flash part of
 * soc/stm32h7rs/nor.h; DESIGN.md lists the other files of a board.
 *
 * Call everything from the main loop. board_set_led() is also called by the
 * fault handler, so it must not depend on interrupts.
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

void board_set_led(enum board_led led, bool on);

/** The button that requests the loader's DFU mode is pressed. */
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

/* SPDX-License-Identifier: Apache-2.0 */
/* The Nucleo-H7S3L8 (MB1737): what is soldered to which pin. */
#ifndef TETHER_BOARDS_NUCLEO_H7S3_BOARD_H
#define TETHER_BOARDS_NUCLEO_H7S3_BOARD_H

#include <stdbool.h>

enum board_led { LD1_GREEN, LD2_YELLOW, LD3_RED, BOARD_LEDS };

/** LEDs off, button readable. */
void board_init(void);

void board_led(enum board_led led, bool on);

/** B1 is held. Pressed is taken as low, as ST's own examples do. */
bool board_button(void);

#endif

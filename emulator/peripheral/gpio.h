/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GPIO ports A to H and M to P, with the LEDs and the button of the Nucleo on
 * their pins.
 */
#ifndef TETHER_EMULATOR_PERIPHERAL_GPIO_H
#define TETHER_EMULATOR_PERIPHERAL_GPIO_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator/machine/machine.h"

enum { GPIO_PORTS = 16, GPIO_LEDS = 3 };

/* Numbers of ports. */
enum {
	GPIO_PORT_B = 1,
	GPIO_PORT_C = 2,
	GPIO_PORT_D = 3,
	GPIO_PORT_M = 12,
	GPIO_PORT_N = 13
};

struct gpio_port {
	uint32_t moder, otyper, ospeedr, pupdr, odr, lckr, afr[2];
};

struct exti;

struct gpio {
	struct machine *machine;
	struct emu *emu;
	struct exti *exti;
	struct gpio_port port[GPIO_PORTS];
	bool button;	     /* B2 is pressed */
	bool led[GPIO_LEDS]; /* LD1 to LD3 are lit */
	bool show;	     /* print changes of the LEDs to stderr */
};

extern const struct peripheral gpio_peripheral;

/** Press or release the user button B2. */
void gpio_press_button(struct gpio *g, bool pressed);

/** Whether the pin is set to alternate function `function`. */
bool gpio_has_function(const struct gpio *g, unsigned int port,
		       unsigned int pin, unsigned int function);

#endif

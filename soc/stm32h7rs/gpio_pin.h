/* SPDX-License-Identifier: Apache-2.0 */
/* GPIO pins: a board names its pins by port and number. */
#ifndef TETHER_SOC_STM32H7RS_GPIO_PIN_H
#define TETHER_SOC_STM32H7RS_GPIO_PIN_H

#include "soc/stm32h7rs/regs.h"

struct gpio_pin {
	char port; /* 'A' to 'P' */
	uint8_t number;
};

enum gpio_mode { GPIO_INPUT, GPIO_OUTPUT, GPIO_ALTERNATE };

/** Enable the clock of a port. Call it before the other functions. */
static inline void gpio_enable_port(char port)
{
	clock_enable(&RCC->AHB4ENR, BIT(port - 'A'));
}

static inline void gpio_set_mode(struct gpio_pin pin, enum gpio_mode mode)
{
	struct gpio_regs volatile *regs = GPIO(pin.port);

	regs->MODER = (regs->MODER & ~FIELD(3, 2 * pin.number)) |
		      FIELD(mode, 2 * pin.number);
}

static inline void gpio_write(struct gpio_pin pin, bool high)
{
	GPIO(pin.port)->BSRR = high ? BIT(pin.number) : BIT(pin.number + 16);
}

static inline bool gpio_read(struct gpio_pin pin)
{
	return GPIO(pin.port)->IDR & BIT(pin.number);
}

#endif

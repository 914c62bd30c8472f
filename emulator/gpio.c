/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "emulator/board.h"

enum {
	MODER = 0x00,
	OTYPER = 0x04,
	OSPEEDR = 0x08,
	PUPDR = 0x0C,
	IDR = 0x10,
	ODR = 0x14,
	BSRR = 0x18,
	LCKR = 0x1C,
	AFRL = 0x20,
	AFRH = 0x24,
	BRR = 0x28,
	MODE_OUTPUT = 1,
	MODE_ALTERNATE = 2,
	PORT_B = 1,
	PORT_C = 2,
	PORT_D = 3,
	PORT_M = 12,
	PORT_N = 13,
	BUTTON_PIN = 13,
};

/* LD1 to LD3 of the Nucleo, all lit by a high level. */
static const struct {
	uint8_t port, pin;
} leds[] = { { PORT_D, 10 }, { PORT_D, 13 }, { PORT_B, 7 } };

static unsigned int mode(const struct gpio_port *p, unsigned int pin)
{
	return p->moder >> 2 * pin & 3;
}

bool gpio_function(const struct board *b, unsigned int port, unsigned int pin,
		   unsigned int function)
{
	const struct gpio_port *p = &b->gpio.port[port];

	return mode(p, pin) == MODE_ALTERNATE &&
	       (p->afr[pin / 8] >> 4 * (pin % 8) & 15) == function;
}

static bool shines(const struct board *b, unsigned int i)
{
	const struct gpio_port *p = &b->gpio.port[leds[i].port];

	return mode(p, leds[i].pin) == MODE_OUTPUT &&
	       (p->odr >> leds[i].pin & 1);
}

static void show_leds(struct board *b)
{
	struct gpio *g = &b->gpio;
	bool changed = false;

	for (unsigned int i = 0; i < 3; i++) {
		changed |= g->led[i] != shines(b, i);
		g->led[i] = shines(b, i);
	}
	if (changed && g->show)
		fprintf(stderr, "leds %10.6f LD1 %s, LD2 %s, LD3 %s\n",
			(double)emu_now(&b->emu) / (double)EMU_S,
			g->led[0] ? "on" : "off", g->led[1] ? "on" : "off",
			g->led[2] ? "on" : "off");
}

/* Pads that have a supply of their own switch nothing before it is there. */
static bool pads_on(struct board *b, unsigned int unit)
{
	if (unit == PORT_M && !pwr_usb_pads(b)) {
		emu_fail(&b->emu, "GPIOM is used while PWR CSR2.USB33DEN is "
				  "off: its pads have no supply");
		return false;
	}
	if (unit == PORT_N && !pwr_xspi2_pads(b)) {
		emu_fail(&b->emu, "GPION is used while PWR CSR2.EN_XSPIM2 is "
				  "off: its pads are not enabled");
		return false;
	}
	return true;
}

/* Outputs read back, pull-ups read 1; the button pulls its pin to ground. */
static uint32_t levels(const struct board *b, unsigned int unit)
{
	const struct gpio_port *p = &b->gpio.port[unit];
	uint32_t value = 0;

	for (unsigned int pin = 0; pin < 16; pin++) {
		bool high = (p->pupdr >> 2 * pin & 3) == 1;

		if (mode(p, pin) == MODE_OUTPUT)
			high = p->odr >> pin & 1;
		value |= (uint32_t)high << pin;
	}
	if (unit == PORT_C && b->gpio.button)
		value &= ~(UINT32_C(1) << BUTTON_PIN);
	return value;
}

static bool plain(struct gpio_port *p, uint32_t offset, uint32_t **reg)
{
	switch (offset) {
	case MODER:
		*reg = &p->moder;
		return true;
	case OTYPER:
		*reg = &p->otyper;
		return true;
	case OSPEEDR:
		*reg = &p->ospeedr;
		return true;
	case PUPDR:
		*reg = &p->pupdr;
		return true;
	case ODR:
		*reg = &p->odr;
		return true;
	case LCKR:
		*reg = &p->lckr;
		return true;
	case AFRL:
	case AFRH:
		*reg = &p->afr[(offset - AFRL) / 4];
		return true;
	default:
		return false;
	}
}

uint32_t gpio_read(struct board *b, unsigned int unit, uint32_t offset,
		   unsigned int size)
{
	uint32_t at = offset & ~3U, value = 0, *p;

	if (!pads_on(b, unit))
		return 0;
	if (plain(&b->gpio.port[unit], at, &p))
		value = *p;
	else if (at == IDR)
		value = levels(b, unit);
	value >>= 8 * (offset & 3);
	return size == 4 ? value : value & ((1U << 8 * size) - 1);
}

void gpio_write(struct board *b, unsigned int unit, uint32_t offset,
		unsigned int size, uint32_t value)
{
	uint32_t at = offset & ~3U, shift = 8 * (offset & 3), mask, *p;
	struct gpio_port *port = &b->gpio.port[unit];

	if (!pads_on(b, unit))
		return;
	mask = size == 4 ? UINT32_MAX : ((1U << 8 * size) - 1) << shift;
	value <<= shift;
	if (plain(port, at, &p))
		*p = (*p & ~mask) | (value & mask);
	else if (at == BSRR)
		port->odr = (port->odr & ~(value >> 16)) | (value & 0xffff);
	else if (at == BRR)
		port->odr &= ~(value & 0xffff);
	show_leds(b);
}

void gpio_reset(struct board *b, unsigned int unit)
{
	struct gpio_port *p = &b->gpio.port[unit];

	memset(p, 0, sizeof(*p));
	p->moder = 0xFFFFFFFF; /* analog; SWD's pins are of no matter here */
	show_leds(b);
}

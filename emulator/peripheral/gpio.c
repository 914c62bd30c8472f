/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of the GPIO ports, LEDs and the button. */
#include "emulator/peripheral/gpio.h"

#include <assert.h>
#include <string.h>

#include "emulator/peripheral/exti.h"
#include "emulator/peripheral/rcc.h"

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
	PULL_UP = 1,
	BUTTON_PIN = 13, /* PC13 */
};

/* LD1 to LD3 of the Nucleo. A high level lights them. */
static const struct {
	uint8_t port, pin;
} leds[] = { { GPIO_PORT_D, 10 }, { GPIO_PORT_D, 13 }, { GPIO_PORT_B, 7 } };

static unsigned int mode(const struct gpio_port *p, unsigned int pin)
{
	return p->moder >> 2 * pin & 3;
}

bool gpio_has_function(const struct gpio *g, unsigned int port,
		       unsigned int pin, unsigned int function)
{
	const struct gpio_port *p = &g->port[port];

	return mode(p, pin) == MODE_ALTERNATE &&
	       (p->afr[pin / 8] >> 4 * (pin % 8) & 15) == function;
}

static bool is_lit(const struct gpio *g, unsigned int led)
{
	const struct gpio_port *p = &g->port[leds[led].port];

	return mode(p, leds[led].pin) == MODE_OUTPUT &&
	       (p->odr >> leds[led].pin & 1);
}

static void update_leds(struct gpio *g)
{
	bool changed = false;

	for (unsigned int i = 0; i < GPIO_LEDS; i++) {
		changed |= g->led[i] != is_lit(g, i);
		g->led[i] = is_lit(g, i);
	}
	if (changed && g->show)
		fprintf(stderr, "leds %10.6f LD1 %s, LD2 %s, LD3 %s\n",
			(double)emu_now(g->emu) / (double)EMU_S,
			g->led[0] ? "on" : "off", g->led[1] ? "on" : "off",
			g->led[2] ? "on" : "off");
}

/* Whether the board's own resistor pulls a pin high: that of the user button B2
 * (UM3276, 6.6). */
static bool board_pulls_up(unsigned int port, unsigned int pin)
{
	return port == GPIO_PORT_C && pin == BUTTON_PIN;
}

/* Outputs read back their value, and inputs with a pull-up read 1. The pressed
 * button pulls its pin to ground. */
static uint32_t read_levels(const struct gpio *g, unsigned int port)
{
	const struct gpio_port *p = &g->port[port];
	uint32_t value = 0;

	for (unsigned int pin = 0; pin < 16; pin++) {
		bool high = board_pulls_up(port, pin) ||
			    (p->pupdr >> 2 * pin & 3) == PULL_UP;

		if (mode(p, pin) == MODE_OUTPUT)
			high = p->odr >> pin & 1;
		value |= (uint32_t)high << pin;
	}
	if (port == GPIO_PORT_C && g->button)
		value &= ~(UINT32_C(1) << BUTTON_PIN);
	return value;
}

/* Report the levels of a port's pins to EXTI. */
static void update_exti(struct gpio *g, unsigned int port)
{
	uint32_t levels = read_levels(g, port);

	if (!g->exti)
		return;
	for (unsigned int pin = 0; pin < 16; pin++)
		exti_set_pin(g->exti, port, pin, levels >> pin & 1);
}

void gpio_press_button(struct gpio *g, bool pressed)
{
	g->button = pressed;
	update_exti(g, GPIO_PORT_C);
}

/* Find a register without side effects, which reads back the written value.
 * NULL: none at this offset. */
static uint32_t *find_plain_register(struct gpio_port *p, uint32_t offset)
{
	switch (offset) {
	case MODER:
		return &p->moder;
	case OTYPER:
		return &p->otyper;
	case OSPEEDR:
		return &p->ospeedr;
	case PUPDR:
		return &p->pupdr;
	case ODR:
		return &p->odr;
	case LCKR:
		return &p->lckr;
	case AFRL:
		return &p->afr[0];
	case AFRH:
		return &p->afr[1];
	default:
		return NULL;
	}
}

static uint32_t read_register(void *state, uint32_t offset, unsigned int size)
{
	uint32_t at = offset % PERIPHERAL_UNIT_SIZE & ~3U, value = 0, *p;
	unsigned int port = offset / PERIPHERAL_UNIT_SIZE;
	struct gpio *g = state;

	p = find_plain_register(&g->port[port], at);
	if (p)
		value = *p;
	else if (at == IDR)
		value = read_levels(g, port);
	value >>= 8 * (offset & 3);
	return size == 4 ? value : value & ((1U << 8 * size) - 1);
}

static void write_register(void *state, uint32_t offset, unsigned int size,
			   uint32_t value)
{
	uint32_t at = offset % PERIPHERAL_UNIT_SIZE & ~3U, mask, *p;
	unsigned int number = offset / PERIPHERAL_UNIT_SIZE;
	uint32_t shift = 8 * (offset & 3);
	struct gpio *g = state;
	struct gpio_port *port = &g->port[number];

	assert(g);
	mask = size == 4 ? UINT32_MAX : ((1U << 8 * size) - 1) << shift;
	value <<= shift;
	p = find_plain_register(port, at);
	if (p)
		*p = (*p & ~mask) | (value & mask);
	else if (at == BSRR)
		port->odr = (port->odr & ~(value >> 16)) | (value & 0xffff);
	else if (at == BRR)
		port->odr &= ~(value & 0xffff);
	update_leds(g);
	update_exti(g, number);
}

static void connect(void *state, struct machine *m)
{
	struct gpio *g = state;

	g->machine = m;
	g->emu = &m->emu;
	g->exti = bus_state(&m->bus, &exti_peripheral);
}

/* All pins become analog. The silicon's SWD pins, which differ, are not
 * modelled. */
static void reset(void *state, unsigned int unit)
{
	struct gpio *g = state;
	struct gpio_port *p = &g->port[unit];

	memset(p, 0, sizeof(*p));
	p->moder = 0xFFFFFFFF;
	update_leds(g);
}

const struct peripheral gpio_peripheral = {
	.name = "GPIO",
	.base = 0x58020000,
	.size = GPIO_PORTS * PERIPHERAL_UNIT_SIZE,
	.widths = PERIPHERAL_ANY_WIDTH,
	.clock_register = RCC_AHB4ENR,
	.units = 0xF0FF, /* A to H, M to P */
	.state_size = sizeof(struct gpio),
	.connect = connect,
	.reset = reset,
	.read = read_register,
	.write = write_register,
};

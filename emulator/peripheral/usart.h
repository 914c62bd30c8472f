/* SPDX-License-Identifier: Apache-2.0 */
/*
 * USART1 to UART8 and LPUART1 in asynchronous mode: baud rate, FIFOs, flags and
 * interrupts. DMA requests are not modelled. Only USART3, the virtual COM port
 * of the Nucleo, has a peer: usart_sent_fn gets what it sends, and usart_send()
 * sends to it. All other receivers see an idle line.
 */
#ifndef TETHER_EMULATOR_PERIPHERAL_USART_H
#define TETHER_EMULATOR_PERIPHERAL_USART_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator/machine/machine.h"
#include "emulator/machine/peripheral.h"
#include "emulator/peripheral/rcc.h"

enum { USART_FIFO = 16, USART_UNITS = 4, USART_LINE = 4096 };

struct usart_block;

/* One USART. */
struct usart {
	struct usart_block *block;
	uint32_t reg[12]; /* by offset / 4 */
	uint32_t flags;	  /* latched bits of ISR */
	uint16_t tx[USART_FIFO], rx[USART_FIFO];
	uint16_t shift; /* the character on the line */
	bool shifting;
	unsigned int tx_count, rx_count;
	struct emu_event sent, received;
};

/* The USARTs of one struct peripheral, with neighbouring clock-enable bits. */
struct usart_block {
	struct machine *machine;
	const struct rcc *rcc;
	const struct usart_config *config;
	struct usart unit[USART_UNITS];

	/* The peer of USART3. */
	void (*on_sent)(void *ctx, uint8_t byte);
	void *ctx;
	uint8_t line[USART_LINE]; /* characters to send to USART3 */
	unsigned int line_first, line_count;
};

extern const struct peripheral usart_1_peripheral, usart_2_peripheral,
	usart_7_peripheral, usart_lp1_peripheral;

/** Call `on_sent` with each byte that USART3 sends. `block` is the state of
 * usart_2_peripheral. */
void usart_listen(struct usart_block *block,
		  void (*on_sent)(void *ctx, uint8_t byte), void *ctx);

/** Queue bytes that USART3 receives at its baud rate. Returns how many fit. */
unsigned int usart_send(struct usart_block *block, const uint8_t *data,
			unsigned int len);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The other end of the virtual COM port (USART3): a file, standard output or a
 * pseudo-terminal. */
#ifndef TETHER_EMULATOR_UART_CONSOLE_H
#define TETHER_EMULATOR_UART_CONSOLE_H

#include <stdio.h>

#include "emulator/machine/machine.h"

struct usart_block;

struct uart_console {
	struct emu *emu;
	struct usart_block *usart;
	FILE *out; /* NULL: none */
	int pty;   /* -1: none */
	struct emu_event poll;
};

/** Connect USART3 to `where`: a file, "-" or "pty", whose name is printed to
 * stderr. NULL: to nothing. `input`: text that USART3 receives first, or NULL.
 * ERR_IO: it cannot be opened; the error was printed. */
int uart_console_open(struct uart_console *c, struct machine *m,
		      const char *where, const char *input);

/** Write out what is buffered. ERR_IO: the error was printed. */
int uart_console_close(struct uart_console *c);

#endif

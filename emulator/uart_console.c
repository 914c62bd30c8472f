/* SPDX-License-Identifier: Apache-2.0 */
/* Passes the characters of USART3 to a file or a pseudo-terminal. */
#include "emulator/uart_console.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/err.h"
#include "emulator/peripheral/usart.h"

static const uint64_t poll_ps = EMU_MS;

static int report_error(const char *where)
{
	fprintf(stderr, "nucleo-emu: --uart %s: %s\n", where, strerror(errno));
	return ERR_IO;
}

static void on_sent(void *ctx, uint8_t byte)
{
	struct uart_console *c = ctx;

	if (c->out)
		putc(byte, c->out);
	/* A terminal that nobody reads loses characters, as a serial line. */
	if (c->pty >= 0 && write(c->pty, &byte, 1) < 0)
		return;
}

static void on_poll(void *ctx)
{
	struct uart_console *c = ctx;
	uint8_t data[64];
	ssize_t n = read(c->pty, data, sizeof(data));

	if (n > 0)
		usart_send(c->usart, data, (unsigned int)n);
	if (c->out)
		fflush(c->out);
	emu_schedule(c->emu, &c->poll, poll_ps);
}

static int open_pty(struct uart_console *c)
{
	struct termios raw;

	c->pty = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	if (c->pty < 0 || grantpt(c->pty) || unlockpt(c->pty))
		return report_error("pty");
	if (!tcgetattr(c->pty, &raw)) {
		cfmakeraw(&raw);
		tcsetattr(c->pty, TCSANOW, &raw);
	}
	fprintf(stderr, "nucleo-emu: the virtual COM port is %s\n",
		ptsname(c->pty));
	c->poll = (struct emu_event){ .fire = on_poll, .ctx = c };
	emu_schedule(c->emu, &c->poll, poll_ps);
	return ERR_OK;
}

int uart_console_open(struct uart_console *c, struct machine *m,
		      const char *where, const char *input)
{
	*c = (struct uart_console){ .emu = &m->emu, .pty = -1 };
	c->usart = bus_state(&m->bus, &usart_2_peripheral);
	usart_listen(c->usart, on_sent, c);
	if (input)
		usart_send(c->usart, (const uint8_t *)input,
			   (unsigned int)strlen(input));
	if (!where)
		return ERR_OK;
	if (!strcmp(where, "pty"))
		return open_pty(c);
	c->out = strcmp(where, "-") != 0 ? fopen(where, "w") : stdout;
	return c->out ? ERR_OK : report_error(where);
}

int uart_console_close(struct uart_console *c)
{
	FILE *out = c->out;
	bool failed;

	c->out = NULL;
	if (c->emu)
		emu_cancel(c->emu, &c->poll);
	if (c->emu && c->pty >= 0)
		close(c->pty);
	if (!out)
		return ERR_OK;
	failed = fflush(out) || ferror(out);
	if (out != stdout && fclose(out))
		failed = true;
	return failed ? report_error("output") : ERR_OK;
}

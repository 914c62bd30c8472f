/* SPDX-License-Identifier: Apache-2.0 */
#include "host/transport_serial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "host/transport_endpoint.h"
#include "mctp_serial/mctp_serial.h"
#include "posix/advice.h"
#include "posix/clock.h"
#include "posix/tty.h"

enum { CHUNK = 4096 };

struct serial_transport {
	struct transport_endpoint endpoint;
	int fd;
	bool lost;
	size_t out_at, out_end; /* unsent bytes in out[] */
	struct mctp_serial serial;
	uint8_t out[CHUNK];
};

static struct serial_transport *serial_of(struct transport *t)
{
	return (struct serial_transport *)(void *)t;
}

static void mark_lost(struct serial_transport *s, const char *why)
{
	if (!s->lost)
		snprintf(s->endpoint.transport.error, TRANSPORT_ERROR,
			 "the serial port is lost: %s", why);
	s->lost = true;
}

static void send_bytes(struct serial_transport *s)
{
	while (!s->lost) {
		ssize_t n;

		if (s->out_at == s->out_end) {
			s->out_at = 0;
			s->out_end = mctp_serial_poll(&s->serial, s->out,
						      sizeof(s->out));
			if (!s->out_end)
				return;
		}
		n = write(s->fd, s->out + s->out_at, s->out_end - s->out_at);
		if (n > 0)
			s->out_at += (size_t)n;
		else if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		else
			mark_lost(s,
				  n ? strerror(errno) : "it accepts no data");
	}
}

static void receive_bytes(struct serial_transport *s)
{
	uint8_t data[CHUNK];
	ssize_t n = read(s->fd, data, sizeof(data));

	if (n > 0)
		mctp_serial_rx(&s->serial, data, (size_t)n, s->endpoint.now_ms);
	else if (!n)
		mark_lost(s, "end of file");
	else if (errno != EAGAIN && errno != EINTR)
		mark_lost(s, strerror(errno));
}

static int poll_transport(struct transport *t, int timeout_ms)
{
	struct serial_transport *s = serial_of(t);
	struct pollfd p = { .fd = s->fd, .events = POLLIN };

	send_bytes(s);
	if (s->out_at < s->out_end)
		p.events |= POLLOUT;
	transport_turn(t);
	timeout_ms = transport_endpoint_limit_wait(timeout_ms);
	if (!s->lost && poll(&p, 1, timeout_ms) > 0 &&
	    p.revents & (POLLIN | POLLHUP | POLLERR)) {
		s->endpoint.now_ms = clock_now_ms();
		receive_bytes(s);
	}
	if (transport_endpoint_serve(&s->endpoint, s->lost))
		return ERR_IO;
	send_bytes(s);
	return ERR_OK;
}

static void close_transport(struct transport *t)
{
	struct serial_transport *s = serial_of(t);

	close(s->fd);
	free(s);
}

static const struct transport_ops ops = {
	.request = transport_endpoint_request,
	.poll = poll_transport,
	.listen = transport_endpoint_listen,
	.reply = transport_endpoint_reply,
	.observe = transport_endpoint_observe,
	.close = close_transport,
};

/* Lock the port: two programs that read it would each lose bytes. */
static int lock(int fd)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (!fcntl(fd, F_SETLK, &whole))
		return 0;
	return errno == EACCES || errno == EAGAIN ? -1 : 0;
}

struct transport *transport_serial_open(const char *path, uint32_t baud,
					char *error, size_t cap)
{
	struct serial_transport *s = calloc(1, sizeof(*s));
	char advice[ADVICE_TEXT];

	if (!s) {
		snprintf(error, cap, "out of memory");
		return NULL;
	}
	s->fd = tty_open(path, baud);
	if (s->fd < 0) {
		int denied = errno == EACCES;

		snprintf(error, cap, "%s: %s%s%s", path, strerror(errno),
			 denied ? ". To fix it, " : "",
			 denied ? advice_text(ADVICE_SERIAL_PERMISSION, NULL,
					      advice)
				: "");
		free(s);
		return NULL;
	}
	if (lock(s->fd)) {
		snprintf(error, cap, "%s: in use by another program", path);
		close(s->fd);
		free(s);
		return NULL;
	}
	transport_endpoint_init(&s->endpoint, &ops);
	mctp_serial_init(&s->serial, &s->endpoint.mctp);
	return &s->endpoint.transport;
}

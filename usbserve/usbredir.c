/* SPDX-License-Identifier: Apache-2.0 */
#include "usbserve/usbredir.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "posix/tty.h"

static int resolve_unix(struct usbredir *r, const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t len = strlen(path);

	if (!len || len >= sizeof(a.sun_path))
		return ERR_INVALID;
	memcpy(a.sun_path, path, len);
	memcpy(&r->address, &a, sizeof(a));
	r->address_len = sizeof(a);
	return ERR_OK;
}

/* Resolve HOST:PORT; an IPv6 address is in brackets. */
static int resolve_host(struct usbredir *r, const char *text)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	const char *colon = strrchr(text, ':'), *end = colon;
	struct addrinfo *list;
	char host[256];

	if (!colon || colon == text)
		return ERR_INVALID;
	if (*text == '[' && colon[-1] == ']') {
		text++;
		end--;
	}
	if ((size_t)(end - text) >= sizeof(host))
		return ERR_INVALID;
	memcpy(host, text, (size_t)(end - text));
	host[end - text] = '\0';
	if (getaddrinfo(host, colon + 1, &hints, &list))
		return ERR_NOT_FOUND;
	memcpy(&r->address, list->ai_addr, list->ai_addrlen);
	r->address_len = list->ai_addrlen;
	freeaddrinfo(list);
	return ERR_OK;
}

/* The path of a pseudo-terminal or of another character device. */
static bool is_terminal(const struct usbredir *r)
{
	return r->where[0] == '/';
}

int usbredir_start(struct usbredir *r, char *error, unsigned int cap)
{
	int err = ERR_OK;

	if (!strncmp(r->where, "unix:", 5))
		err = resolve_unix(r, r->where + 5);
	else if (!is_terminal(r))
		err = resolve_host(r, r->where);

	r->source.fd = -1;
	r->tried_ms = r->config.loop->now_ms - USBREDIR_RETRY_MS;
	if (err == ERR_NOT_FOUND)
		snprintf(error, cap, "%s: cannot resolve this host and port",
			 r->where);
	else if (err)
		snprintf(error, cap,
			 "%s: expected unix:PATH or HOST:PORT, the socket of "
			 "the virtual machine, or the path of its pty",
			 r->where);
	return err;
}

/* Log once that the virtual machine does not listen yet, which is usual at the
 * start. */
static void log_waiting(struct usbredir *r, int error)
{
	if (!r->waiting_logged)
		log_write(r->config.log, LOG_LEVEL_INFO,
			  "usbredir: waiting for %.80s (%s)", r->where,
			  strerror(error));
	r->waiting_logged = true;
}

static void forget_conn(void *ctx)
{
	struct usbredir *r = ctx;

	r->conn = NULL;
	r->waiting_logged = false;
}

static void serve(struct usbredir *r, int fd)
{
	r->config.closed = forget_conn;
	r->config.ctx = r;
	r->waiting_logged = false;
	r->conn = usbredir_conn_open(fd, &r->config);
	if (r->conn)
		log_write(r->config.log, LOG_LEVEL_INFO,
			  "usbredir: connected to %.80s", r->where);
	else
		log_write(r->config.log, LOG_LEVEL_ERROR,
			  "usbredir: cannot serve the connection: the device "
			  "does not respond, or out of memory");
}

static void finish_connect(void *ctx, uint32_t events)
{
	struct usbredir *r = ctx;
	int fd = r->source.fd, error = 0;
	socklen_t len = sizeof(error);

	(void)events;
	loop_remove(r->config.loop, &r->source);
	r->source.fd = -1;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) || error) {
		close(fd);
		log_waiting(r, error);
		return;
	}
	serve(r, fd);
}

static void open_terminal(struct usbredir *r)
{
	int fd = tty_open(r->where, 0);

	if (fd < 0)
		log_waiting(r, errno);
	else
		serve(r, fd);
}

static void start_connect(struct usbredir *r)
{
	int fd = socket(r->address.ss_family,
			SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0) {
		log_waiting(r, errno);
		return;
	}
	if (!connect(fd, (struct sockaddr *)&r->address, r->address_len)) {
		serve(r, fd);
		return;
	}
	r->source = (struct loop_source){ fd, finish_connect, r };
	if (errno != EINPROGRESS ||
	    loop_add(r->config.loop, &r->source, EPOLLOUT)) {
		log_waiting(r, errno);
		close(fd);
		r->source.fd = -1;
	}
}

void usbredir_poll(struct usbredir *r)
{
	uint32_t now_ms = r->config.loop->now_ms;

	if (r->conn) {
		usbredir_conn_flush(r->conn);
		r->tried_ms = now_ms;
	} else if (r->source.fd < 0 &&
		   now_ms - r->tried_ms >= USBREDIR_RETRY_MS) {
		r->tried_ms = now_ms;
		if (is_terminal(r))
			open_terminal(r);
		else
			start_connect(r);
	}
}

void usbredir_stop(struct usbredir *r)
{
	if (r->conn)
		usbredir_conn_close(r->conn);
	if (r->source.fd >= 0) {
		loop_remove(r->config.loop, &r->source);
		close(r->source.fd);
		r->source.fd = -1;
	}
}

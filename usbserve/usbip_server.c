/* SPDX-License-Identifier: Apache-2.0 */
#include "usbserve/usbip_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "posix/parse.h"
#include "usbserve/usbip_wire.h"

enum { REQUEST_MS = 5000, SEND_SECONDS = 5 };

static void close_guest(struct usbip_guest *g)
{
	loop_remove(g->server->config.loop, &g->source);
	close(g->source.fd);
	g->source.fd = -1;
}

/* Free the guest's entry, and return its socket without closing it. */
static int detach_socket(struct usbip_guest *g)
{
	int fd = g->source.fd;

	loop_remove(g->server->config.loop, &g->source);
	g->source.fd = -1;
	return fd;
}

static size_t list_size(const struct usbip_server *s)
{
	return USBIP_OP_HEADER_SIZE + 4 +
	       s->config.devices *
		       (USBIP_DEVICE_SIZE +
			USBIP_INTERFACES_MAX * USBIP_INTERFACE_SIZE);
}

static size_t encode_list(struct usbip_server *s, uint8_t *list)
{
	const struct usbip_op op = { USBIP_VERSION, USBIP_OP_REP_DEVLIST,
				     USBIP_ST_OK };
	uint8_t *p = list + USBIP_OP_HEADER_SIZE + 4;
	uint32_t count = 0;

	for (unsigned int i = 0; i < s->config.devices; i++) {
		const struct usbip_device *d =
			s->config.device(s->config.ctx, i);

		if (!d)
			continue;
		count++;
		usbip_wire_device_encode(d, p);
		p += USBIP_DEVICE_SIZE;
		for (uint8_t k = 0; k < d->interfaces; k++) {
			usbip_wire_interface_encode(&d->interface[k], p);
			p += USBIP_INTERFACE_SIZE;
		}
	}
	usbip_wire_op_encode(&op, list);
	for (unsigned int i = 0; i < 4; i++)
		list[USBIP_OP_HEADER_SIZE + i] =
			(uint8_t)(count >> (24 - 8 * i));
	return (size_t)(p - list);
}

/* Send the device list without waiting: a list of 64 devices has at most 29 KB
 * and fits into the socket's buffer. */
static void send_list(struct usbip_guest *g)
{
	uint8_t *list = malloc(list_size(g->server));

	if (list && send(g->source.fd, list, encode_list(g->server, list),
			 MSG_NOSIGNAL) < 0)
		log_write(g->server->config.log, LOG_LEVEL_WARN,
			  "USB/IP: device list not sent: %s", strerror(errno));
	free(list);
	/* The client reads the list, then closes. */
	shutdown(g->source.fd, SHUT_WR);
	close_guest(g);
}

static void handle_import(struct usbip_guest *g)
{
	const struct usbip_op no = { USBIP_VERSION, USBIP_OP_REP_IMPORT,
				     USBIP_ST_NODEV };
	struct usbip_server *s = g->server;
	char busid[USBIP_BUSID_SIZE + 1] = { 0 };
	uint8_t reply[USBIP_OP_HEADER_SIZE];

	memcpy(busid, g->data + USBIP_OP_HEADER_SIZE, USBIP_BUSID_SIZE);
	for (unsigned int i = 0; i < s->config.devices; i++) {
		const struct usbip_device *d =
			s->config.device(s->config.ctx, i);

		if (d && !strcmp(d->busid, busid)) {
			s->config.import(s->config.ctx, i, detach_socket(g));
			return;
		}
	}
	log_write(s->config.log, LOG_LEVEL_WARN,
		  "USB/IP: import refused: unknown busid %s", busid);
	usbip_wire_op_encode(&no, reply);
	(void)send(g->source.fd, reply, sizeof(reply), MSG_NOSIGNAL);
	close_guest(g);
}

static void handle_request(struct usbip_guest *g)
{
	struct usbip_op op;

	if (g->got < USBIP_OP_HEADER_SIZE)
		return;
	usbip_wire_op_decode(&op, g->data);
	if (op.code == USBIP_OP_REQ_DEVLIST && op.version == USBIP_VERSION) {
		send_list(g);
	} else if (op.code == USBIP_OP_REQ_IMPORT &&
		   op.version == USBIP_VERSION) {
		if (g->got == USBIP_REQUEST_MAX)
			handle_import(g);
	} else {
		log_write(g->server->config.log, LOG_LEVEL_WARN,
			  "USB/IP: a peer sent %02x%02x %02x%02x, not a USB/IP "
			  "1.1.1 request. Connection closed",
			  g->data[0], g->data[1], g->data[2], g->data[3]);
		close_guest(g);
	}
}

static void guest_ready(void *ctx, uint32_t events)
{
	struct usbip_guest *g = ctx;
	size_t want = g->got < USBIP_OP_HEADER_SIZE ? USBIP_OP_HEADER_SIZE
						    : USBIP_REQUEST_MAX;
	ssize_t n = recv(g->source.fd, g->data + g->got, want - g->got,
			 MSG_DONTWAIT);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		close_guest(g);
		return;
	}
	g->got += (size_t)n;
	handle_request(g);
}

static void accept_guest(void *ctx, uint32_t events)
{
	struct usbip_server *s = ctx;
	struct timeval limit = { .tv_sec = SEND_SECONDS };
	int fd = accept4(s->listener.fd, NULL, NULL, SOCK_CLOEXEC);

	(void)events;
	if (fd < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			log_write(s->config.log, LOG_LEVEL_WARN,
				  "USB/IP: accept: %s", strerror(errno));
		return;
	}
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	for (int i = 0; i < USBIP_GUESTS; i++) {
		struct usbip_guest *g = &s->guest[i];

		if (g->source.fd >= 0)
			continue;
		g->source = (struct loop_source){ fd, guest_ready, g };
		g->since_ms = s->config.loop->now_ms;
		g->got = 0;
		if (loop_add(s->config.loop, &g->source, EPOLLIN))
			break;
		return;
	}
	log_write(s->config.log, LOG_LEVEL_WARN,
		  "USB/IP: too many connections without a request. New "
		  "connection closed");
	for (int i = 0; i < USBIP_GUESTS; i++)
		if (s->guest[i].source.fd == fd)
			s->guest[i].source.fd = -1;
	close(fd);
}

void usbip_server_poll(struct usbip_server *s)
{
	uint32_t now_ms = s->config.loop->now_ms;

	for (int i = 0; i < USBIP_GUESTS; i++) {
		struct usbip_guest *g = &s->guest[i];

		if (g->source.fd >= 0 && now_ms - g->since_ms > REQUEST_MS)
			close_guest(g);
	}
}

/* --- start --- */

static int __attribute__((format(printf, 4, 5)))
explain(char *error, size_t cap, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, cap, format, args);
	va_end(args);
	return err;
}

static bool is_loopback(const struct sockaddr *a)
{
	if (a->sa_family == AF_INET)
		return (ntohl(((const struct sockaddr_in *)(const void *)a)
				      ->sin_addr.s_addr) >>
			24) == 127;
	return a->sa_family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(
		       &((const struct sockaddr_in6 *)(const void *)a)
				->sin6_addr);
}

static int bind_and_listen(struct usbip_server *s, const struct addrinfo *ai)
{
	struct sockaddr_storage own = { 0 };
	char port[8];
	uint64_t number = 0;
	socklen_t len = sizeof(own);
	int one = 1;
	int fd = socket(ai->ai_family,
			SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return ERR_IO;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) || listen(fd, USBIP_GUESTS) ||
	    getsockname(fd, (struct sockaddr *)&own, &len) ||
	    getnameinfo((struct sockaddr *)&own, len, NULL, 0, port,
			sizeof(port), NI_NUMERICSERV)) {
		int saved = errno;

		close(fd);
		errno = saved;
		return ERR_IO;
	}
	(void)parse_number(port, 10, 0, UINT16_MAX, &number);
	s->port = (uint16_t)number;
	s->listener = (struct loop_source){ fd, accept_guest, s };
	return loop_add(s->config.loop, &s->listener, EPOLLIN);
}

static int check_and_listen(struct usbip_server *s, const struct addrinfo *ai,
			    char *error, size_t cap)
{
	const struct usbip_server_config *c = &s->config;
	const char *advice = "";

	if (!is_loopback(ai->ai_addr)) {
		if (!c->allow_remote)
			return explain(error, cap, ERR_INVALID,
				       "%s can be reached from other machines, "
				       "and USB/IP has no authentication. Add "
				       "--allow-remote to allow that",
				       c->address);
		log_write(c->log, LOG_LEVEL_WARN,
			  "USB/IP: anyone who can reach %s can use the device",
			  c->address);
	}
	if (!bind_and_listen(s, ai))
		return ERR_OK;
	if (errno == EADDRINUSE)
		advice = ". Stop the other usbnvme or usbipd there, or choose "
			 "another port";
	else if (errno == EADDRNOTAVAIL)
		advice = ". Choose an address of this machine";
	else if (errno == EACCES)
		advice = ". Choose a port from 1024 on";
	return explain(error, cap, ERR_IO, "cannot listen on %s port %u: %s%s",
		       c->address, c->port, strerror(errno), advice);
}

int usbip_server_start(struct usbip_server *s,
		       const struct usbip_server_config *config, char *error,
		       size_t cap)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *ai = NULL;
	char port[8];
	int err;

	s->config = *config;
	for (int i = 0; i < USBIP_GUESTS; i++) {
		s->guest[i].server = s;
		s->guest[i].source.fd = -1;
	}
	s->listener.fd = -1;
	snprintf(port, sizeof(port), "%u", config->port);
	if (getaddrinfo(config->address, port, &hints, &ai))
		return explain(
			error, cap, ERR_INVALID,
			"%s is not an IP address (expected 127.0.0.1:3240 "
			"or [::1]:3240)",
			config->address);
	err = check_and_listen(s, ai, error, cap);
	freeaddrinfo(ai);
	if (!err)
		log_write(config->log, LOG_LEVEL_INFO,
			  "USB/IP: serving %u device%s on %s port %u",
			  config->devices, config->devices > 1 ? "s" : "",
			  config->address, s->port);
	return err;
}

void usbip_server_stop(struct usbip_server *s)
{
	for (int i = 0; i < USBIP_GUESTS; i++)
		if (s->guest[i].source.fd >= 0)
			close_guest(&s->guest[i]);
	if (s->listener.fd >= 0) {
		loop_remove(s->config.loop, &s->listener);
		close(s->listener.fd);
		s->listener.fd = -1;
	}
}

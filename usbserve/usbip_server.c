/* SPDX-License-Identifier: Apache-2.0 */
#include "usbserve/usbip_server.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/printable.h"
#include "posix/parse.h"
#include "usbserve/usbip_wire.h"

enum {
	REQUEST_MS = 5000,
	SEND_SECONDS = 5,
	USER_TIMEOUT_MS = 60000,
	LIST_BUFFER = 128 << 10,
};

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

/* Send the device list without waiting: a list of 64 devices has at most 29 KB,
 * and the socket's buffer is enlarged for it. */
static void send_list(struct usbip_guest *g)
{
	struct usbip_server *s = g->server;
	uint8_t *list = malloc(list_size(s));
	size_t len = list ? encode_list(s, list) : 0;
	int room = LIST_BUFFER;

	(void)setsockopt(g->source.fd, SOL_SOCKET, SO_SNDBUF, &room,
			 sizeof(room));
	if (list && send(g->source.fd, list, len,
			 MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)len)
		log_limit_warn(&s->limit, s->config.log, s->config.loop->now_ms,
			       "USB/IP: device list not sent: %s",
			       strerror(errno));
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
	log_limit_warn(&s->limit, s->config.log, s->config.loop->now_ms,
		       "USB/IP: import refused: unknown busid %s",
		       printable(busid));
	usbip_wire_op_encode(&no, reply);
	(void)send(g->source.fd, reply, sizeof(reply), MSG_NOSIGNAL);
	close_guest(g);
}

static void handle_request(struct usbip_guest *g)
{
	struct usbip_server *s = g->server;
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
		log_limit_warn(&s->limit, s->config.log, s->config.loop->now_ms,
			       "USB/IP: a peer sent %02x%02x %02x%02x, not "
			       "a USB/IP "
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

static unsigned int count_guests(const struct usbip_server *s,
				 const uint8_t address[16])
{
	unsigned int n = 0;

	for (int i = 0; i < USBIP_GUESTS; i++)
		n += s->guest[i].source.fd >= 0 &&
		     !memcmp(s->guest[i].address, address, 16);
	return n;
}

/* Find the oldest guest of an address. */
static struct usbip_guest *find_oldest(struct usbip_server *s,
				       const uint8_t address[16])
{
	struct usbip_guest *oldest = NULL;

	for (int i = 0; i < USBIP_GUESTS; i++) {
		struct usbip_guest *g = &s->guest[i];

		if (g->source.fd < 0 || memcmp(g->address, address, 16) != 0)
			continue;
		if (!oldest || (int32_t)(g->order - oldest->order) < 0)
			oldest = g;
	}
	return oldest;
}

/* Find the guest that must leave because all entries are in use: the oldest one
 * of the address with the most. */
static struct usbip_guest *find_crowded(struct usbip_server *s)
{
	struct usbip_guest *found = NULL;
	unsigned int most = 0;

	for (int i = 0; i < USBIP_GUESTS; i++) {
		unsigned int n = count_guests(s, s->guest[i].address);

		if (n > most) {
			most = n;
			found = &s->guest[i];
		}
	}
	return found ? find_oldest(s, found->address) : NULL;
}

static struct usbip_guest *find_free(struct usbip_server *s)
{
	for (int i = 0; i < USBIP_GUESTS; i++)
		if (s->guest[i].source.fd < 0)
			return &s->guest[i];
	return NULL;
}

/* Make room for a connection of this address. */
static struct usbip_guest *make_room(struct usbip_server *s,
				     const uint8_t address[16])
{
	struct usbip_guest *leaving = NULL;

	if (count_guests(s, address) >= USBIP_GUESTS_PER_ADDRESS)
		leaving = find_oldest(s, address);
	else if (!find_free(s))
		leaving = find_crowded(s);
	if (leaving) {
		log_limit_warn(&s->limit, s->config.log, s->config.loop->now_ms,
			       "USB/IP: too many connections without a "
			       "request. The oldest is closed");
		close_guest(leaving);
	}
	return find_free(s);
}

/* Detect a peer that has vanished, or that does not read what it was sent. */
static void limit_silence(int fd)
{
	struct timeval limit = { .tv_sec = SEND_SECONDS };
	int one = 1, idle = 30, interval = 10, probes = 3;
	unsigned int timeout = USER_TIMEOUT_MS;

	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval,
			 sizeof(interval));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout,
			 sizeof(timeout));
}

static bool is_allowed(const struct usbip_server *s, const uint8_t address[16])
{
	const struct cidr_list *allow = s->config.allow;

	return !allow || !allow->count || cidr_is_loopback(address) ||
	       cidr_contains(allow, address);
}

/* Without a free descriptor, the listener stays readable: do not wait for it
 * until a descriptor may be free again. */
static void handle_accept_error(struct usbip_server *s)
{
	uint32_t now_ms = s->config.loop->now_ms;

	if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
		return;
	log_limit_warn(&s->limit, s->config.log, s->config.loop->now_ms,
		       "USB/IP: accept: %s", strerror(errno));
	s->paused = true;
	s->paused_ms = now_ms;
	loop_set(s->config.loop, &s->listener, 0);
}

static void accept_guest(void *ctx, uint32_t events)
{
	struct usbip_server *s = ctx;
	struct sockaddr_storage peer = { 0 };
	socklen_t len = sizeof(peer);
	int fd = accept4(s->listener.fd, (struct sockaddr *)&peer, &len,
			 SOCK_CLOEXEC);
	uint8_t address[16] = { 0 };
	struct usbip_guest *g;

	(void)events;
	if (fd < 0) {
		handle_accept_error(s);
		return;
	}
	(void)cidr_address((const struct sockaddr *)&peer, address);
	if (!is_allowed(s, address)) {
		log_limit_warn(&s->limit, s->config.log, s->config.loop->now_ms,
			       "USB/IP: a peer outside of --allow was "
			       "refused");
		close(fd);
		return;
	}
	limit_silence(fd);
	g = make_room(s, address);
	g->source = (struct loop_source){ fd, guest_ready, g };
	g->since_ms = s->config.loop->now_ms;
	g->order = s->accepted++;
	g->got = 0;
	memcpy(g->address, address, sizeof(g->address));
	if (loop_add(s->config.loop, &g->source, EPOLLIN)) {
		close(fd);
		g->source.fd = -1;
	}
}

void usbip_server_poll(struct usbip_server *s)
{
	uint32_t now_ms = s->config.loop->now_ms;

	for (int i = 0; i < USBIP_GUESTS; i++) {
		struct usbip_guest *g = &s->guest[i];

		if (g->source.fd >= 0 && now_ms - g->since_ms > REQUEST_MS)
			close_guest(g);
	}
	if (s->paused && now_ms - s->paused_ms >= USBIP_ACCEPT_PAUSE_MS) {
		s->paused = false;
		loop_set(s->config.loop, &s->listener, EPOLLIN);
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
	uint8_t address[16];

	return cidr_address(a, address) && cidr_is_loopback(address);
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
	s->limit = (struct log_limit){ 0 };
	s->paused = false;
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

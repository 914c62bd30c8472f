/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/board/sshoffer.h"

#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/wire.h"
#include "cli/spawn.h"
#include "posix/parse.h"
#include "posix/tcp.h"

enum {
	PATIENCE_MS = 5000, /* for connection and both messages */
	KEXINIT = 20,
	COOKIE = 16,
	PACKET = 35000, /* RFC 4253 6.1: the size that each side must accept */
	LINES = 50,	/* that a server may send before its version */
};

struct session {
	int fd;
	uint64_t until_ms;
};

static int remaining_ms(const struct session *t)
{
	uint64_t now = spawn_now_ms();

	return now < t->until_ms ? (int)(t->until_ms - now) : 0;
}

static enum sshoffer_step connect_to(struct session *t, const char *host,
				     const char *port, char *error, size_t cap)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list;
	int failed = getaddrinfo(host, port, &hints, &list);

	if (failed) {
		snprintf(error, cap, "%s: %s", host, gai_strerror(failed));
		return SSHOFFER_RESOLVE;
	}
	t->until_ms = spawn_now_ms() + PATIENCE_MS;
	t->fd = tcp_connect(list, PATIENCE_MS);
	failed = t->fd < 0 ? errno : 0;
	freeaddrinfo(list);
	if (!failed)
		return SSHOFFER_DONE;
	snprintf(error, cap, "%s port %s: %s", host, port, strerror(failed));
	return SSHOFFER_CONNECT;
}

/* Receive exactly len bytes before the time limit. */
static bool receive(struct session *t, void *data, size_t len)
{
	struct pollfd p = { .fd = t->fd, .events = POLLIN };
	uint8_t *at = data;

	while (len) {
		ssize_t n;

		if (poll(&p, 1, remaining_ms(t)) <= 0)
			return false;
		n = recv(t->fd, at, len, 0);
		if (n <= 0 && !(n < 0 && (errno == EAGAIN || errno == EINTR)))
			return false;
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
	}
	return true;
}

/* Other lines may precede the version. Reads byte by byte, because a binary
 * packet follows. */
static bool read_version(struct session *t, struct sshoffer *o)
{
	for (int line = 0; line < LINES; line++) {
		size_t n = 0;
		char c = 0;

		do {
			if (!receive(t, &c, 1) || n == SSHOFFER_VERSION - 1)
				return false;
			o->version[n++] = c;
		} while (c != '\n');
		while (n &&
		       (o->version[n - 1] == '\n' || o->version[n - 1] == '\r'))
			n--;
		o->version[n] = '\0';
		text_sanitize(o->version);
		if (!strncmp(o->version, "SSH-", 4))
			return true;
	}
	return false;
}

/* Read a name-list (RFC 4251 5): a length and US-ASCII. */
static bool read_list(struct rd *r, char list[SSHOFFER_LIST])
{
	uint32_t len = rd_be32(r);
	const uint8_t *at;

	if (!rd_ok(r) || len >= SSHOFFER_LIST)
		return false;
	at = rd_bytes(r, len);
	if (!at)
		return false;
	for (uint32_t i = 0; i < len; i++)
		if (at[i] <= ' ' || at[i] > '~')
			return false;
	memcpy(list, at, len);
	list[len] = '\0';
	return true;
}

bool sshoffer_parse(struct sshoffer *o, const uint8_t *data, size_t len)
{
	struct rd r = rd_init(data, len);
	char back[SSHOFFER_LIST];

	if (rd_u8(&r) != KEXINIT)
		return false;
	rd_skip(&r, COOKIE);
	return read_list(&r, o->kex) && read_list(&r, o->host_key) &&
	       read_list(&r, o->cipher) && read_list(&r, back) &&
	       read_list(&r, o->mac);
}

static bool read_kexinit(struct session *t, struct sshoffer *o)
{
	static uint8_t packet[PACKET];
	uint8_t head[5];
	struct rd r = rd_init(head, sizeof(head));
	uint32_t len;
	uint8_t padding;

	if (!receive(t, head, sizeof(head)))
		return false;
	len = rd_be32(&r);
	padding = rd_u8(&r);
	if (len < 2 || len > PACKET || padding > len - 2)
		return false;
	return receive(t, packet, len - 1) &&
	       sshoffer_parse(o, packet, len - 1 - padding);
}

static enum sshoffer_step read_offer(struct session *t, struct sshoffer *o)
{
	static const char ours[] = "SSH-2.0-tether\r\n";

	if (send(t->fd, ours, sizeof(ours) - 1, MSG_NOSIGNAL) < 0 ||
	    !read_version(t, o))
		return SSHOFFER_GREETING;
	return read_kexinit(t, o) ? SSHOFFER_DONE : SSHOFFER_KEX;
}

enum sshoffer_step sshoffer_ask(struct sshoffer *o, const char *host,
				const char *port, char *error, size_t cap)
{
	struct session t = { .fd = -1 };
	enum sshoffer_step step = connect_to(&t, host, port, error, cap);

	memset(o, 0, sizeof(*o));
	if (step != SSHOFFER_DONE)
		return step;
	step = read_offer(&t, o);
	close(t.fd);
	if (step == SSHOFFER_GREETING)
		snprintf(error, cap,
			 "%s port %s: connected, but the listener is not an "
			 "SSH server",
			 host, port);
	else if (step == SSHOFFER_KEX)
		snprintf(error, cap,
			 "%s port %s: %s sends a malformed key exchange", host,
			 port, o->version);
	return step;
}

bool sshoffer_has(const char *list, const char *name)
{
	size_t n = strlen(name);

	while (n && *list) {
		size_t one = strcspn(list, ",");

		if (one == n && !memcmp(list, name, n))
			return true;
		list += one + (list[one] == ',');
	}
	return false;
}

bool sshoffer_common(const char *list, const char *other)
{
	char name[128];

	while (*list) {
		size_t one = strcspn(list, ",");

		snprintf(name, sizeof(name), "%.*s", (int)one, list);
		if (one < sizeof(name) && sshoffer_has(other, name))
			return true;
		list += one + (list[one] == ',');
	}
	return false;
}

bool sshoffer_dropbear_before(const struct sshoffer *o, int year, int release)
{
	static const char name[] = "SSH-2.0-dropbear_";
	const char *text = o->version + sizeof(name) - 1;
	uint64_t is_year, is_release;

	if (strncmp(o->version, name, sizeof(name) - 1) != 0 ||
	    parse_next(&text, 10, INT_MAX, &is_year) || *text++ != '.' ||
	    parse_next(&text, 10, INT_MAX, &is_release))
		return false;
	return is_year < (uint64_t)year ||
	       (is_year == (uint64_t)year && is_release < (uint64_t)release);
}

bool sshoffer_old_keys(const struct sshoffer *o)
{
	return sshoffer_dropbear_before(o, 2020, 79) ||
	       (sshoffer_has(o->host_key, "ssh-rsa") &&
		!sshoffer_has(o->host_key, "rsa-sha2-256") &&
		!sshoffer_has(o->host_key, "rsa-sha2-512"));
}

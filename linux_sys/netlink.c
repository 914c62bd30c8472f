/* SPDX-License-Identifier: Apache-2.0 */
#include "linux_sys/netlink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/err.h"

enum { REPLY_MAX = 4096, TIMEOUT_SECONDS = 5 };

int netlink_open(struct netlink *n)
{
	struct timeval limit = { .tv_sec = TIMEOUT_SECONDS };

	n->sequence = 0;
	n->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (n->fd < 0)
		return ERR_IO;
	(void)setsockopt(n->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return ERR_OK;
}

void netlink_close(struct netlink *n)
{
	close(n->fd);
}

static size_t align(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

/* Append bytes, and zeros up to a multiple of four. If the message becomes too
 * long, set a length that netlink_send() refuses. */
static void append(struct netlink *n, const void *data, size_t len)
{
	if (n->len > NETLINK_MAX || align(len) > NETLINK_MAX - n->len) {
		n->len = NETLINK_MAX + 1;
		return;
	}
	memset(n->message + n->len, 0, align(len));
	if (len)
		memcpy(n->message + n->len, data, len);
	n->len += align(len);
}

void netlink_begin(struct netlink *n, uint16_t type, uint16_t flags,
		   const void *body, size_t len)
{
	const struct nlmsghdr h = {
		.nlmsg_type = type,
		.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags),
		.nlmsg_seq = ++n->sequence,
	};

	n->len = 0;
	append(n, &h, sizeof(h));
	append(n, body, len);
}

void netlink_add(struct netlink *n, uint16_t type, const void *data, size_t len)
{
	const struct nlattr a = { (uint16_t)(sizeof(a) + len), type };

	append(n, &a, sizeof(a));
	append(n, data, len);
}

size_t netlink_nest(struct netlink *n, uint16_t type)
{
	size_t at = n->len;

	netlink_add(n, type, NULL, 0);
	return at;
}

void netlink_end(struct netlink *n, size_t nest)
{
	uint16_t len;

	if (n->len > NETLINK_MAX)
		return;
	len = (uint16_t)(n->len - nest);
	memcpy(n->message + nest, &len, sizeof(len));
}

/* Read one reply. 1: it is not the acknowledgement of this request; read
 * again. */
static int read_ack(struct netlink *n)
{
	_Alignas(4) uint8_t reply[REPLY_MAX];
	ssize_t len = recv(n->fd, reply, sizeof(reply), 0);
	struct nlmsghdr h;
	struct nlmsgerr e;

	if (len < 0)
		return errno == EINTR ? 1 : ERR_IO;
	if (len < (ssize_t)(sizeof(h) + sizeof(e)))
		return 1;
	memcpy(&h, reply, sizeof(h));
	memcpy(&e, reply + sizeof(h), sizeof(e));
	if (h.nlmsg_type != NLMSG_ERROR || h.nlmsg_seq != n->sequence)
		return 1;
	errno = -e.error;
	return e.error ? ERR_IO : ERR_OK;
}

int netlink_send(struct netlink *n)
{
	uint32_t len = (uint32_t)n->len;
	int err;

	if (n->len > NETLINK_MAX)
		return ERR_FULL;
	memcpy(n->message, &len, sizeof(len));
	if (send(n->fd, n->message, n->len, 0) < 0)
		return ERR_IO;
	do {
		err = read_ack(n);
	} while (err > 0);
	return err;
}

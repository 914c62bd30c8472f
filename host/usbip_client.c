/* SPDX-License-Identifier: Apache-2.0 */
#include "host/usbip_client.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/err.h"

enum {
	RX_SIZE = 128 << 10,
	TX_SIZE = 64 << 10, /* commands gathered for one write */
	SMALL = 4096,	    /* data up to this is copied for that */
	GREETING_SECONDS = 5,
};

struct client {
	struct usbhost host;
	int fd;
	uint32_t devid, next_seqnum;
	bool gone;
	unsigned int in_flight;
	/* by sequence number, modulo the table's size */
	struct usbhost_transfer *table[USBIP_CLIENT_TRANSFERS];
	struct usbhost_transfer *head, *tail; /* not sent yet */
	struct usbhost_transfer *filling;     /* its data is arriving */
	struct usbhost_transfer *unlinking;   /* being cancelled */
	uint32_t filled;
	size_t got;
	int wait_ms; /* that the socket is set to */
	uint8_t rx[RX_SIZE];
	uint8_t tx[TX_SIZE];
};

static struct client *of(struct usbhost *h)
{
	return (struct client *)(void *)h;
}

/* --- connecting --- */

static int explain(char *error, size_t cap, const char *host, const char *port,
		   const char *what)
{
	snprintf(error, cap, "%s port %s: %s", host, port, what);
	return ERR_IO;
}

static int dial(const char *host, const char *port, char *error, size_t cap)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list, *ai;
	struct timeval limit = { .tv_sec = GREETING_SECONDS };
	int fd = -1, err = getaddrinfo(host, port, &hints, &list), one = 1;

	if (err)
		return explain(error, cap, host, port, gai_strerror(err));
	errno = 0;
	for (ai = list; ai && fd < 0; ai = ai->ai_next) {
		fd = socket(ai->ai_family, SOCK_STREAM, 0);
		if (fd < 0)
			continue;
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit,
				 sizeof(limit));
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit,
				 sizeof(limit));
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one,
				 sizeof(one));
		if (connect(fd, ai->ai_addr, ai->ai_addrlen)) {
			int saved = errno;

			close(fd);
			errno = saved;
			fd = -1;
		}
	}
	freeaddrinfo(list);
	if (fd >= 0)
		return fd;
	return explain(error, cap, host, port,
		       errno == ECONNREFUSED
			       ? "nothing listens there. start usbnvme, or say "
				 "where it is with --via usbip:HOST:PORT"
			       : strerror(errno));
}

static int receive_all(int fd, void *data, size_t len, char *error, size_t cap)
{
	uint8_t *p = data;

	while (len) {
		ssize_t n = recv(fd, p, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			snprintf(error, cap,
				 "the USB/IP server did not answer in %d s",
				 GREETING_SECONDS);
		else if (n < 0)
			snprintf(error, cap,
				 "reading from the USB/IP server: %s",
				 strerror(errno));
		else if (!n)
			snprintf(error, cap,
				 "the USB/IP server closed the connection");
		if (n <= 0)
			return ERR_IO;
		p += n;
		len -= (size_t)n;
	}
	return ERR_OK;
}

/* Send a request, receive the header of its reply. */
static int ask(int fd, uint16_t code, const char *busid, char *error,
	       size_t cap)
{
	const struct usbip_op request = { USBIP_VERSION, code, 0 };
	uint8_t data[USBIP_OP_HEADER_SIZE + USBIP_BUSID_SIZE] = { 0 };
	size_t len = USBIP_OP_HEADER_SIZE;
	struct usbip_op reply;

	usbip_wire_op_encode(&request, data);
	if (busid) {
		snprintf((char *)data + len, USBIP_BUSID_SIZE, "%s", busid);
		len += USBIP_BUSID_SIZE;
	}
	if (send(fd, data, len, MSG_NOSIGNAL) != (ssize_t)len) {
		snprintf(error, cap, "writing to the USB/IP server: %s",
			 strerror(errno));
		return ERR_IO;
	}
	if (receive_all(fd, data, USBIP_OP_HEADER_SIZE, error, cap))
		return ERR_IO;
	usbip_wire_op_decode(&reply, data);
	if (reply.code != (code & 0x7fff)) {
		snprintf(error, cap, "what answers there is no USB/IP server");
		return ERR_IO;
	}
	if (reply.version != USBIP_VERSION) {
		snprintf(error, cap,
			 "the server speaks USB/IP %x.%x.%x, not 1.1.1",
			 reply.version >> 8, reply.version >> 4 & 0xf,
			 reply.version & 0xf);
		return ERR_IO;
	}
	if (!reply.status)
		return ERR_OK;
	if (!busid)
		snprintf(error, cap,
			 "the USB/IP server has no list (status %u)",
			 reply.status);
	else
		snprintf(error, cap, "device %s: %s", busid,
			 reply.status == USBIP_ST_NA
				 ? "in use by another host. detach it there"
				 : "the server has no such device");
	return ERR_IO;
}

static int read_device(int fd, struct usbip_device *d, bool listed, char *error,
		       size_t cap)
{
	uint8_t data[USBIP_DEVICE_SIZE];
	struct usbip_interface ignored;

	if (receive_all(fd, data, sizeof(data), error, cap))
		return ERR_IO;
	usbip_wire_device_decode(d, data);
	for (unsigned int i = 0; listed && i < d->interfaces; i++) {
		if (receive_all(fd, data, USBIP_INTERFACE_SIZE, error, cap))
			return ERR_IO;
		usbip_wire_interface_decode(
			i < USBIP_INTERFACES_MAX ? &d->interface[i] : &ignored,
			data);
	}
	if (d->interfaces > USBIP_INTERFACES_MAX)
		d->interfaces = USBIP_INTERFACES_MAX;
	return ERR_OK;
}

static int read_list(int fd, struct usbip_device **devices, char *error,
		     size_t cap)
{
	uint8_t data[4];
	uint32_t count;
	struct rd r;

	if (ask(fd, USBIP_OP_REQ_DEVLIST, NULL, error, cap) ||
	    receive_all(fd, data, sizeof(data), error, cap))
		return ERR_IO;
	r = rd_init(data, sizeof(data));
	count = rd_be32(&r);
	if (count > USBIP_DEVICES_MAX) {
		snprintf(error, cap, "the server says it has %u devices",
			 count);
		return ERR_IO;
	}
	*devices = calloc(count + 1, sizeof(**devices));
	for (uint32_t i = 0; *devices && i < count; i++) {
		if (read_device(fd, &(*devices)[i], true, error, cap)) {
			free(*devices);
			return ERR_IO;
		}
	}
	if (*devices)
		return (int)count;
	snprintf(error, cap, "out of memory");
	return ERR_IO;
}

int usbip_client_list(const char *host, const char *port,
		      struct usbip_device **devices, char *error, size_t cap)
{
	int fd = dial(host, port, error, cap), n;

	*devices = NULL;
	if (fd < 0)
		return fd;
	n = read_list(fd, devices, error, cap);
	close(fd);
	return n;
}

/* --- transfers --- */

static struct usbhost_transfer **slot(struct client *c, uint32_t seqnum)
{
	return &c->table[seqnum % USBIP_CLIENT_TRANSFERS];
}

static void finish(struct client *c, struct usbhost_transfer *t, int status)
{
	*slot(c, t->seqnum) = NULL;
	c->in_flight--;
	t->pending = false;
	t->status = status;
	t->done(t);
}

/* The device is no more: so for every transfer. Returns ERR_IO. */
static int lose(struct client *c, const char *why)
{
	if (!c->gone)
		snprintf(c->host.error, sizeof(c->host.error),
			 "the device is gone: %s", why);
	c->gone = true;
	c->head = c->tail = c->filling = NULL;
	for (unsigned int i = 0; i < USBIP_CLIENT_TRANSFERS; i++)
		if (c->table[i])
			finish(c, c->table[i], -ENODEV);
	return ERR_IO;
}

static int submit(struct usbhost *h, struct usbhost_transfer *t)
{
	struct client *c = of(h);

	if (c->gone)
		return ERR_IO;
	if (c->in_flight == USBIP_CLIENT_TRANSFERS)
		return ERR_FULL;
	while (*slot(c, c->next_seqnum)) /* a long wait kept its place */
		c->next_seqnum++;
	t->seqnum = c->next_seqnum++;
	t->actual = 0;
	t->status = 0;
	t->pending = true;
	t->next = NULL;
	*slot(c, t->seqnum) = t;
	c->in_flight++;
	if (c->tail)
		c->tail->next = t;
	else
		c->head = t;
	c->tail = t;
	return ERR_OK;
}

static bool is_in(const struct usbhost_transfer *t)
{
	return t->endpoint & 0x80;
}

static void encode(const struct client *c, const struct usbhost_transfer *t,
		   uint8_t *header)
{
	struct usbip_urb u = {
		.command = USBIP_CMD_SUBMIT,
		.seqnum = t->seqnum,
		.devid = c->devid,
		.direction = is_in(t) ? USBIP_DIR_IN : USBIP_DIR_OUT,
		.endpoint = t->endpoint & 0x0f,
		.submit = {
			.flags = t->zero_packet ? USBIP_ZERO_PACKET : 0,
			.length = t->length,
			.packets = USBIP_NO_ISO,
		},
	};

	memcpy(u.submit.setup, t->setup, sizeof(t->setup));
	usbip_wire_urb_encode(&u, header);
}

/* All of one or two, waiting for room: a server always reads. */
static int write_all(struct client *c, struct iovec *v, int count)
{
	while (count) {
		/* systems differ in the type of msg_iovlen */
		struct msghdr m = { .msg_iov = v,
				    .msg_iovlen = count > 1 ? 2 : 1 };
		ssize_t n = sendmsg(c->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EAGAIN) {
			struct pollfd p = { c->fd, POLLOUT, 0 };

			if (poll(&p, 1, USBHOST_CONTROL_MS) == 0)
				return lose(c, "the server reads no more");
			continue;
		}
		if (n < 0 && errno != EINTR)
			return lose(c, strerror(errno));
		for (; n > 0 && count && (size_t)n >= v->iov_len; v++, count--)
			n -= (ssize_t)v->iov_len;
		if (n > 0) {
			v->iov_base = (uint8_t *)v->iov_base + n;
			v->iov_len -= (size_t)n;
		}
	}
	return ERR_OK;
}

/* Commands side by side as far as they are small; the data of a large one
 * from where it lies. */
static int send_queue(struct client *c)
{
	while (c->head) {
		struct iovec v[2] = { { c->tx, 0 }, { NULL, 0 } };

		while (c->head && !v[1].iov_len) {
			struct usbhost_transfer *t = c->head;
			size_t len = is_in(t) ? 0 : t->length;
			size_t copied = len <= SMALL ? len : 0;

			if (TX_SIZE - v[0].iov_len < USBIP_HEADER_SIZE + copied)
				break;
			encode(c, t, c->tx + v[0].iov_len);
			v[0].iov_len += USBIP_HEADER_SIZE;
			if (copied)
				memcpy(c->tx + v[0].iov_len, t->data, len);
			else
				v[1] = (struct iovec){ t->data, len };
			v[0].iov_len += copied;
			c->head = t->next;
		}
		if (!c->head)
			c->tail = NULL;
		if (write_all(c, v, v[1].iov_len ? 2 : 1))
			return ERR_IO;
	}
	return ERR_OK;
}

/* Numbers are given in the order of the queue: from its head on, nothing has
 * gone out, and an answer to it is a server's invention. */
static bool is_sent(const struct client *c, const struct usbhost_transfer *t)
{
	return !c->head || (int32_t)(t->seqnum - c->head->seqnum) < 0;
}

static int handle_submitted(struct client *c, const struct usbip_urb *u)
{
	struct usbhost_transfer *t = *slot(c, u->seqnum);

	if (!t || t->seqnum != u->seqnum || !is_sent(c, t))
		return lose(c, "the server answered what was not asked");
	if (u->ret_submit.actual > t->length || u->ret_submit.status > 0)
		return lose(c, "the server sent a length out of bounds");
	t->actual = u->ret_submit.actual;
	t->status = u->ret_submit.status;
	if (is_in(t) && t->actual) {
		c->filling = t;
		c->filled = 0;
	} else {
		finish(c, t, t->status);
	}
	return ERR_OK;
}

/* One unlink waits at a time, see cancel(). With another status the transfer
 * was answered before, or will be. */
static int handle_unlinked(struct client *c, const struct usbip_urb *u)
{
	struct usbhost_transfer *t = c->unlinking;

	if (u->ret_unlink != -ECONNRESET)
		return ERR_OK;
	if (!t || !t->pending ||
	    u->seqnum != t->seqnum + USBIP_CLIENT_TRANSFERS)
		return lose(c, "the server took back what was not asked");
	finish(c, t, -ECONNRESET);
	return ERR_OK;
}

static int handle(struct client *c, const uint8_t *data)
{
	struct usbip_urb u;

	if (usbip_wire_urb_decode(&u, data))
		return lose(c, "the server sent what is no USB/IP");
	if (u.command == USBIP_RET_SUBMIT)
		return handle_submitted(c, &u);
	if (u.command == USBIP_RET_UNLINK)
		return handle_unlinked(c, &u);
	return lose(c, "the server sent a command");
}

static size_t take_data(struct client *c, const uint8_t *data, size_t len)
{
	struct usbhost_transfer *t = c->filling;
	size_t n = t->actual - c->filled;

	if (n > len)
		n = len;
	if (data)
		memcpy(t->data + c->filled, data, n);
	c->filled += (uint32_t)n;
	if (c->filled == t->actual) {
		c->filling = NULL;
		finish(c, t, t->status);
	}
	return n;
}

static int parse(struct client *c)
{
	size_t at = 0;
	int err = ERR_OK;

	while (!err && !c->gone) {
		size_t left = c->got - at;

		if (c->filling && left) {
			at += take_data(c, c->rx + at, left);
		} else if (!c->filling && left >= USBIP_HEADER_SIZE) {
			err = handle(c, c->rx + at);
			at += USBIP_HEADER_SIZE;
		} else {
			break;
		}
	}
	c->got -= at;
	if (at && c->got)
		memmove(c->rx, c->rx + at, c->got);
	return c->gone ? ERR_IO : err;
}

/* How long a read waits is the socket's, so that waiting and reading are one
 * system call. */
static int wait_flags(struct client *c, int timeout_ms)
{
	struct timeval limit = { timeout_ms / 1000, timeout_ms % 1000 * 1000L };

	if (!timeout_ms)
		return MSG_DONTWAIT;
	if (timeout_ms != c->wait_ms)
		(void)setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &limit,
				 sizeof(limit));
	c->wait_ms = timeout_ms;
	return 0;
}

/* What the socket has, by one read. 1: something came; 0: nothing yet. */
static int receive(struct client *c, int timeout_ms)
{
	struct usbhost_transfer *t = c->filling;
	bool straight = t && !c->got;
	uint8_t *to = straight ? t->data + c->filled : c->rx + c->got;
	size_t room = straight ? t->actual - c->filled : RX_SIZE - c->got;
	ssize_t n = recv(c->fd, to, room, wait_flags(c, timeout_ms));
	int err;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0)
		return lose(c, strerror(errno));
	if (!n)
		return lose(c, "the server closed the connection");
	if (straight) {
		(void)take_data(c, NULL, (size_t)n);
		return 1;
	}
	c->got += (size_t)n;
	err = parse(c);
	return err ? err : 1;
}

static int poll_client(struct usbhost *h, int timeout_ms)
{
	struct client *c = of(h);
	int n;

	if (c->gone)
		return ERR_IO;
	if (send_queue(c))
		return ERR_IO;
	n = receive(c, timeout_ms);
	if (n < 0)
		return n;
	/* What done() submitted. */
	return send_queue(c);
}

static void cancel(struct usbhost *h, struct usbhost_transfer *t)
{
	struct client *c = of(h);
	uint8_t header[USBIP_HEADER_SIZE];
	struct iovec v = { header, sizeof(header) };
	/* Numbered so that its answer tells which transfer it means. */
	const struct usbip_urb u = {
		.command = USBIP_CMD_UNLINK,
		.seqnum = t->seqnum + USBIP_CLIENT_TRANSFERS,
		.devid = c->devid,
		.unlink = t->seqnum,
	};

	if (send_queue(c))
		return;
	usbip_wire_urb_encode(&u, header);
	if (write_all(c, &v, 1))
		return;
	c->unlinking = t;
	while (t->pending && !c->gone) {
		if (!receive(c, USBHOST_CONTROL_MS))
			(void)lose(c, "the server does not answer");
	}
	c->unlinking = NULL;
}

/* A server that does not answer is lost, and all are back. */
static void cancel_all(struct usbhost *h)
{
	struct client *c = of(h);

	for (unsigned int i = 0; i < USBIP_CLIENT_TRANSFERS; i++)
		if (c->table[i])
			cancel(h, c->table[i]);
}

static void close_client(struct usbhost *h)
{
	struct client *c = of(h);

	(void)lose(c, "closed");
	close(c->fd);
	free(c);
}

static const struct usbhost_ops ops = {
	.submit = submit,
	.cancel = cancel,
	.cancel_all = cancel_all,
	.poll = poll_client,
	.close = close_client,
};

struct usbhost *usbip_client_import(int fd, const char *busid, char *error,
				    size_t cap)
{
	struct client *c = calloc(1, sizeof(*c));
	struct usbip_device d;

	if (!c) {
		snprintf(error, cap, "out of memory");
	} else if (!ask(fd, USBIP_OP_REQ_IMPORT, busid, error, cap) &&
		   !read_device(fd, &d, false, error, cap)) {
		c->host.ops = &ops;
		c->fd = fd;
		c->devid = d.busnum << 16 | d.devnum;
		c->next_seqnum = 1;
		return &c->host;
	}
	free(c);
	close(fd);
	return NULL;
}

struct usbhost *usbip_client_open(const char *host, const char *port,
				  const char *busid, char *error, size_t cap)
{
	int fd = dial(host, port, error, cap);

	return fd < 0 ? NULL : usbip_client_import(fd, busid, error, cap);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "host/usbip_client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/err.h"
#include "host/usbip_connect.h"
#include "posix/clock.h"

enum {
	RX_SIZE = 128 << 10,
	WRITE_MS = 30000,   /* slow links need seconds for 4 MiB */
	TX_SIZE = 64 << 10, /* commands sent by one system call */
	COPY_MAX = 4096,    /* larger data is sent without a copy */
};

struct client {
	struct usbhost host;
	int fd;
	uint32_t devid, next_seqnum;
	bool gone;
	unsigned int in_flight;
	/* Transfers in flight, at their seqnum modulo the table's size. */
	struct usbhost_transfer *table[USBIP_CLIENT_TRANSFERS];
	struct usbhost_transfer *head, *tail; /* queued to send */
	struct usbhost_transfer *filling;     /* receives its data */
	struct usbhost_transfer *unlinking;   /* cancel() waits for it */
	uint32_t filled;
	size_t got;
	int wait_ms; /* receive time-out set on the socket */
	uint8_t rx[RX_SIZE];
	uint8_t tx[TX_SIZE];
};

static struct client *client_of(struct usbhost *h)
{
	return (struct client *)(void *)h;
}

int usbip_client_list(const char *host, const char *port,
		      struct usbip_device **devices, char *error, size_t cap)
{
	int fd = usbip_connect_open(host, port, error, cap), n;

	*devices = NULL;
	if (fd < 0)
		return fd;
	n = usbip_connect_read_list(fd, devices, error, cap);
	close(fd);
	return n;
}

/* --- transfers --- */

static struct usbhost_transfer **find_slot(struct client *c, uint32_t seqnum)
{
	return &c->table[seqnum % USBIP_CLIENT_TRANSFERS];
}

static void complete_transfer(struct client *c, struct usbhost_transfer *t,
			      enum usbhost_status status)
{
	*find_slot(c, t->seqnum) = NULL;
	c->in_flight--;
	t->pending = false;
	t->status = status;
	t->done(t);
}

/* Mark the device as gone and complete every transfer. Returns ERR_IO. */
static int disconnect(struct client *c, const char *why)
{
	if (!c->gone)
		snprintf(c->host.error, sizeof(c->host.error),
			 "the device is gone: %s", why);
	c->gone = true;
	c->head = c->tail = c->filling = NULL;
	for (unsigned int i = 0; i < USBIP_CLIENT_TRANSFERS; i++)
		if (c->table[i])
			complete_transfer(c, c->table[i], USBHOST_GONE);
	return ERR_IO;
}

static int submit(struct usbhost *h, struct usbhost_transfer *t)
{
	struct client *c = client_of(h);

	if (c->gone)
		return ERR_IO;
	if (c->in_flight == USBIP_CLIENT_TRANSFERS)
		return ERR_FULL;
	while (*find_slot(c,
			  c->next_seqnum)) /* still used by a slow transfer */
		c->next_seqnum++;
	t->seqnum = c->next_seqnum++;
	t->actual = 0;
	t->status = USBHOST_SUCCESS;
	t->pending = true;
	t->next = NULL;
	*find_slot(c, t->seqnum) = t;
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

/* Write one or two vectors completely, at most 4 MiB. A server that does not
 * read them within WRITE_MS has failed. */
static int write_all(struct client *c, struct iovec *v, int count)
{
	uint32_t start_ms = clock_now_ms();

	while (count) {
		/* The type of msg_iovlen differs between systems. */
		struct msghdr m = { .msg_iov = v,
				    .msg_iovlen = count > 1 ? 2 : 1 };
		ssize_t n = sendmsg(c->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EAGAIN) {
			struct pollfd p = { c->fd, POLLOUT, 0 };
			uint32_t spent = clock_now_ms() - start_ms;

			if (spent >= WRITE_MS ||
			    poll(&p, 1, (int)(WRITE_MS - spent)) == 0)
				return disconnect(c,
						  "the server stopped reading");
			continue;
		}
		if (n < 0 && errno != EINTR)
			return disconnect(c, strerror(errno));
		for (; n > 0 && count && (size_t)n >= v->iov_len; v++, count--)
			n -= (ssize_t)v->iov_len;
		if (n > 0) {
			v->iov_base = (uint8_t *)v->iov_base + n;
			v->iov_len -= (size_t)n;
		}
	}
	return ERR_OK;
}

/* Send all queued commands. Small commands are packed into one buffer; the data
 * of a large command is sent without a copy. */
static int send_queue(struct client *c)
{
	while (c->head) {
		struct iovec v[2] = { { c->tx, 0 }, { NULL, 0 } };

		while (c->head && !v[1].iov_len) {
			struct usbhost_transfer *t = c->head;
			size_t len = is_in(t) ? 0 : t->length;
			size_t copied = len <= COPY_MAX ? len : 0;

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

/* Sequence numbers follow the order of the queue: transfers from its head on
 * are not sent yet, and a reply to them is a protocol violation. */
static bool is_sent(const struct client *c, const struct usbhost_transfer *t)
{
	return !c->head || (int32_t)(t->seqnum - c->head->seqnum) < 0;
}

/* The server reports the negative errno of its kernel, which is Linux whatever
 * this system is. Any other value is a failure, too. */
static enum usbhost_status decode_status(int32_t status)
{
	switch (status) {
	case 0:
		return USBHOST_SUCCESS;
	case -USBIP_EPIPE:
		return USBHOST_STALL;
	case -USBIP_ENOENT:
	case -USBIP_ECONNRESET:
		return USBHOST_CANCELLED;
	case -USBIP_ENODEV:
	case -USBIP_ESHUTDOWN:
		return USBHOST_GONE;
	case -USBIP_EOVERFLOW:
		return USBHOST_OVERFLOW;
	case -USBIP_ETIME:
	case -USBIP_ETIMEDOUT:
		return USBHOST_NO_ANSWER;
	default:
		return USBHOST_FAILED;
	}
}

static int handle_submitted(struct client *c, const struct usbip_urb *u)
{
	struct usbhost_transfer *t = *find_slot(c, u->seqnum);

	if (!t || t->seqnum != u->seqnum || !is_sent(c, t))
		return disconnect(c,
				  "the server sent a reply without a request");
	if (u->ret_submit.actual > t->length)
		return disconnect(c, "the server sent an invalid length");
	t->actual = u->ret_submit.actual;
	t->status = decode_status(u->ret_submit.status);
	if (is_in(t) && t->actual) {
		c->filling = t;
		c->filled = 0;
	} else {
		complete_transfer(c, t, t->status);
	}
	return ERR_OK;
}

/* One unlink is in flight at a time, see cancel(). Any status except
 * ECONNRESET means that RET_SUBMIT has arrived or will arrive. */
static int handle_unlinked(struct client *c, const struct usbip_urb *u)
{
	struct usbhost_transfer *t = c->unlinking;

	if (u->ret_unlink != -USBIP_ECONNRESET)
		return ERR_OK;
	if (!t || !t->pending ||
	    u->seqnum != t->seqnum + USBIP_CLIENT_TRANSFERS)
		return disconnect(
			c, "the server unlinked a URB without a request");
	complete_transfer(c, t, USBHOST_CANCELLED);
	return ERR_OK;
}

static int handle_reply(struct client *c, const uint8_t *data)
{
	struct usbip_urb u;

	if (usbip_wire_urb_decode(&u, data))
		return disconnect(c,
				  "the server sent an unknown USB/IP message");
	if (u.command == USBIP_RET_SUBMIT)
		return handle_submitted(c, &u);
	if (u.command == USBIP_RET_UNLINK)
		return handle_unlinked(c, &u);
	return disconnect(c, "the server sent a command instead of a reply");
}

/* Add IN data to the transfer that receives it. data NULL: the bytes are
 * already in place. */
static size_t add_data(struct client *c, const uint8_t *data, size_t len)
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
		complete_transfer(c, t, t->status);
	}
	return n;
}

static int parse_replies(struct client *c)
{
	size_t at = 0;
	int err = ERR_OK;

	while (!err && !c->gone) {
		size_t left = c->got - at;

		if (c->filling && left) {
			at += add_data(c, c->rx + at, left);
		} else if (!c->filling && left >= USBIP_HEADER_SIZE) {
			err = handle_reply(c, c->rx + at);
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

/* Set the time-out of the socket, so that one system call waits and reads.
 * Returns flags for recv(). */
static int set_receive_timeout(struct client *c, int timeout_ms)
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

/* Read once. Returns 1 if bytes were received, 0 if none were, ERR_IO if the
 * server has disconnected. */
static int receive(struct client *c, int timeout_ms)
{
	struct usbhost_transfer *t = c->filling;
	bool direct = t && !c->got;
	uint8_t *to = direct ? t->data + c->filled : c->rx + c->got;
	size_t room = direct ? t->actual - c->filled : RX_SIZE - c->got;
	ssize_t n = recv(c->fd, to, room, set_receive_timeout(c, timeout_ms));
	int err;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0)
		return disconnect(c, strerror(errno));
	if (!n)
		return disconnect(c, "the server closed the connection");
	if (direct) {
		(void)add_data(c, NULL, (size_t)n);
		return 1;
	}
	c->got += (size_t)n;
	err = parse_replies(c);
	return err ? err : 1;
}

static int poll_client(struct usbhost *h, int timeout_ms)
{
	struct client *c = client_of(h);
	int n;

	if (c->gone)
		return ERR_IO;
	if (send_queue(c))
		return ERR_IO;
	n = receive(c, timeout_ms);
	if (n < 0)
		return n;
	/* done() may have submitted more. */
	return send_queue(c);
}

static void cancel(struct usbhost *h, struct usbhost_transfer *t)
{
	struct client *c = client_of(h);
	uint8_t header[USBIP_HEADER_SIZE];
	struct iovec v = { header, sizeof(header) };
	uint32_t start_ms;
	/* The server's reply has this seqnum, which identifies the transfer. */
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
	start_ms = clock_now_ms();
	while (t->pending && !c->gone) {
		/* Other replies that arrive do not extend the time. */
		uint32_t spent = clock_now_ms() - start_ms;

		if (spent >= USBHOST_CONTROL_MS)
			(void)disconnect(c, "no reply from the server");
		else
			(void)receive(c, (int)(USBHOST_CONTROL_MS - spent));
	}
	c->unlinking = NULL;
}

/* If the server does not reply, cancel() disconnects, which completes all
 * transfers. */
static void cancel_all(struct usbhost *h)
{
	struct client *c = client_of(h);

	for (unsigned int i = 0; i < USBIP_CLIENT_TRANSFERS; i++)
		if (c->table[i])
			cancel(h, c->table[i]);
}

static void close_client(struct usbhost *h)
{
	struct client *c = client_of(h);

	(void)disconnect(c, "closed");
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
	int err = ERR_IO;

	if (c)
		err = usbip_connect_import(fd, busid, &d, error, cap);
	else
		snprintf(error, cap, "out of memory");
	if (!err) {
		c->host.ops = &ops;
		c->fd = fd;
		c->devid = d.busnum << 16 | d.devnum;
		c->next_seqnum = 1;
		return (struct usbhost *)(void *)c; /* its first member */
	}
	free(c);
	close(fd);
	errno = err == ERR_BUSY ? EBUSY : EIO;
	return NULL;
}

struct usbhost *usbip_client_open(const char *host, const char *port,
				  const char *busid, char *error, size_t cap)
{
	int fd = usbip_connect_open(host, port, error, cap);

	if (fd >= 0)
		return usbip_client_import(fd, busid, error, cap);
	errno = EIO;
	return NULL;
}

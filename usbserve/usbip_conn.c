/* SPDX-License-Identifier: Apache-2.0 */
#include "usbserve/usbip_conn.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "linux_sys/loop.h"
#include "usbserve/usbip_wire.h"

enum {
	RX_SIZE = 128 << 10,
	TX_SIZE = 64 << 10, /* replies gathered for one write */
	SMALL = 4096,	    /* data up to this is copied for that */
	GATHER = 32,	    /* pieces of one write */
	SPARES = 64,	    /* transfers kept for the next URBs */
	SPARE_SIZE = 64 << 10,
	ISO_PACKET_SIZE = 16,
	ISO_PACKETS_MAX = 1024,
};

/* A URB from its command to the last byte of its reply. */
struct transfer {
	struct usbserve_urb urb;
	struct usbip_conn *conn;
	uint32_t seqnum;
	bool unlinked; /* by its host, who wants no reply */
	uint8_t header[USBIP_HEADER_SIZE];
	uint32_t reply; /* bytes of data behind the header */
	uint8_t *data;
	uint32_t cap;
	struct transfer *next, *prev;
};

struct list {
	struct transfer *head, *tail;
};

struct usbip_conn {
	struct usbip_conn_config config;
	struct loop_source source;
	bool writing;		  /* waiting for room in the socket */
	bool dead;		  /* to be closed when it is safe */
	bool entered;		  /* inside ready(), which closes it */
	size_t got;		  /* bytes in rx */
	uint64_t skip;		  /* bytes to throw away */
	struct transfer *filling; /* OUT data is still to come for it */
	uint32_t filled;
	struct list pending, out; /* submitted; replies to write */
	size_t written;		  /* of the first reply */
	size_t tx_at, tx_len;	  /* what is left in tx */
	struct transfer *spare;
	unsigned int spares, urbs;
	uint64_t in_flight;
	uint8_t tx[TX_SIZE];
	uint8_t rx[RX_SIZE];
};

/* --- transfers --- */

static void push(struct list *l, struct transfer *t)
{
	t->next = NULL;
	t->prev = l->tail;
	if (l->tail)
		l->tail->next = t;
	else
		l->head = t;
	l->tail = t;
}

static void unlink_from(struct list *l, struct transfer *t)
{
	if (t->prev)
		t->prev->next = t->next;
	else
		l->head = t->next;
	if (t->next)
		t->next->prev = t->prev;
	else
		l->tail = t->prev;
}

static struct transfer *pop(struct list *l)
{
	struct transfer *t = l->head;

	l->head = t->next;
	if (l->head)
		l->head->prev = NULL;
	else
		l->tail = NULL;
	return t;
}

static void destroy(struct transfer *t)
{
	free(t->data);
	free(t);
}

static void give_back(struct usbip_conn *c, struct transfer *t)
{
	c->urbs--;
	c->in_flight -= t->urb.length;
	if (c->spares == SPARES || t->cap > SPARE_SIZE) {
		destroy(t);
		return;
	}
	t->next = c->spare;
	c->spare = t;
	c->spares++;
}

static struct transfer *get_transfer(struct usbip_conn *c, uint32_t length)
{
	struct transfer *t = c->spare;
	uint8_t *data;

	if (t) {
		c->spare = t->next;
		c->spares--;
	} else {
		t = calloc(1, sizeof(*t));
		if (!t)
			return NULL;
	}
	if (t->cap < length) {
		data = realloc(t->data, length);
		if (!data) {
			destroy(t);
			return NULL;
		}
		t->data = data;
		t->cap = length;
	}
	memset(&t->urb, 0, sizeof(t->urb));
	t->conn = c;
	t->unlinked = false;
	t->reply = 0;
	t->urb.data = t->data;
	t->urb.length = length;
	c->urbs++;
	c->in_flight += length;
	return t;
}

static void fail(struct usbip_conn *c, const char *why)
{
	if (!c->dead)
		log_write(c->config.log, LOG_LEVEL_WARN,
			  "USB/IP: %s. connection closed", why);
	c->dead = true;
}

/* --- replies --- */

static void reply(struct transfer *t, const struct usbip_urb *u)
{
	usbip_wire_urb_encode(u, t->header);
	push(&t->conn->out, t);
}

static void reply_submit(struct transfer *t, int status, uint32_t actual)
{
	const struct usbip_urb u = {
		.command = USBIP_RET_SUBMIT,
		.seqnum = t->seqnum,
		.ret_submit = { status, actual },
	};

	reply(t, &u);
}

static void completed(struct usbserve_urb *urb)
{
	struct transfer *t = urb->owner;

	unlink_from(&t->conn->pending, t);
	if (t->unlinked || t->conn->dead) {
		give_back(t->conn, t);
		return;
	}
	if (urb->endpoint & 0x80)
		t->reply = urb->actual;
	reply_submit(t, urb->status, urb->actual);
}

/* --- commands --- */

static void submit(struct usbip_conn *c, struct transfer *t)
{
	push(&c->pending, t);
	c->config.ops->submit(c->config.device, &t->urb);
}

/* Refuse, and step over the data that belongs to the command. */
static void refuse(struct usbip_conn *c, const struct usbip_urb *u, int status)
{
	struct transfer *t = get_transfer(c, 0);

	if (!t) {
		fail(c, "out of memory");
		return;
	}
	t->seqnum = u->seqnum;
	if (u->direction == USBIP_DIR_OUT)
		c->skip += u->submit.length;
	if (u->submit.packets != USBIP_NO_ISO)
		c->skip += (uint64_t)u->submit.packets * ISO_PACKET_SIZE;
	reply_submit(t, status, 0);
}

static bool is_iso(const struct usbip_urb *u)
{
	return u->submit.packets && u->submit.packets != USBIP_NO_ISO;
}

static const char *what_is_wrong(const struct usbip_conn *c,
				 const struct usbip_urb *u)
{
	if (u->endpoint > 15 || u->direction > USBIP_DIR_IN)
		return "the peer sent a command with no such endpoint";
	if (u->submit.length > USBIP_TRANSFER_MAX)
		return "the peer asked for a transfer of over 4 MiB";
	if (is_iso(u) && u->submit.packets > ISO_PACKETS_MAX)
		return "the peer sent an isochronous command out of bounds";
	if (c->in_flight + u->submit.length > USBIP_IN_FLIGHT_MAX ||
	    c->urbs >= USBIP_URBS_MAX)
		return "the peer keeps over 16 MiB or 4096 URBs in flight";
	return NULL;
}

static void handle_submit(struct usbip_conn *c, const struct usbip_urb *u)
{
	const char *wrong = what_is_wrong(c, u);
	struct transfer *t;

	if (wrong) {
		fail(c, wrong);
		return;
	}
	if (is_iso(u)) {
		refuse(c, u, -EINVAL);
		return;
	}
	if (u->devid != c->config.devid) {
		refuse(c, u, -ENODEV);
		return;
	}
	t = get_transfer(c, u->submit.length);
	if (!t) {
		fail(c, "out of memory");
		return;
	}
	t->seqnum = u->seqnum;
	t->urb.endpoint = (uint8_t)(u->endpoint | u->direction << 7);
	t->urb.zero_packet = u->submit.flags & USBIP_ZERO_PACKET;
	memcpy(t->urb.setup, u->submit.setup, sizeof(t->urb.setup));
	t->urb.complete = completed;
	t->urb.owner = t;
	if (u->direction == USBIP_DIR_OUT && u->submit.length) {
		c->filling = t;
		c->filled = 0;
	} else {
		submit(c, t);
	}
}

static void handle_unlink(struct usbip_conn *c, const struct usbip_urb *u)
{
	struct usbip_urb ret = { .command = USBIP_RET_UNLINK,
				 .seqnum = u->seqnum };
	struct transfer *t = c->pending.head, *answer;

	while (t && t->seqnum != u->unlink)
		t = t->next;
	if (t) {
		ret.ret_unlink = -ECONNRESET;
		t->unlinked = true;
		c->config.ops->cancel(c->config.device, &t->urb);
	}
	if (c->urbs >= USBIP_URBS_MAX) {
		fail(c, "the peer reads no replies");
		return;
	}
	answer = get_transfer(c, 0);
	if (answer)
		reply(answer, &ret);
	else
		fail(c, "out of memory");
}

static void handle(struct usbip_conn *c, const uint8_t *data)
{
	struct usbip_urb u;

	if (usbip_wire_urb_decode(&u, data))
		fail(c, "the peer sent something that is no USB/IP command");
	else if (u.command == USBIP_CMD_SUBMIT)
		handle_submit(c, &u);
	else if (u.command == USBIP_CMD_UNLINK)
		handle_unlink(c, &u);
	else
		fail(c, "the peer sent a reply where a command belongs");
}

static size_t min_size(size_t a, uint64_t b)
{
	return a < b ? a : (size_t)b;
}

/* Bytes of OUT data that arrived; submits when it has them all. */
static size_t take_data(struct usbip_conn *c, const uint8_t *data, size_t len)
{
	struct transfer *t = c->filling;
	size_t n = min_size(len, t->urb.length - c->filled);

	if (data)
		memcpy(t->data + c->filled, data, n);
	c->filled += (uint32_t)n;
	if (c->filled == t->urb.length) {
		c->filling = NULL;
		submit(c, t);
	}
	return n;
}

static void parse(struct usbip_conn *c)
{
	size_t at = 0;

	while (!c->dead) {
		size_t left = c->got - at, n;

		if (c->skip) {
			n = min_size(left, c->skip);
			c->skip -= n;
		} else if (c->filling) {
			n = take_data(c, c->rx + at, left);
		} else if (left >= USBIP_HEADER_SIZE) {
			handle(c, c->rx + at);
			n = USBIP_HEADER_SIZE;
		} else {
			break;
		}
		at += n;
		if (!n)
			break;
	}
	c->got -= at;
	if (at && c->got)
		memmove(c->rx, c->rx + at, c->got);
}

/* One read; true when there may be more. */
static bool receive(struct usbip_conn *c)
{
	struct transfer *t = c->filling;
	bool straight = t && !c->got;
	uint8_t *to = straight ? t->data + c->filled : c->rx + c->got;
	size_t room = straight ? t->urb.length - c->filled : RX_SIZE - c->got;
	ssize_t n = recv(c->source.fd, to, room, 0);

	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			fail(c, strerror(errno));
		return false;
	}
	if (!n) { /* detached */
		if (c->got || c->filling)
			fail(c, "the peer left in the middle of a command");
		c->dead = true;
		return false;
	}
	if (straight) {
		(void)take_data(c, NULL, (size_t)n);
	} else {
		c->got += (size_t)n;
		parse(c);
	}
	return (size_t)n == room && !c->dead;
}

/* --- out --- */

static void put(struct usbip_conn *c, const void *data, size_t len)
{
	memcpy(c->tx + c->tx_len, data, len);
	c->tx_len += len;
}

/* Small replies side by side: one copy costs less than a vector's element. */
static void pack(struct usbip_conn *c)
{
	if (c->tx_at == c->tx_len)
		c->tx_at = c->tx_len = 0;
	if (c->written)
		return; /* the rest of the first reply is next */
	while (c->out.head && c->out.head->reply <= SMALL) {
		struct transfer *t = c->out.head;

		if (TX_SIZE - c->tx_len < USBIP_HEADER_SIZE + t->reply)
			return;
		put(c, t->header, USBIP_HEADER_SIZE);
		if (t->reply)
			put(c, t->data, t->reply);
		give_back(c, pop(&c->out));
	}
}

/* What is packed, and the replies behind it from where they lie. */
static int gather(const struct usbip_conn *c, struct iovec v[GATHER])
{
	size_t skip = c->written;
	int n = 0;

	if (c->tx_at < c->tx_len)
		v[n++] = (struct iovec){ (void *)(c->tx + c->tx_at),
					 c->tx_len - c->tx_at };
	for (struct transfer *t = c->out.head; t && n < GATHER - 1;
	     t = t->next) {
		size_t head = min_size(skip, USBIP_HEADER_SIZE);

		if (head < USBIP_HEADER_SIZE)
			v[n++] = (struct iovec){ t->header + head,
						 USBIP_HEADER_SIZE - head };
		skip -= head;
		if (t->reply)
			v[n++] = (struct iovec){ t->data + skip,
						 t->reply - skip };
		skip = 0;
	}
	return n;
}

static void sent(struct usbip_conn *c, size_t n)
{
	size_t k = min_size(n, c->tx_len - c->tx_at);

	c->tx_at += k;
	c->written += n - k;
	while (c->out.head &&
	       c->written >= USBIP_HEADER_SIZE + c->out.head->reply) {
		c->written -= USBIP_HEADER_SIZE + c->out.head->reply;
		give_back(c, pop(&c->out));
	}
}

static void wait_for_room(struct usbip_conn *c, bool wait)
{
	if (c->writing == wait)
		return;
	c->writing = wait;
	loop_set(c->config.loop, &c->source, EPOLLIN | (wait ? EPOLLOUT : 0U));
}

static void transmit(struct usbip_conn *c)
{
	struct iovec v[GATHER];

	while (!c->dead && (c->out.head || c->tx_at < c->tx_len)) {
		struct msghdr m = { .msg_iov = v };
		ssize_t n;

		pack(c);
		m.msg_iovlen = (size_t)gather(c, v);
		n = sendmsg(c->source.fd, &m, MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN) {
			wait_for_room(c, true);
			return;
		}
		if (n < 0 && errno != EINTR)
			fail(c, strerror(errno));
		else if (n > 0)
			sent(c, (size_t)n);
	}
	if (!c->dead)
		wait_for_room(c, false);
}

/* --- life --- */

static void free_list(struct transfer *t)
{
	while (t) {
		struct transfer *next = t->next;

		destroy(t);
		t = next;
	}
}

static void finish(struct usbip_conn *c)
{
	void (*closed)(void *) = c->config.closed;
	void *ctx = c->config.ctx;

	c->dead = true;
	c->config.ops->reset(c->config.device, false); /* ends what pends */
	loop_remove(c->config.loop, &c->source);
	close(c->source.fd);
	free_list(c->out.head);
	free_list(c->spare);
	if (c->filling)
		destroy(c->filling);
	free(c);
	closed(ctx);
}

static void ready(void *ctx, uint32_t events)
{
	struct usbip_conn *c = ctx;

	c->entered = true;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
		bool more = receive(c);

		if (!c->dead)
			(void)c->config.ops->run(c->config.device);
		while (more) { /* what was left behind a full buffer */
			more = receive(c);
			if (!c->dead)
				(void)c->config.ops->run(c->config.device);
		}
	}
	transmit(c);
	c->entered = false;
	if (c->dead)
		finish(c);
}

void usbip_conn_flush(struct usbip_conn *c)
{
	if (c->entered)
		return;
	transmit(c);
	if (c->dead)
		finish(c);
}

void usbip_conn_close(struct usbip_conn *c)
{
	finish(c);
}

struct usbip_conn *usbip_conn_open(int fd, const struct usbip_conn_config *cfg,
				   const uint8_t *first, uint32_t len)
{
	struct usbip_conn *c = calloc(1, sizeof(*c));
	int one = 1;

	if (!c || len > sizeof(c->tx))
		goto failed;
	c->config = *cfg;
	c->source = (struct loop_source){ fd, ready, c };
	if (len)
		put(c, first, len);
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) ||
	    loop_add(cfg->loop, &c->source, EPOLLIN))
		goto failed;
	/* Best effort: a UNIX socket has neither. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	transmit(c);
	return c;
failed:
	free(c);
	close(fd);
	return NULL;
}

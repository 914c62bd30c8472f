/* SPDX-License-Identifier: Apache-2.0 */
#include "usbserve/usbip_conn.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "linux_sys/loop.h"
#include "usbserve/log_limit.h"
#include "usbserve/usbip_sender.h"
#include "usbserve/usbip_transfer.h"
#include "usbserve/usbip_wire.h"

enum {
	RX_SIZE = 128 << 10,
	ISO_PACKET_SIZE = 16, /* iso_packet_descriptor of the wire format */
	ISO_PACKETS_MAX = 1024,
	FIRST_MS = 10000, /* from the import to the first command */
	EARLY_MAX = 64,	  /* unlinked URBs whose submission is on its way */
};

struct usbip_conn {
	struct usbip_conn_config config;
	struct loop_source source;
	bool writing;	/* the loop waits until the socket has room */
	bool dead;	/* close as soon as no caller uses the connection */
	bool entered;	/* ready() runs, and will close a dead connection */
	bool commanded; /* a command has arrived */
	uint32_t opened_ms;
	bool submitted;	 /* newest is valid */
	uint32_t newest; /* highest sequence number of a submitted URB */
	uint32_t early[EARLY_MAX];
	unsigned int early_count;
	size_t got;			/* bytes in rx */
	uint64_t skip;			/* bytes of the stream to discard */
	struct usbip_transfer *filling; /* waits for the rest of its OUT data */
	uint32_t filled;
	struct usbip_transfer_pool pool;
	struct usbip_transfer_list pending; /* submitted to the device */
	struct usbip_sender sender;
	uint8_t rx[RX_SIZE];
};

static void fail(struct usbip_conn *c, const char *why)
{
	static struct log_limit limit; /* of all connections */

	if (!c->dead)
		log_limit_warn(&limit, c->config.log, c->config.loop->now_ms,
			       "USB/IP: %s. Connection closed", why);
	c->dead = true;
}

static struct usbip_transfer *get_transfer(struct usbip_conn *c,
					   uint32_t length)
{
	struct usbip_transfer *t = usbip_transfer_get(&c->pool, length);

	if (t)
		t->conn = c;
	else
		fail(c, "out of memory");
	return t;
}

/* --- replies --- */

static void queue_reply(struct usbip_transfer *t, const struct usbip_urb *u)
{
	usbip_wire_urb_encode(u, t->header);
	usbip_sender_queue(&t->conn->sender, t);
}

static void reply_submit(struct usbip_transfer *t, int status, uint32_t actual)
{
	const struct usbip_urb u = {
		.command = USBIP_RET_SUBMIT,
		.seqnum = t->seqnum,
		.ret_submit = { status, actual },
	};

	queue_reply(t, &u);
}

static void complete_urb(struct usbserve_urb *urb)
{
	struct usbip_transfer *t = urb->owner;

	usbip_transfer_remove(&t->conn->pending, t);
	if (t->unlinked || t->conn->dead) {
		usbip_transfer_release(&t->conn->pool, t);
		return;
	}
	if (urb->endpoint & 0x80)
		t->reply = urb->actual;
	reply_submit(t, urb->status, urb->actual);
}

/* --- commands --- */

static void submit(struct usbip_conn *c, struct usbip_transfer *t)
{
	usbip_transfer_push(&c->pending, t);
	c->config.ops->submit(c->config.device, &t->urb);
}

/* Discard the data that follows a submission. */
static void skip_data(struct usbip_conn *c, const struct usbip_urb *u)
{
	if (u->direction == USBIP_DIR_OUT)
		c->skip += u->submit.length;
	if (u->submit.packets != USBIP_NO_ISO)
		c->skip += (uint64_t)u->submit.packets * ISO_PACKET_SIZE;
}

/* Reply with a status, and discard the data that follows the command. */
static void refuse(struct usbip_conn *c, const struct usbip_urb *u, int status)
{
	struct usbip_transfer *t = get_transfer(c, 0);

	if (!t)
		return;
	t->seqnum = u->seqnum;
	skip_data(c, u);
	reply_submit(t, status, 0);
}

static bool is_iso(const struct usbip_urb *u)
{
	return u->submit.packets && u->submit.packets != USBIP_NO_ISO;
}

/* The reason why a command ends the connection; NULL: the command is valid. */
static const char *find_violation(const struct usbip_conn *c,
				  const struct usbip_urb *u)
{
	if (u->endpoint > 15 || u->direction > USBIP_DIR_IN)
		return "the peer addressed an endpoint above 15";
	if (u->submit.length > USBIP_TRANSFER_MAX)
		return "the peer requested a transfer of more than 4 MiB";
	if (is_iso(u) && u->submit.packets > ISO_PACKETS_MAX)
		return "the peer requested more than 1024 isochronous packets";
	if (c->pool.in_flight + u->submit.length > USBIP_IN_FLIGHT_MAX ||
	    c->pool.urbs >= USBIP_URBS_MAX)
		return "the peer has more than 16 MiB or 4096 URBs in flight";
	return NULL;
}

/*
 * Linux's vhci-hcd sends CMD_UNLINK before CMD_SUBMIT if a URB is cancelled
 * just after it was queued. Sequence numbers increase, so the number of such a
 * URB is higher than that of every submitted one. RET_UNLINK ends the URB in
 * the host, and a later RET_SUBMIT would end the connection: note the number,
 * and discard the submission. Returns whether the unlink is of that kind.
 */
static bool note_early_unlink(struct usbip_conn *c, uint32_t seqnum)
{
	if (!c->submitted || (int32_t)(seqnum - c->newest) <= 0 ||
	    c->early_count == EARLY_MAX)
		return false;
	c->early[c->early_count++] = seqnum;
	return true;
}

static bool was_unlinked_early(struct usbip_conn *c, uint32_t seqnum)
{
	for (unsigned int i = 0; i < c->early_count; i++) {
		if (c->early[i] != seqnum)
			continue;
		c->early[i] = c->early[--c->early_count];
		return true;
	}
	return false;
}

static void handle_submit(struct usbip_conn *c, const struct usbip_urb *u)
{
	const char *violation = find_violation(c, u);
	struct usbip_transfer *t;

	if (!c->submitted || (int32_t)(u->seqnum - c->newest) > 0)
		c->newest = u->seqnum;
	c->submitted = true;
	if (was_unlinked_early(c, u->seqnum)) {
		skip_data(c, u);
		return;
	}
	if (violation) {
		fail(c, violation);
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
	if (!t)
		return;
	t->seqnum = u->seqnum;
	t->urb.endpoint = (uint8_t)(u->endpoint | u->direction << 7);
	t->urb.zero_packet = u->submit.flags & USBIP_ZERO_PACKET;
	memcpy(t->urb.setup, u->submit.setup, sizeof(t->urb.setup));
	t->urb.complete = complete_urb;
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
	struct usbip_transfer *t = c->pending.head, *answer;

	while (t && t->seqnum != u->unlink)
		t = t->next;
	if (t) {
		ret.ret_unlink = -ECONNRESET;
		t->unlinked = true;
		c->config.ops->cancel(c->config.device, &t->urb);
	} else if (note_early_unlink(c, u->unlink)) {
		ret.ret_unlink = -ECONNRESET;
	}
	if (c->pool.urbs >= USBIP_URBS_MAX) {
		fail(c, "the peer does not read its replies");
		return;
	}
	answer = get_transfer(c, 0);
	if (answer)
		queue_reply(answer, &ret);
}

static void handle_command(struct usbip_conn *c, const uint8_t *data)
{
	struct usbip_urb u;

	c->commanded = true;
	if (usbip_wire_urb_decode(&u, data))
		fail(c, "the peer sent an unknown USB/IP command");
	else if (u.command == USBIP_CMD_SUBMIT)
		handle_submit(c, &u);
	else if (u.command == USBIP_CMD_UNLINK)
		handle_unlink(c, &u);
	else
		fail(c, "the peer sent a reply instead of a command");
}

static size_t min_size(size_t a, uint64_t b)
{
	return a < b ? a : (size_t)b;
}

/* Add OUT data to the transfer that waits for it, and submit the transfer when
 * it is complete. data NULL: the bytes are already in place. Returns the number
 * of bytes used. */
static size_t add_data(struct usbip_conn *c, const uint8_t *data, size_t len)
{
	struct usbip_transfer *t = c->filling;
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

static void parse_stream(struct usbip_conn *c)
{
	size_t at = 0;

	while (!c->dead) {
		size_t left = c->got - at, n;

		if (c->skip) {
			n = min_size(left, c->skip);
			c->skip -= n;
		} else if (c->filling) {
			n = add_data(c, c->rx + at, left);
		} else if (left >= USBIP_HEADER_SIZE) {
			handle_command(c, c->rx + at);
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

/* Read once, straight into the transfer that waits for data if possible. true:
 * the socket may have more. */
static bool receive(struct usbip_conn *c)
{
	struct usbip_transfer *t = c->filling;
	bool direct = t && !c->got;
	uint8_t *to = direct ? t->data + c->filled : c->rx + c->got;
	size_t room = direct ? t->urb.length - c->filled : RX_SIZE - c->got;
	ssize_t n = recv(c->source.fd, to, room, 0);

	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			fail(c, strerror(errno));
		return false;
	}
	if (!n) { /* the host detached the device */
		if (c->got || c->filling)
			fail(c, "the peer disconnected in the middle of a "
				"command");
		c->dead = true;
		return false;
	}
	if (direct) {
		(void)add_data(c, NULL, (size_t)n);
	} else {
		c->got += (size_t)n;
		parse_stream(c);
	}
	return (size_t)n == room && !c->dead;
}

/* --- sending --- */

static void wait_for_room(struct usbip_conn *c, bool wait)
{
	if (c->writing == wait)
		return;
	c->writing = wait;
	loop_set(c->config.loop, &c->source, EPOLLIN | (wait ? EPOLLOUT : 0U));
}

static void transmit(struct usbip_conn *c)
{
	if (c->dead)
		return;
	if (!usbip_sender_send(&c->sender, c->source.fd))
		wait_for_room(c, false);
	else if (errno == EAGAIN)
		wait_for_room(c, true);
	else
		fail(c, strerror(errno));
}

/* --- opening and closing --- */

static void finish(struct usbip_conn *c)
{
	void (*closed)(void *) = c->config.closed;
	void *ctx = c->config.ctx;

	c->dead = true;
	/* The reset completes every pending URB. */
	c->config.ops->reset(c->config.device, false);
	loop_remove(c->config.loop, &c->source);
	close(c->source.fd);
	usbip_transfer_free_chain(c->sender.queue.head);
	usbip_transfer_free_chain(c->pool.spare);
	if (c->filling)
		usbip_transfer_free(c->filling);
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
		while (more) { /* the buffer was full: read the rest */
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
	/* A host reads the device descriptor at once. */
	if (!c->commanded &&
	    (int32_t)(c->config.loop->now_ms - c->opened_ms) >= FIRST_MS)
		fail(c, "the peer imported the device and sent no command");
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

	if (!c || len > USBIP_SENDER_BUFFER)
		goto failed;
	c->config = *cfg;
	c->source = (struct loop_source){ fd, ready, c };
	c->sender.pool = &c->pool;
	c->opened_ms = cfg->loop->now_ms;
	if (len)
		usbip_sender_add(&c->sender, first, len);
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) ||
	    loop_add(cfg->loop, &c->source, EPOLLIN))
		goto failed;
	/* These calls fail on a Unix socket, which needs neither option. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	transmit(c);
	return c;
failed:
	free(c);
	close(fd);
	return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "host/transport_mctp.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/mctp.h>

#include "host/mctp_table.h"
#include "posix/clock.h"

#ifndef AF_MCTP
#define AF_MCTP 45
#endif
#ifndef SOL_MCTP
#define SOL_MCTP 285
#endif

/* struct mctp_ioc_tag_ctl2 of linux/mctp.h, which older headers lack. */
struct tag_request {
	unsigned int net;
	uint8_t peer, local;
	uint16_t flags;
	uint8_t tag;
};
enum { ALLOCATE_TAG = SIOCPROTOPRIVATE + 2 };

enum {
	LANES = MCTP_TAGS,
	LISTENERS = 4,
	MESSAGE = 65536,
	RECEIVE_ROOM = 16 << 20, /* bytes of a listener's receive buffer */
	RETRY_MS = 2,		 /* first delay; doubles with each retry */
	RETRY_MOST_MS = 256,
};

/* One socket per request: the kernel matches responses to sockets. */
struct lane {
	int fd;	     /* -1: not open */
	bool unsent; /* the kernel's queue was full */
	uint32_t start_ms;
	struct transport_request *request; /* NULL: free */
};

struct listener {
	int fd;
	transport_message fn;
	void *ctx;
};

struct mctp_transport {
	struct transport transport;
	int interface;	 /* 0: by route */
	uint8_t own_eid; /* for an observer; 0: not known */
	struct lane lane[LANES];
	uint32_t retry_ms, retry_at_ms; /* of unsent requests; 0: none */
	unsigned int listeners;
	struct listener listener[LISTENERS];
	uint8_t message[MESSAGE];
};

static struct mctp_transport *mctp_of(struct transport *t)
{
	return (struct mctp_transport *)(void *)t;
}

static int explain(struct transport *t, const char *what)
{
	const char *advice = "";

	if (errno == EAFNOSUPPORT)
		advice = ". This kernel has no MCTP";
	else if (errno == EPERM || errno == EACCES)
		advice = ". Run as root, or with CAP_NET_RAW and "
			 "CAP_NET_BIND_SERVICE";
	else if (errno == EHOSTUNREACH || errno == ENETUNREACH)
		advice = ". No route to that EID: run `tether mctp setup "
			 "INTERFACE`, or use mctpd";
	else if (errno == ENETDOWN || errno == ENODEV)
		advice = ". The interface is down or was unplugged";
	else if (errno == EADDRINUSE)
		advice = ". Another program receives these messages";
	snprintf(t->error, sizeof(t->error), "%s: %s%s", what, strerror(errno),
		 advice);
	return ERR_IO;
}

static int open_socket(struct mctp_transport *m)
{
	int one = 1;
	int fd = socket(AF_MCTP, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && m->interface &&
	    setsockopt(fd, SOL_MCTP, MCTP_OPT_ADDR_EXT, &one, sizeof(one))) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

static void finish_request(struct lane *l, int err)
{
	struct transport_request *r = l->request;

	l->request = NULL;
	r->err = err;
	r->done(r);
}

/* Report a message to the observer. flags: tag and tag owner bit. */
static void report(const struct mctp_transport *m, bool sent, uint8_t peer,
		   uint8_t flags, struct mctp_tap_packet *p)
{
	const struct transport_observer *o = m->transport.observer;
	const uint8_t head[MCTP_HEADER_SIZE] = {
		MCTP_VERSION,
		sent ? peer : m->own_eid,
		sent ? m->own_eid : peer,
		MCTP_SOM | MCTP_EOM | (flags & (MCTP_TAG_OWNER | MCTP_TAG)),
	};

	if (!o)
		return;
	p->sent = sent;
	p->head = head;
	p->head_len = sizeof(head);
	o->tap.packet(o->tap.ctx, p);
}

/* The kernel does not tell which of the host's EIDs a message uses. Take that
 * of the interface, or of the interface with the route to the peer. */
static void observe(struct transport *t)
{
	struct mctp_transport *m = mctp_of(t);
	struct mctp_table *table = calloc(1, sizeof(*table));
	const struct mctp_table_link *user;

	if (!table || mctp_table_read(table)) {
		free(table);
		return;
	}
	user = mctp_table_user(table, t->network, t->peer);
	if (user && !m->interface)
		m->own_eid = user->own_eid;
	for (int i = 0; i < table->links; i++)
		if ((int)table->link[i].index == m->interface)
			m->own_eid = table->link[i].own_eid;
	free(table);
}

static int send_message(struct mctp_transport *m, int fd,
			const struct transport_reply *r)
{
	struct sockaddr_mctp_ext a = {
		.smctp_base = {
			.smctp_family = AF_MCTP,
			.smctp_network = m->transport.network,
			.smctp_addr.s_addr = r->dest,
			.smctp_type = r->data[0],
			.smctp_tag = r->tag,
		},
		.smctp_ifindex = m->interface,
	};
	socklen_t len = m->interface ? sizeof(a) : sizeof(a.smctp_base);

	if (sendto(fd, r->data + 1, r->len - 1, 0, (struct sockaddr *)&a,
		   len) >= 0) {
		report(m, true, r->dest, r->tag,
		       &(struct mctp_tap_packet){ .body = r->data,
						  .len = r->len });
		return ERR_OK;
	}
	/* The transmit queue is full: try again later. */
	if (errno == ENOBUFS || errno == EAGAIN || errno == ENOMEM)
		return ERR_BUSY;
	return explain(&m->transport, "cannot send");
}

/* Allocate a tag that stays valid after the first response. Kernels before 6.11
 * allocate tags in the default network only. Still older kernels allocate none:
 * only the first response is then received. */
static uint8_t allocate_tag(struct mctp_transport *m, int fd, uint8_t dest)
{
	struct tag_request q = { .net = m->transport.network, .peer = dest };
	struct mctp_ioc_tag_ctl old = { .peer_addr = dest };

	if (!ioctl(fd, ALLOCATE_TAG, &q))
		return q.tag;
	return ioctl(fd, SIOCMCTPALLOCTAG, &old) ? MCTP_TAG_OWNER : old.tag;
}

static int send_request(struct mctp_transport *m, int fd,
			const struct transport_request *r)
{
	/* An observer needs the tag of the request as well. */
	bool allocate = r->more || m->transport.observer;
	const struct transport_reply message = {
		.dest = r->dest,
		.tag = allocate ? allocate_tag(m, fd, r->dest) : MCTP_TAG_OWNER,
		.data = r->data,
		.len = r->len,
	};

	return send_message(m, fd, &message);
}

static int send_on_lane(struct mctp_transport *m, struct lane *l,
			struct transport_request *r)
{
	int err;

	/* Open a new socket for each request. A late response to an earlier
	 * request, and the tag of a partly sent message, stay with the old
	 * socket. */
	if (l->fd >= 0)
		close(l->fd);
	l->fd = open_socket(m);
	if (l->fd < 0)
		return explain(&m->transport, "cannot open an MCTP socket");
	err = send_request(m, l->fd, r);
	l->unsent = err == ERR_BUSY;
	return l->unsent ? ERR_OK : err;
}

static int request(struct transport *t, struct transport_request *r)
{
	struct mctp_transport *m = mctp_of(t);
	struct lane *l = m->lane;

	while (l < m->lane + LANES && l->request)
		l++;
	if (l == m->lane + LANES)
		return ERR_BUSY;
	if (send_on_lane(m, l, r))
		return ERR_IO;
	l->request = r;
	l->start_ms = clock_now_ms();
	return ERR_OK;
}

/* Receive a message, with its type byte, into m->message. Returns its length;
 * 0: no message. */
static size_t receive_message(struct mctp_transport *m, int fd, uint8_t *source)
{
	struct sockaddr_mctp_ext a = { 0 };
	socklen_t len = sizeof(a);
	ssize_t n =
		recvfrom(fd, m->message + 1, MESSAGE - 1,
			 MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&a, &len);

	if (n < 0 || n > MESSAGE - 1)
		return 0;
	m->message[0] = a.smctp_base.smctp_type;
	m->transport.tag = a.smctp_base.smctp_tag & MCTP_TAG_MASK;
	*source = a.smctp_base.smctp_addr.s_addr;
	report(m, false, *source, a.smctp_base.smctp_tag,
	       &(struct mctp_tap_packet){ .body = m->message,
					  .len = (size_t)n + 1 });
	return (size_t)n + 1;
}

/* The kernel gives a tag to the next program after its owner was killed. A late
 * response to the killed program then arrives here. Ignore one that shows by
 * its type; the request ends by its time limit. */
static bool is_response_to(const struct transport_request *r,
			   const struct mctp_transport *m)
{
	return ((r->data[0] ^ m->message[0]) & MCTP_TYPE_MASK) == 0;
}

static void handle_response(struct mctp_transport *m, struct lane *l)
{
	struct transport_request *r = l->request;
	uint8_t source;
	size_t n = receive_message(m, l->fd, &source);

	if (!n || !is_response_to(r, m))
		return;
	if (n > r->cap) {
		finish_request(l, ERR_LENGTH);
		return;
	}
	memcpy(r->answer, m->message, n);
	r->got = n;
	r->source = source;
	if (r->more && r->more(r))
		l->start_ms = clock_now_ms();
	else
		finish_request(l, ERR_OK);
}

static void handle_messages(struct mctp_transport *m, const struct listener *l)
{
	uint8_t source;
	size_t n;

	while ((n = receive_message(m, l->fd, &source)) > 0)
		l->fn(l->ctx, source, m->message, n);
}

static void expire_requests(struct mctp_transport *m)
{
	uint32_t now = clock_now_ms();

	for (struct lane *l = m->lane; l < m->lane + LANES; l++)
		if (l->request && now - l->start_ms >= l->request->timeout_ms)
			finish_request(l, ERR_TIMEOUT);
}

/* Find the request to send again. NULL: none, or another request is in
 * flight. */
static struct lane *find_unsent(struct mctp_transport *m)
{
	struct lane *next = NULL;

	for (struct lane *l = m->lane; l < m->lane + LANES; l++) {
		if (l->request && !l->unsent)
			return NULL;
		if (l->request && !next)
			next = l;
	}
	return next;
}

/* Retry the requests for which the kernel's queue had no room. Send one message
 * at a time, as a message is lost if the kernel drops any of its packets. Each
 * retry waits longer, so that the packets of the failed attempt leave the queue
 * first. Returns how long poll() may wait, in ms. */
static int retry_unsent(struct mctp_transport *m, int timeout_ms)
{
	struct lane *next = find_unsent(m);
	int32_t left;

	if (!next) {
		m->retry_ms = 0;
		return timeout_ms;
	}
	left = (int32_t)(m->retry_at_ms - clock_now_ms());
	if (!m->retry_ms || left <= 0) {
		if (send_on_lane(m, next, next->request))
			finish_request(next, ERR_IO);
		m->retry_ms = m->retry_ms ? 2 * m->retry_ms : RETRY_MS;
		if (m->retry_ms > RETRY_MOST_MS)
			m->retry_ms = RETRY_MOST_MS;
		m->retry_at_ms = clock_now_ms() + m->retry_ms;
		left = (int32_t)m->retry_ms;
	}
	return timeout_ms < 0 || left < timeout_ms ? left : timeout_ms;
}

static int poll_transport(struct transport *t, int timeout_ms)
{
	struct mctp_transport *m = mctp_of(t);
	struct pollfd p[LANES + LISTENERS];
	nfds_t n = 0;

	timeout_ms = retry_unsent(m, timeout_ms);
	transport_turn(t);
	for (int i = 0; i < LANES; i++)
		p[n++] = (struct pollfd){ m->lane[i].request ? m->lane[i].fd
							     : -1,
					  POLLIN, 0 };
	for (unsigned int i = 0; i < m->listeners; i++)
		p[n++] = (struct pollfd){ m->listener[i].fd, POLLIN, 0 };
	if (poll(p, n, timeout_ms) < 0 && errno != EINTR)
		return explain(t, "cannot wait for messages");
	for (int i = 0; i < LANES; i++)
		if (p[i].revents && m->lane[i].request)
			handle_response(m, &m->lane[i]);
	for (unsigned int i = 0; i < m->listeners; i++)
		if (p[LANES + i].revents)
			handle_messages(m, &m->listener[i]);
	expire_requests(m);
	return ERR_OK;
}

static int listen_type(struct transport *t, uint8_t type, transport_message fn,
		       void *ctx)
{
	struct mctp_transport *m = mctp_of(t);
	const struct sockaddr_mctp a = {
		.smctp_family = AF_MCTP,
		.smctp_network = t->network,
		.smctp_addr.s_addr = MCTP_ADDR_ANY,
		.smctp_type = type,
		.smctp_tag = MCTP_TAG_OWNER,
	};
	const struct sockaddr_mctp peer = {
		.smctp_family = AF_MCTP,
		.smctp_network = t->network,
		.smctp_addr.s_addr = t->peer,
		.smctp_type = type,
	};
	int fd, room = RECEIVE_ROOM;

	if (m->listeners == LISTENERS)
		return ERR_FULL;
	fd = open_socket(m);
	if (fd < 0)
		return explain(t, "cannot open an MCTP socket");
	/* Enlarge the buffer: a device can send faster than this program reads.
	 * SO_RCVBUFFORCE needs privilege. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room,
				 sizeof(room));
	/* Receive from this peer only, so that other programs can listen for
	 * other peers at the same time. This needs Linux 6.17. */
	if (t->peer)
		(void)connect(fd, (const struct sockaddr *)&peer, sizeof(peer));
	if (bind(fd, (const struct sockaddr *)&a, sizeof(a))) {
		(void)explain(t, "cannot listen for messages");
		close(fd);
		return ERR_IO;
	}
	m->listener[m->listeners++] = (struct listener){ fd, fn, ctx };
	return ERR_OK;
}

static int reply(struct transport *t, struct transport_reply *r)
{
	struct mctp_transport *m = mctp_of(t);

	if (!m->listeners)
		return ERR_INVALID;
	return send_message(m, m->listener[0].fd, r);
}

static void close_transport(struct transport *t)
{
	struct mctp_transport *m = mctp_of(t);

	for (int i = 0; i < LANES; i++)
		if (m->lane[i].fd >= 0)
			close(m->lane[i].fd);
	for (unsigned int i = 0; i < m->listeners; i++)
		close(m->listener[i].fd);
	free(m);
}

static const struct transport_ops ops = {
	.request = request,
	.poll = poll_transport,
	.listen = listen_type,
	.reply = reply,
	.observe = observe,
	.close = close_transport,
};

static struct mctp_transport *create(char *error, size_t cap)
{
	struct mctp_transport *m = calloc(1, sizeof(*m));
	int fd;

	if (!m) {
		snprintf(error, cap, "out of memory");
		return NULL;
	}
	m->transport.ops = &ops;
	for (int i = 0; i < LANES; i++)
		m->lane[i].fd = -1;
	fd = socket(AF_MCTP, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		close(fd);
		return m;
	}
	(void)explain(&m->transport, "cannot open an MCTP socket");
	snprintf(error, cap, "%s", m->transport.error);
	free(m);
	return NULL;
}

struct transport *transport_mctp_open(uint32_t network, uint8_t eid,
				      char *error, size_t cap)
{
	struct mctp_transport *m = create(error, cap);

	if (!m)
		return NULL;
	m->transport.network = network;
	m->transport.peer = eid;
	return &m->transport;
}

struct transport *transport_mctp_open_interface(int interface, char *error,
						size_t cap)
{
	struct mctp_transport *m = create(error, cap);

	if (!m)
		return NULL;
	m->transport.network = MCTP_NET_ANY;
	m->interface = interface;
	return &m->transport;
}

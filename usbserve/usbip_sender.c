/* SPDX-License-Identifier: Apache-2.0 */
#include "usbserve/usbip_sender.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/err.h"

enum {
	COPY_MAX = 4096, /* replies with more data are sent without a copy */
	PIECES_MAX = 32, /* of one sendmsg() */
};

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

void usbip_sender_add(struct usbip_sender *s, const void *data, size_t len)
{
	memcpy(s->buffer + s->len, data, len);
	s->len += len;
}

void usbip_sender_queue(struct usbip_sender *s, struct usbip_transfer *t)
{
	usbip_transfer_push(&s->queue, t);
}

bool usbip_sender_is_busy(const struct usbip_sender *s)
{
	return s->queue.head || s->at < s->len;
}

/* Copy small replies into the buffer: a copy costs less than an element of a
 * vector. */
static void pack_small_replies(struct usbip_sender *s)
{
	if (s->at == s->len)
		s->at = s->len = 0;
	if (s->written)
		return; /* first send the rest of the first reply */
	while (s->queue.head && s->queue.head->reply <= COPY_MAX) {
		struct usbip_transfer *t = s->queue.head;

		if (sizeof(s->buffer) - s->len < USBIP_HEADER_SIZE + t->reply)
			return;
		usbip_sender_add(s, t->header, USBIP_HEADER_SIZE);
		if (t->reply)
			usbip_sender_add(s, t->data, t->reply);
		usbip_transfer_release(s->pool, usbip_transfer_pop(&s->queue));
	}
}

/* Build the vector for sendmsg(): the buffer, then the queued replies. Returns
 * its length. */
static int gather_pieces(const struct usbip_sender *s,
			 struct iovec v[PIECES_MAX])
{
	size_t skip = s->written;
	int n = 0;

	if (s->at < s->len)
		v[n++] = (struct iovec){ (void *)(s->buffer + s->at),
					 s->len - s->at };
	for (struct usbip_transfer *t = s->queue.head; t && n < PIECES_MAX - 1;
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

/* Account for n bytes that the socket accepted. */
static void advance(struct usbip_sender *s, size_t n)
{
	size_t packed = min_size(n, s->len - s->at);

	s->at += packed;
	s->written += n - packed;
	while (s->queue.head &&
	       s->written >= USBIP_HEADER_SIZE + s->queue.head->reply) {
		s->written -= USBIP_HEADER_SIZE + s->queue.head->reply;
		usbip_transfer_release(s->pool, usbip_transfer_pop(&s->queue));
	}
}

int usbip_sender_send(struct usbip_sender *s, int fd)
{
	struct iovec v[PIECES_MAX];

	while (usbip_sender_is_busy(s)) {
		struct msghdr m = { .msg_iov = v };
		ssize_t n;

		pack_small_replies(s);
		m.msg_iovlen = (size_t)gather_pieces(s, v);
		n = sendmsg(fd, &m, MSG_NOSIGNAL);
		if (n < 0 && errno != EINTR)
			return ERR_IO;
		if (n > 0)
			advance(s, (size_t)n);
	}
	return ERR_OK;
}

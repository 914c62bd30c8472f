/* SPDX-License-Identifier: Apache-2.0 */
/* Unit test for usbserve/usbip_conn.h: replies through a socket that accepts
 * only a part of each write. */
#include "cm.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/wire.h"
#include "linux_sys/loop.h"
#include "usbserve/usbip_conn.h"

enum { COMMANDS = 4000, HEADER = 48, DEVID = 0x10002, LENGTHS = 8 };

/* Lengths around the limit up to which the server copies replies. */
static const uint32_t lengths[LENGTHS] = { 10000, 20,	18, 5000,
					   4096,  4097, 0,  33000 };

/* --- a device that completes every URB at once --- */

static void submit(void *device, struct usbserve_urb *u)
{
	unsigned int *count = device;

	for (uint32_t i = 0; i < u->length; i++)
		u->data[i] = (uint8_t)(i * 13 + *count);
	(*count)++;
	u->actual = u->length;
	u->status = 0;
	u->complete(u);
}

static void cancel(void *device, struct usbserve_urb *u)
{
	(void)device;
	(void)u;
}

static void reset(void *device, bool attached)
{
	(void)device;
	(void)attached;
}

static int run(void *device)
{
	(void)device;
	return -1;
}

static enum usbserve_speed speed(void *device)
{
	(void)device;
	return USBSERVE_HIGH;
}

static const struct usbserve_ops ops = { submit, cancel, reset, run, speed };

/* --- the host --- */

struct host {
	int fd;
	unsigned int asked, answered;
	size_t got; /* received bytes of the current reply */
	uint8_t reply[HEADER + 33000];
	bool closed;
};

static void closed(void *ctx)
{
	((struct host *)ctx)->closed = true;
}

static void send_submit(struct host *h)
{
	uint8_t command[HEADER] = { 0 };
	struct wr w = wr_init(command, sizeof(command));

	wr_be32(&w, 1); /* USBIP_CMD_SUBMIT */
	wr_be32(&w, h->asked + 1);
	wr_be32(&w, DEVID);
	wr_be32(&w, 1); /* IN */
	wr_be32(&w, 1); /* endpoint */
	wr_be32(&w, 0);
	wr_be32(&w, lengths[h->asked % LENGTHS]);
	assert_int_equal(write(h->fd, command, HEADER), HEADER);
	h->asked++;
}

static void check_reply(struct host *h, uint32_t length)
{
	struct rd r = rd_init(h->reply, HEADER);

	assert_int_equal(rd_be32(&r), 3); /* USBIP_RET_SUBMIT */
	assert_int_equal(rd_be32(&r), h->answered + 1);
	rd_skip(&r, 12);
	assert_int_equal(rd_be32(&r), 0); /* status */
	assert_int_equal(rd_be32(&r), length);
	for (uint32_t i = 0; i < length; i++)
		assert_int_equal(h->reply[HEADER + i],
				 (uint8_t)(i * 13 + h->answered));
}

/* Read at most `most` bytes of replies. */
static void read_replies(struct host *h, size_t most)
{
	while (most) {
		uint32_t length = lengths[h->answered % LENGTHS];
		size_t want = HEADER + length - h->got;
		ssize_t n = read(h->fd, h->reply + h->got,
				 want < most ? want : most);

		if (n <= 0)
			return;
		most -= (size_t)n;
		h->got += (size_t)n;
		if (h->got < HEADER + length)
			continue;
		check_reply(h, length);
		h->answered++;
		h->got = 0;
	}
}

static void replies_survive_partial_writes(void **state)
{
	static struct host h;
	static struct loop loop;
	static struct log log;
	unsigned int count = 0, room = 4096;
	int pair[2];
	struct usbip_conn_config config = {
		.loop = &loop,
		.log = &log,
		.ops = &ops,
		.device = &count,
		.devid = DEVID,
		.closed = closed,
		.ctx = &h,
	};
	struct usbip_conn *c;

	(void)state;
	srand(1);
	log_init(&log, LOG_LEVEL_DEBUG);
	assert_int_equal(loop_init(&loop), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(
		setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)),
		0);
	h.fd = pair[0];
	assert_int_equal(fcntl(h.fd, F_SETFL, O_NONBLOCK), 0);
	c = usbip_conn_open(pair[1], &config, NULL, 0);
	assert_non_null(c);
	while (h.answered < COMMANDS) {
		for (int i = rand() % 8;
		     i && h.asked < COMMANDS && h.asked - h.answered < 200; i--)
			send_submit(&h);
		assert_int_equal(loop_turn(&loop, 0), 0);
		assert_false(h.closed);
		read_replies(&h, (size_t)(rand() % 9000));
	}
	usbip_conn_close(c);
	assert_true(h.closed);
	close(h.fd);
	loop_close(&loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_survive_partial_writes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

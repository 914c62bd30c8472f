/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes the USB/IP client. The server sends arbitrary data during and after
 * the import: raw bytes, and well-formed replies with or without a request.
 * Every accepted transfer must complete exactly once, at the latest when the
 * client is closed.
 *
 * Input: flags (bit 0: the import reply comes from the input; bit 1: cancel at
 * the end; bit 2: poll at the end), then steps.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/wire.h"
#include "host/usbip_client.h"
#include "host/usbip_connect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TRANSFERS = 16, ROOM = 1024, STEPS = 64, AGAIN = 8 };

enum step { SUBMIT, RET_SUBMIT, RET_UNLINK, RAW, POLL, STEP_KINDS };

struct one {
	struct usbhost_transfer t;
	bool accepted;
	unsigned int again; /* how often done() submits it again */
	uint8_t data[ROOM];
};

static int server;
static struct usbhost *host;
static struct one one[TRANSFERS];
static unsigned int submitted, completed;

static void expect(bool true_always)
{
	if (!true_always)
		abort();
}

static void submit(struct one *o)
{
	int err = host->ops->submit(host, &o->t);

	expect(err == ERR_OK || err == ERR_IO);
	o->accepted = !err;
	submitted += !err;
}

static void done(struct usbhost_transfer *t)
{
	struct one *o = t->ctx;

	expect(o->accepted && !t->pending);
	expect(t->actual <= t->length);
	expect(t->status <= USBHOST_FAILED && *usbhost_status_text(t->status));
	o->accepted = false;
	completed++;
	if (o->again && !t->status) {
		o->again--;
		submit(o);
	}
}

static void send_bytes(const void *data, size_t len)
{
	if (len)
		expect(send(server, data, len, MSG_NOSIGNAL) == (ssize_t)len ||
		       errno == EPIPE);
}

static void send_urb(struct usbip_urb *u, struct rd *r, size_t len)
{
	uint8_t header[USBIP_HEADER_SIZE];

	usbip_wire_urb_encode(u, header);
	send_bytes(header, sizeof(header));
	len = len < rd_remaining(r) ? len : rd_remaining(r);
	send_bytes(rd_bytes(r, len), len);
}

static void step_submit(struct rd *r)
{
	uint8_t n = rd_u8(r);
	struct one *o = &one[n % TRANSFERS];
	uint16_t length = rd_le16(r);

	if (o->accepted)
		return;
	o->again = n / TRANSFERS % AGAIN;
	o->t = (struct usbhost_transfer){
		.endpoint = n & 0x80 ? 0x81 : 0x01,
		.data = o->data,
		.length = length % (ROOM + 1),
		.done = done,
		.ctx = o,
	};
	submit(o);
}

static void step_answer(struct rd *r, bool unlink)
{
	static const int32_t statuses[] = {
		0, 0, 0, -USBIP_EPIPE, -USBIP_ECONNRESET, INT32_MIN
	};
	uint32_t seqnum = rd_u8(r);
	uint8_t how = rd_u8(r);
	uint16_t actual = rd_le16(r);
	int32_t status = statuses[how % 6];
	struct usbip_urb u = { .seqnum = seqnum };

	if (how & 0x80)
		u.seqnum += USBIP_CLIENT_TRANSFERS;
	if (unlink) {
		u.command = USBIP_RET_UNLINK;
		u.ret_unlink = status;
		send_urb(&u, r, 0);
		return;
	}
	u.command = USBIP_RET_SUBMIT;
	u.ret_submit.status = status;
	u.ret_submit.actual = actual;
	send_urb(&u, r, how & 0x40 ? actual : 0);
}

/* Poll the client; read and discard what it sends. */
static void turn(void)
{
	static uint8_t sink[1 << 16];
	int err = host->ops->poll(host, 0);

	expect(err == ERR_OK || err == ERR_IO);
	expect(!err || host->error[0]);
	while (recv(server, sink, sizeof(sink), MSG_DONTWAIT) > 0)
		;
}

static void run(struct rd *r)
{
	for (int steps = 0; steps < STEPS && rd_remaining(r); steps++) {
		uint8_t kind = rd_u8(r);
		size_t n;

		switch ((enum step)(kind % STEP_KINDS)) {
		case SUBMIT:
			step_submit(r);
			break;
		case RET_SUBMIT:
			step_answer(r, false);
			break;
		case RET_UNLINK:
			step_answer(r, true);
			break;
		case RAW:
			n = rd_u8(r);
			n = n < rd_remaining(r) ? n : rd_remaining(r);
			send_bytes(rd_bytes(r, n), n);
			break;
		default:
			turn();
			break;
		}
	}
}

static void import(struct rd *r, bool raw, int fd)
{
	static const uint8_t reply[USBIP_OP_HEADER_SIZE + USBIP_DEVICE_SIZE] = {
		0x01, 0x11, 0x00, 0x03
	};
	char error[256] = "";

	if (raw) {
		size_t n = rd_remaining(r) < sizeof(reply) ? rd_remaining(r)
							   : sizeof(reply);

		send_bytes(rd_bytes(r, n), n);
		if (n < sizeof(reply))
			shutdown(server, SHUT_WR);
	} else {
		send_bytes(reply, sizeof(reply));
	}
	host = usbip_client_import(fd, "1-1", error, sizeof(error));
	expect(host || error[0]);
	expect(strnlen(error, sizeof(error)) < sizeof(error));
}

/* Let the client request a device list. The rest of the input is the reply. */
static void list(struct rd *r, int fd)
{
	char error[256] = "";
	struct usbip_device *devices = NULL;
	size_t n = rd_remaining(r);
	int count;

	send_bytes(rd_bytes(r, n), n);
	shutdown(server, SHUT_WR);
	count = usbip_connect_read_list(fd, &devices, error, sizeof(error));
	expect(count >= 0 || (count == ERR_IO && error[0]));
	for (int i = 0; i < count; i++) {
		expect(devices[i].interfaces <= USBIP_INTERFACES_MAX);
		expect(memchr(devices[i].busid, 0, USBIP_BUSID_SIZE) &&
		       memchr(devices[i].path, 0, USBIP_PATH_SIZE));
	}
	if (count >= 0)
		free(devices);
	close(fd);
	close(server);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_init(data, size);
	uint8_t flags = rd_u8(&r);
	int ends[2];

	expect(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	server = ends[0];
	if (flags & 8) {
		list(&r, ends[1]);
		return 0;
	}
	submitted = completed = 0;
	import(&r, flags & 1, ends[1]);
	if (!host) {
		close(server);
		return 0;
	}
	run(&r);
	turn();
	/* Shut the server's side down, so that cancel() does not wait for its
	 * time-out. */
	shutdown(server, SHUT_WR);
	for (int i = 0; flags & 2 && i < TRANSFERS; i++)
		if (one[i].accepted)
			host->ops->cancel(host, &one[i].t);
	while (flags & 4 && !host->ops->poll(host, 0))
		;
	host->ops->close(host);
	expect(submitted == completed);
	close(server);
	return 0;
}

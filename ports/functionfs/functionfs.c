/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/functionfs/functionfs.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/usb/functionfs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "device/device.h"
#include "ports/functionfs/head.h"

enum {
	PATH = 512,
	PACKET_MAX = 512,
	ERRORS_MAX = 100,
	RETRIES = 30,
	RETRY_MS = 100
};

/* --- transfers --- */

static void queue_read(struct functionfs_transfer *t)
{
	struct functionfs *f = t->f;

	aio_read(&f->aio, &t->io, f->out, t->data, f->read_size);
}

/* Check the result of a transfer; returns whether to queue another one. A
 * transfer that a disable or reset ends is not an error. After ERRORS_MAX
 * consecutive other errors, give up. */
static bool check_result(struct functionfs *f, int64_t result)
{
	if (result >= 0) {
		f->errors = 0;
		return f->enabled;
	}
	if (result == -ESHUTDOWN || result == -ECONNRESET ||
	    result == -EAGAIN || result == -EINTR)
		return false; /* the next ENABLE event restarts */
	if (f->errors++ == 0)
		log_write(&f->device->log, LOG_LEVEL_WARN, "USB transfer: %s",
			  strerror((int)-result));
	return f->enabled && f->errors < ERRORS_MAX;
}

static void complete_read(struct aio_io *io, int64_t result)
{
	struct functionfs_transfer *t = io->ctx;
	struct functionfs *f = t->f;
	bool more = check_result(f, result);

	f->received |= result > 0 && f->enabled;
	if (result >= 0 && f->enabled)
		device_rx(f->device, t->data, (size_t)result,
			  result < f->read_size);
	if (more)
		queue_read(t);
}

static void complete_write(struct aio_io *io, int64_t result)
{
	struct functionfs_transfer *t = io->ctx;

	(void)check_result(t->f, result);
}

static void queue_writes(struct functionfs *f)
{
	for (int i = 0; f->enabled && i < FUNCTIONFS_WRITES; i++) {
		struct functionfs_transfer *t = &f->write[i];
		size_t n = 0;

		if (t->io.pending)
			continue;
		if (!f->zlp)
			n = device_tx(f->device, t->data, FUNCTIONFS_WRITE);
		if (!n && !f->zlp)
			return;
		f->zlp = !f->zlp &&
			 mctp_usb_needs_zlp(&f->device->usb, n, f->packet);
		aio_write(&f->aio, &t->io, f->in, t->data, n);
	}
}

static int count_reads(const struct functionfs *f)
{
	return f->span ? FUNCTIONFS_READS_SPAN : FUNCTIONFS_READS;
}

void functionfs_poll(struct functionfs *f)
{
	if (f->enabled)
		for (int i = 0; i < count_reads(f); i++)
			if (!f->read[i].io.pending && f->errors < ERRORS_MAX)
				queue_read(&f->read[i]);
	queue_writes(f);
	aio_flush(&f->aio);
}

/* --- events --- */

static void disable(struct functionfs *f)
{
	f->enabled = f->zlp = f->received = false;
	f->errors = 0;
	device_reset(f->device);
}

/* Handle an ENABLE event. The packet size of the endpoint shows the speed of
 * the bus. */
static void enable(struct functionfs *f)
{
	struct usb_endpoint_descriptor e;
	bool high;

	disable(f);
	f->packet = PACKET_MAX;
	if (!ioctl(f->out, FUNCTIONFS_ENDPOINT_DESC, &e))
		f->packet = (uint16_t)(le16toh(e.wMaxPacketSize) & 0x7ff);
	if (f->packet > PACKET_MAX)
		f->packet = PACKET_MAX;
	high = f->packet == PACKET_MAX;
	f->read_size = f->span ? FUNCTIONFS_READ_SPAN : f->packet;
	f->enabled = true;
	device_attached(f->device, high ? "high speed" : "full speed");
}

/* Stall every control request that arrives here: the kernel handles the
 * standard requests, and this function has no others. I/O in the wrong
 * direction makes FunctionFS stall ep0. */
static void stall_request(struct functionfs *f, const struct usb_ctrlrequest *r)
{
	uint8_t none;
	ssize_t n = r->bRequestType & USB_DIR_IN ? read(f->ep0.fd, &none, 0)
						 : write(f->ep0.fd, &none, 0);

	if (n >= 0 || errno != EL2HLT)
		log_write(&f->device->log, LOG_LEVEL_DEBUG,
			  "control request %02x %02x was not stalled",
			  r->bRequestType, r->bRequest);
}

static void handle_event(struct functionfs *f,
			 const struct usb_functionfs_event *e)
{
	static const char *const names[] = { "bind",	"unbind", "enable",
					     "disable", "setup",  "suspend",
					     "resume" };

	if (e->type < sizeof(names) / sizeof(names[0]))
		log_write(&f->device->log, LOG_LEVEL_DEBUG, "FunctionFS: %s",
			  names[e->type]);
	switch (e->type) {
	case FUNCTIONFS_ENABLE:
		enable(f);
		break;
	case FUNCTIONFS_UNBIND:
	case FUNCTIONFS_DISABLE:
		if (f->enabled)
			device_detached(f->device);
		disable(f);
		break;
	case FUNCTIONFS_SETUP:
		stall_request(f, &e->u.setup);
		break;
	default:
		break;
	}
}

static void ep0_ready(void *ctx, uint32_t events)
{
	struct functionfs *f = ctx;
	struct usb_functionfs_event list[FUNCTIONFS_EVENTS];
	ssize_t n;

	(void)events;
	n = read(f->ep0.fd, list, sizeof(list));
	for (ssize_t i = 0; i < n / (ssize_t)sizeof(list[0]); i++)
		handle_event(f, &list[i]);
}

/* --- opening and closing --- */

static int fail(const struct functionfs *f, char *error, size_t cap,
		const char *what)
{
	const char *hint = "";

	if (errno == ENOENT)
		hint = ". Mount FunctionFS there: mount -t functionfs "
		       "NAME DIR";
	else if (errno == EACCES || errno == EPERM)
		hint = ". Run as root, or mount with uid= and gid=";
	else if (errno == EBUSY || errno == ESRCH)
		hint = ". Another process uses it";
	snprintf(error, cap, "--functionfs %s: %s: %s%s", f->dir, what,
		 strerror(errno), hint);
	return ERR_IO;
}

static int open_file(const struct functionfs *f, const char *name)
{
	char path[PATH];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", f->dir, name) >=
	    sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

/* The kernel may need time to release ep0 after the previous process ended. */
static int open_ep0(const struct functionfs *f)
{
	const struct timespec pause = { 0, RETRY_MS * 1000000L };
	int fd = open_file(f, "ep0");

	for (int i = 0; fd < 0 && errno == EBUSY && i < RETRIES; i++) {
		nanosleep(&pause, NULL);
		fd = open_file(f, "ep0");
	}
	return fd;
}

static void init_transfers(struct functionfs *f)
{
	size_t size = f->span ? FUNCTIONFS_READ_SPAN : PACKET_MAX;

	for (int i = 0; i < count_reads(f); i++)
		f->read[i] = (struct functionfs_transfer){
			.io = { .done = complete_read, .ctx = &f->read[i] },
			.f = f,
			.data = f->read_data + (size_t)i * size,
		};
	for (int i = 0; i < FUNCTIONFS_WRITES; i++)
		f->write[i] = (struct functionfs_transfer){
			.io = { .done = complete_write, .ctx = &f->write[i] },
			.f = f,
			.data = f->write_data[i],
		};
}

static void close_files(struct functionfs *f)
{
	if (f->in >= 0)
		close(f->in);
	if (f->out >= 0)
		close(f->out);
	if (f->ep0.fd >= 0)
		close(f->ep0.fd);
}

static int start(struct functionfs *f, char *error, size_t cap)
{
	uint8_t head[FUNCTIONFS_HEAD_MAX];
	size_t n = functionfs_descriptors(f->span, head, sizeof(head));

	if (f->ep0.fd < 0)
		return fail(f, error, cap, "cannot open ep0");
	if (write(f->ep0.fd, head, n) < 0)
		return fail(f, error, cap, "cannot write descriptors");
	n = functionfs_strings(head, sizeof(head));
	if (write(f->ep0.fd, head, n) < 0)
		return fail(f, error, cap, "cannot write strings");
	f->out = open_file(f, "ep1");
	f->in = open_file(f, "ep2");
	if (f->out < 0 || f->in < 0)
		return fail(f, error, cap, "cannot open the endpoints");
	if (loop_add(f->loop, &f->ep0, EPOLLIN))
		return fail(f, error, cap, "cannot wait for ep0");
	if (aio_open(&f->aio, f->loop, FUNCTIONFS_READS + FUNCTIONFS_WRITES))
		return fail(f, error, cap, "cannot set up asynchronous I/O");
	return ERR_OK;
}

int functionfs_open(struct functionfs *f, char *error, size_t cap)
{
	int err;

	f->in = f->out = -1;
	f->enabled = false;
	f->ep0 = (struct loop_source){ open_ep0(f), ep0_ready, f };
	init_transfers(f);
	err = start(f, error, cap);
	if (err)
		close_files(f);
	return err;
}

void functionfs_close(struct functionfs *f)
{
	loop_remove(f->loop, &f->ep0);
	f->enabled = false;
	aio_close(&f->aio);
	close_files(f);
}

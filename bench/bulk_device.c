/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device for measuring bare bulk transfers: discards all OUT data and
 * completes every IN transfer with unspecified data. It has the descriptors of
 * usbnvme's MCTP interface, and is reached over USB/IP or FunctionFS.
 *
 * usage: bulk_device usbip PORT | functionfs DIR SIZE
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "ports/functionfs/head.h"
#include "linux_sys/aio.h"
#include "linux_sys/loop.h"
#include "posix/parse.h"
#include "usb/descriptors.h"
#include "usbserve/usbip_export.h"
#include "usbserve/usbip_server.h"

enum { WINDOW = 32, LARGE = 32768, GET_DESCRIPTOR = 6 };

static struct loop loop;
static struct log log_ring;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* --- USB/IP --- */

static const struct usb_identity identity = {
	.vendor = 0xccde,
	.manufacturer = "tether",
	.product_name = "bare bulk",
	.serial = "0",
	.features = USB_FEATURE_MCTP,
};

static struct usbip_export export;

static void handle_control(struct usbserve_urb *u)
{
	uint8_t d[USB_DESCRIPTOR_MAX];
	size_t n = 0;

	u->status = 0;
	u->actual = 0;
	if (u->setup[1] != GET_DESCRIPTOR)
		return;
	if (u->setup[3] == 1)
		n = usb_device_descriptor(&identity, d, sizeof(d));
	else if (u->setup[3] == 2)
		n = usb_configuration_descriptor(&identity, USB_SPEED_HIGH,
						 false, d, sizeof(d));
	else if (u->setup[3] == 3)
		n = usb_string_descriptor(&identity, u->setup[2], d, sizeof(d));
	if (!n)
		u->status = -EPIPE;
	u->actual = (uint32_t)(n < u->length ? n : u->length);
	memcpy(u->data, d, u->actual);
}

static void submit(void *device, struct usbserve_urb *u)
{
	(void)device;
	u->status = 0;
	u->actual = u->length;
	if (!(u->endpoint & 0x0f))
		handle_control(u);
	u->complete(u);
}

static void cancel(void *device, struct usbserve_urb *u)
{
	(void)device;
	(void)u; /* every URB completes at once */
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

static const struct usbserve_ops ops = {
	.submit = submit,
	.cancel = cancel,
	.reset = reset,
	.run = run,
	.speed = speed,
};

static void serve_usbip(uint16_t port)
{
	static struct usbip_server server;
	const struct usbip_server_config config = {
		.loop = &loop,
		.log = &log_ring,
		.address = "127.0.0.1",
		.port = port,
		.devices = 1,
		.device = usbip_export_device,
		.import = usbip_export_accept,
		.ctx = &export,
	};
	char error[256];

	export.loop = &loop;
	export.log = &log_ring;
	export.ops = &ops;
	if (usbip_export_init(&export, 1) ||
	    usbip_server_start(&server, &config, error, sizeof(error)))
		die("cannot serve USB/IP");
	puts("ready");
	fflush(stdout);
	for (;;) {
		if (loop_turn(&loop, 100))
			die("event loop");
		if (export.conn)
			usbip_conn_flush(export.conn);
		usbip_server_poll(&server);
	}
}

/* --- FunctionFS --- */

struct transfer {
	struct aio_io io;
	uint8_t data[LARGE];
};

static struct aio aio;
static struct transfer out[WINDOW], in[WINDOW];

static void ignore_result(struct aio_io *io, int64_t result)
{
	(void)io;
	(void)result; /* serve_functionfs() queues it again */
}

static int open_file(const char *dir, const char *name)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDWR | O_NONBLOCK);
	if (fd < 0)
		die(path);
	return fd;
}

static void write_head(int ep0)
{
	uint8_t head[FUNCTIONFS_HEAD_MAX];
	size_t n = functionfs_descriptors(false, head, sizeof(head));

	if (write(ep0, head, n) < 0)
		die("cannot write descriptors");
	n = functionfs_strings(head, sizeof(head));
	if (write(ep0, head, n) < 0)
		die("cannot write strings");
}

static void serve_functionfs(const char *dir, size_t size)
{
	int ep0 = open_file(dir, "ep0"), ep_out, ep_in;

	write_head(ep0);
	ep_out = open_file(dir, "ep1");
	ep_in = open_file(dir, "ep2");
	if (aio_open(&aio, &loop, 2 * WINDOW))
		die("asynchronous I/O");
	for (int i = 0; i < WINDOW; i++)
		out[i].io.done = in[i].io.done = ignore_result;
	puts("ready");
	fflush(stdout);
	for (;;) {
		for (int i = 0; i < WINDOW; i++) {
			if (!out[i].io.pending)
				aio_read(&aio, &out[i].io, ep_out, out[i].data,
					 size);
			if (!in[i].io.pending)
				aio_write(&aio, &in[i].io, ep_in, in[i].data,
					  size);
		}
		aio_flush(&aio);
		if (loop_turn(&loop, 10))
			die("event loop");
	}
}

int main(int argc, char **argv)
{
	uint64_t number;

	log_init(&log_ring, LOG_LEVEL_INFO);
	if (loop_init(&loop))
		die("event loop");
	if (argc == 3 && !strcmp(argv[1], "usbip") &&
	    !parse_number(argv[2], 10, 1, UINT16_MAX, &number))
		serve_usbip((uint16_t)number);
	if (argc == 4 && !strcmp(argv[1], "functionfs") &&
	    !parse_number(argv[3], 10, 1, LARGE, &number))
		serve_functionfs(argv[2], (size_t)number);
	fputs("usage: bulk_device usbip PORT | functionfs DIR SIZE\n", stderr);
	return 2;
}

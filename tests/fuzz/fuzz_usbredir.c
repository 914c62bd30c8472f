/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes a usbredir connection to a complete device. The peer sends arbitrary
 * bytes. The connection must end when the peer disconnects.
 *
 * Input: the bytes of the peer. Unless the first bit is set, the target sends a
 * valid hello packet before them.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "device/dut.h"
#include "linux_sys/loop.h"
#include "ports/virtual/dcd_virtual.h"
#include "usbserve/usbredir_conn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 60000, TURNS = 4, LAST_TURNS = 200, HELLO = 12 + 64 + 4 };

static struct loop loop;
static struct usbredir_conn *conn;

static void forget_connection(void *ctx)
{
	(void)ctx;
	conn = NULL;
}

static void turn(void)
{
	(void)loop_turn(&loop, 0);
	if (conn)
		usbredir_conn_flush(conn);
}

/* Send a hello packet: type 0, length 68 and ID 0 in little endian, then a
 * version text and no capabilities. */
static void send_hello(int fd)
{
	static const uint8_t hello[HELLO] = { 0, 0, 0, 0, 68 };

	if (write(fd, hello, sizeof(hello)) != (ssize_t)sizeof(hello))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct usbredir_conn_config config;
	static uint8_t sink[65536];
	int ends[2];

	if (!config.ops) {
		struct device *d = dut_start(MCTP_USB_1_0, USB_SPEED_HIGH);

		config.ops = &dcd_virtual_ops;
		config.loop = &loop;
		config.log = d ? &d->log : NULL;
		config.closed = forget_connection;
		if (!d || loop_init(&loop))
			abort();
	}
	if (!size || socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		return 0;
	if (size > INPUT_MAX)
		size = INPUT_MAX;
	conn = usbredir_conn_open(ends[1], &config);
	if (!conn)
		abort();
	if (!(data[0] & 1))
		send_hello(ends[0]);
	if (write(ends[0], data + 1, size - 1) != (ssize_t)(size - 1))
		abort();
	for (int i = 0; i < TURNS; i++)
		turn();
	while (recv(ends[0], sink, sizeof(sink), MSG_DONTWAIT) > 0)
		turn();
	close(ends[0]);
	for (int i = 0; conn && i < LAST_TURNS; i++)
		turn();
	if (conn)
		abort(); /* the connection outlives its peer */
	return 0;
}

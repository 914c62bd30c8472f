/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A USB/IP server for unit tests of the client. A socket pair connects both,
 * and the test itself sends every byte of the server. The test sends replies
 * before the client needs them, so one thread is enough.
 */
#ifndef TETHER_TESTS_UNIT_FAKE_SERVER_H
#define TETHER_TESTS_UNIT_FAKE_SERVER_H

#include "cm.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/wire.h"
#include "host/usbip_client.h"

enum {
	DEVID = 0x00030004,
	IMPORT_REQUEST = USBIP_OP_HEADER_SIZE + USBIP_BUSID_SIZE,
	DATA_SIZE = 64,
};

static int server;
static struct usbhost *host;
static char error[256];
static uint8_t received[1 << 20]; /* filled by receive() */

/* --- the server's side --- */

static inline void send_bytes(const void *data, size_t len)
{
	assert_int_equal(send(server, data, len, MSG_NOSIGNAL), len);
}

static inline void send_op(uint16_t version, uint16_t code, uint32_t status)
{
	const struct usbip_op op = { version, code, status };
	uint8_t data[USBIP_OP_HEADER_SIZE];

	usbip_wire_op_encode(&op, data);
	send_bytes(data, sizeof(data));
}

static inline void send_device(uint8_t interfaces)
{
	struct usbip_device d = { .busid = "3-4", .interfaces = interfaces };
	uint8_t data[USBIP_DEVICE_SIZE];

	d.busnum = DEVID >> 16;
	d.devnum = DEVID & 0xffff;
	usbip_wire_device_encode(&d, data);
	send_bytes(data, sizeof(data));
}

static inline void send_ret_submit(uint32_t seqnum, int32_t status,
				   uint32_t actual, const void *data,
				   size_t len)
{
	const struct usbip_urb u = {
		.command = USBIP_RET_SUBMIT,
		.seqnum = seqnum,
		.ret_submit = { .status = status, .actual = actual },
	};
	uint8_t all[USBIP_HEADER_SIZE + 1024];

	usbip_wire_urb_encode(&u, all);
	if (len)
		memcpy(all + USBIP_HEADER_SIZE, data, len);
	send_bytes(all, USBIP_HEADER_SIZE + len);
}

static inline void send_ret_unlink(uint32_t seqnum, int32_t status)
{
	const struct usbip_urb u = {
		.command = USBIP_RET_UNLINK,
		.seqnum = seqnum,
		.ret_unlink = status,
	};
	uint8_t data[USBIP_HEADER_SIZE];

	usbip_wire_urb_encode(&u, data);
	send_bytes(data, sizeof(data));
}

/* Read what the client has sent in one call: a record of a SOCK_SEQPACKET. */
static inline size_t receive(void)
{
	ssize_t n = recv(server, received, sizeof(received), MSG_DONTWAIT);

	return n < 0 ? 0 : (size_t)n;
}

/* --- the client's side --- */

static unsigned int completions;

static inline void count(struct usbhost_transfer *t)
{
	(void)t;
	completions++;
}

static inline struct usbhost_transfer transfer(uint8_t endpoint, void *data,
					       uint32_t length)
{
	return (struct usbhost_transfer){ .endpoint = endpoint,
					  .data = data,
					  .length = length,
					  .done = count,
					  .status = 99 };
}

static inline int submit(struct usbhost_transfer *t)
{
	return host->ops->submit(host, t);
}

static inline int poll_now(void)
{
	return host->ops->poll(host, 0);
}

static inline void connect_client(int type)
{
	int ends[2], size = 1 << 20;

	assert_int_equal(socketpair(AF_UNIX, type, 0, ends), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF,
					    &size, sizeof(size)),
				 0);
	server = ends[0];
	host = NULL;
	completions = 0;
	error[0] = '\0';
	send_op(USBIP_VERSION, USBIP_OP_REP_IMPORT, USBIP_ST_OK);
	send_device(0);
	host = usbip_client_import(ends[1], "3-4", error, sizeof(error));
	assert_non_null(host);
	assert_int_equal(receive(), IMPORT_REQUEST);
}

static inline int setup(void **state)
{
	(void)state;
	connect_client(SOCK_STREAM);
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	if (host)
		host->ops->close(host);
	host = NULL;
	close(server);
	return 0;
}

#define ON(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif

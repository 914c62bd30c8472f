/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes the USB/IP listener before an import. A client on the loopback
 * interface sends arbitrary bytes in two pieces. Replies must be well-formed,
 * the listener must export only devices that exist, and it must serve the next
 * client.
 *
 * Input: the offset of the second piece (modulo the input size), then the
 * bytes.
 */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "usbserve/usbip_server.h"
#include "usbserve/usbip_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DEVICES = 2, TURNS = 3, INPUT_MAX = 4096 };

static struct loop loop;
static struct log device_log;
static struct usbip_server server;
static struct usbip_device device[DEVICES];
static int imported = -1;

static void expect(bool true_always)
{
	if (!true_always)
		abort();
}

static const struct usbip_device *find_device(void *ctx, unsigned int i)
{
	(void)ctx;
	expect(i < DEVICES);
	return &device[i];
}

static void take_import(void *ctx, unsigned int i, int fd)
{
	(void)ctx;
	expect(i < DEVICES && imported < 0);
	imported = fd;
}

static void start_server(void)
{
	static char error[256];
	struct usbip_server_config config = {
		.loop = &loop,
		.log = &device_log,
		.address = "127.0.0.1",
		.devices = DEVICES,
		.device = find_device,
		.import = take_import,
	};

	log_init(&device_log, LOG_LEVEL_ERROR);
	for (int i = 0; i < DEVICES; i++) {
		strcpy(device[i].busid, i ? "1-2" : "1-1");
		device[i].interfaces = (uint8_t)(i + 1);
	}
	expect(!loop_init(&loop));
	expect(!usbip_server_start(&server, &config, error, sizeof(error)));
}

static void turn(void)
{
	for (int i = 0; i < TURNS; i++)
		(void)loop_turn(&loop, 0);
	usbip_server_poll(&server);
}

static int connect_client(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(server.port),
				  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	expect(fd >= 0 && !connect(fd, (struct sockaddr *)&to, sizeof(to)));
	return fd;
}

static void check_reply(const uint8_t *reply, size_t len)
{
	struct usbip_op op;

	if (len < USBIP_OP_HEADER_SIZE)
		return;
	usbip_wire_op_decode(&op, reply);
	expect(op.code == USBIP_OP_REP_DEVLIST ||
	       op.code == USBIP_OP_REP_IMPORT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t reply[8192];
	size_t first;
	ssize_t n;
	int fd;

	if (!server.config.loop)
		start_server();
	if (!size || size > INPUT_MAX)
		return 0;
	first = data[0] % size;
	fd = connect_client();
	expect(send(fd, data + 1, first ? first - 1 : 0, MSG_NOSIGNAL) >= 0);
	turn();
	first = first ? first : 1;
	(void)!send(fd, data + first, size - first, MSG_NOSIGNAL);
	turn();
	n = recv(fd, reply, sizeof(reply), MSG_DONTWAIT);
	if (n > 0)
		check_reply(reply, (size_t)n);
	close(fd);
	turn();
	if (imported >= 0)
		close(imported);
	imported = -1;
	return 0;
}

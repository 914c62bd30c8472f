/* SPDX-License-Identifier: Apache-2.0 */
#include "host/usbip_connect.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/printable.h"
#include "base/wire.h"
#include "posix/clock.h"
#include "posix/tcp.h"

enum { REPLY_SECONDS = 5 };

static int explain(char *error, size_t cap, const char *host, const char *port,
		   const char *what)
{
	snprintf(error, cap, "%s port %s: %s", host, port, what);
	return ERR_IO;
}

int usbip_connect_open(const char *host, const char *port, char *error,
		       size_t cap)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list;
	int fd, err = getaddrinfo(host, port, &hints, &list), one = 1;

	if (err)
		return explain(error, cap, host, port, gai_strerror(err));
	fd = tcp_connect(list, REPLY_SECONDS * 1000);
	freeaddrinfo(list);
	if (fd >= 0) {
		(void)fcntl(fd, F_SETFL, 0); /* blocking */
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one,
				 sizeof(one));
		return fd;
	}
	return explain(
		error, cap, host, port,
		errno == ECONNREFUSED
			? "nothing listens there. Start usbnvme, or name "
			  "its address with --via usbip:HOST:PORT"
			: strerror(errno));
}

/* A request and its reply, which must be complete at until_ms. */
struct exchange {
	int fd;
	uint32_t until_ms;
	char *error;
	size_t cap;
};

static struct exchange start_exchange(int fd, char *error, size_t cap)
{
	return (struct exchange){
		.fd = fd,
		.until_ms = clock_now_ms() + REPLY_SECONDS * 1000,
		.error = error,
		.cap = cap,
	};
}

/* Wait until the socket is ready. A server that sends a byte now and then does
 * not extend the time. */
static bool wait_ready(const struct exchange *x, short events)
{
	struct pollfd p = { .fd = x->fd, .events = events };
	int32_t left = (int32_t)(x->until_ms - clock_now_ms());

	if (left > 0 && poll(&p, 1, left) != 0)
		return true; /* ready, or EINTR: the caller tries again */
	snprintf(x->error, x->cap,
		 "no complete reply from the USB/IP server in %d s",
		 REPLY_SECONDS);
	return false;
}

static int receive_all(const struct exchange *x, void *data, size_t len)
{
	uint8_t *p = data;

	while (len) {
		ssize_t n;

		if (!wait_ready(x, POLLIN))
			return ERR_IO;
		n = recv(x->fd, p, len, MSG_DONTWAIT);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			snprintf(x->error, x->cap,
				 "cannot read from the USB/IP server: %s",
				 strerror(errno));
		else if (!n)
			snprintf(x->error, x->cap,
				 "the USB/IP server closed the connection");
		if (n <= 0)
			return ERR_IO;
		p += n;
		len -= (size_t)n;
	}
	return ERR_OK;
}

static int explain_status(const struct exchange *x, uint32_t status,
			  const char *busid)
{
	bool busy =
		busid && (status == USBIP_ST_NA || status == USBIP_ST_DEV_BUSY);

	if (!busid)
		snprintf(x->error, x->cap,
			 "the USB/IP server refuses to list its devices "
			 "(status %u)",
			 status);
	else
		snprintf(x->error, x->cap, "device %s: %s", busid,
			 busy ? "in use by another host. Detach it there"
			      : "the server has no such device");
	return busy ? ERR_BUSY : ERR_IO;
}

/* Send a request and check the header of the reply. busid: the device of an
 * import request; otherwise NULL. */
static int request(const struct exchange *x, uint16_t code, const char *busid)
{
	const struct usbip_op request = { USBIP_VERSION, code, 0 };
	uint8_t data[USBIP_OP_HEADER_SIZE + USBIP_BUSID_SIZE] = { 0 };
	size_t len = USBIP_OP_HEADER_SIZE;
	struct usbip_op reply;

	usbip_wire_op_encode(&request, data);
	if (busid) {
		snprintf((char *)data + len, USBIP_BUSID_SIZE, "%s", busid);
		len += USBIP_BUSID_SIZE;
	}
	if (send(x->fd, data, len, MSG_NOSIGNAL) != (ssize_t)len) {
		snprintf(x->error, x->cap,
			 "cannot write to the USB/IP server: %s",
			 strerror(errno));
		return ERR_IO;
	}
	if (receive_all(x, data, USBIP_OP_HEADER_SIZE))
		return ERR_IO;
	usbip_wire_op_decode(&reply, data);
	if (reply.code != (code & 0x7fff)) {
		snprintf(x->error, x->cap,
			 "the peer there is not a USB/IP server");
		return ERR_IO;
	}
	if (reply.version != USBIP_VERSION) {
		snprintf(x->error, x->cap,
			 "the server speaks USB/IP %x.%x.%x, not 1.1.1",
			 reply.version >> 8, reply.version >> 4 & 0xf,
			 reply.version & 0xf);
		return ERR_IO;
	}
	return reply.status ? explain_status(x, reply.status, busid) : ERR_OK;
}

/* Read the device that follows the header of a reply. `listed`: also read its
 * interfaces, which only a device list has. */
static int read_device(const struct exchange *x, struct usbip_device *d,
		       bool listed)
{
	uint8_t data[USBIP_DEVICE_SIZE];
	struct usbip_interface ignored;

	if (receive_all(x, data, sizeof(data)))
		return ERR_IO;
	usbip_wire_device_decode(d, data);
	/* Both are printed. A name that is not printable cannot be requested.
	 */
	(void)printable(d->path);
	(void)printable(d->busid);
	for (unsigned int i = 0; listed && i < d->interfaces; i++) {
		if (receive_all(x, data, USBIP_INTERFACE_SIZE))
			return ERR_IO;
		usbip_wire_interface_decode(
			i < USBIP_INTERFACES_MAX ? &d->interface[i] : &ignored,
			data);
	}
	if (d->interfaces > USBIP_INTERFACES_MAX)
		d->interfaces = USBIP_INTERFACES_MAX;
	return ERR_OK;
}

int usbip_connect_read_list(int fd, struct usbip_device **devices, char *error,
			    size_t cap)
{
	const struct exchange x = start_exchange(fd, error, cap);
	uint8_t data[4];
	uint32_t count;
	struct rd r;

	if (request(&x, USBIP_OP_REQ_DEVLIST, NULL) ||
	    receive_all(&x, data, sizeof(data)))
		return ERR_IO;
	r = rd_init(data, sizeof(data));
	count = rd_be32(&r);
	if (count > USBIP_DEVICES_MAX) {
		snprintf(error, cap,
			 "the server announces %u devices, more than 1024",
			 count);
		return ERR_IO;
	}
	*devices = calloc(count + 1, sizeof(**devices));
	for (uint32_t i = 0; *devices && i < count; i++) {
		if (read_device(&x, &(*devices)[i], true)) {
			free(*devices);
			*devices = NULL;
			return ERR_IO;
		}
	}
	if (*devices)
		return (int)count;
	snprintf(error, cap, "out of memory");
	return ERR_IO;
}

int usbip_connect_import(int fd, const char *busid, struct usbip_device *d,
			 char *error, size_t cap)
{
	const struct exchange x = start_exchange(fd, error, cap);
	int err = request(&x, USBIP_OP_REQ_IMPORT, busid);

	return err ? err : read_device(&x, d, false);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "usbserve/usbip_export.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "linux_sys/loop.h"
#include "usbserve/enumerate.h"
#include "usbserve/log_limit.h"

enum { BUS = 1, ADDRESS = 1 };

uint32_t usbip_export_devid(const struct usbip_device *d)
{
	return d->busnum << 16 | d->devnum;
}

int usbip_export_init(struct usbip_export *e, unsigned int number)
{
	struct usbip_device *d = &e->info;
	int err;

	memset(d, 0, sizeof(*d));
	e->conn = NULL;
	snprintf(d->path, sizeof(d->path), "/tether/usb%d/%d-%u", BUS, BUS,
		 number);
	snprintf(d->busid, sizeof(d->busid), "%d-%u", BUS, number);
	d->busnum = BUS;
	d->devnum = number + 1; /* 1 is the root hub */
	err = usbserve_attach(e->ops, e->device, ADDRESS);
	if (!err)
		err = usbserve_enumerate(e->ops, e->device, d);
	e->ops->reset(e->device, false);
	return err;
}

static void forget_conn(void *ctx)
{
	struct usbip_export *e = ctx;

	e->conn = NULL;
	log_write(e->log, LOG_LEVEL_DEBUG, "USB/IP: %s released",
		  e->info.busid);
}

/* Send without waiting: eight bytes fit into the buffer of a new socket. */
static void refuse(int fd, uint32_t status)
{
	const struct usbip_op op = { USBIP_VERSION, USBIP_OP_REP_IMPORT,
				     status };
	uint8_t reply[USBIP_OP_HEADER_SIZE];

	usbip_wire_op_encode(&op, reply);
	(void)send(fd, reply, sizeof(reply), MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

void usbip_export_import(struct usbip_export *e, int fd)
{
	const struct usbip_op op = { USBIP_VERSION, USBIP_OP_REP_IMPORT,
				     USBIP_ST_OK };
	const struct usbip_conn_config config = {
		.loop = e->loop,
		.log = e->log,
		.ops = e->ops,
		.device = e->device,
		.devid = usbip_export_devid(&e->info),
		.closed = forget_conn,
		.ctx = e,
	};
	uint8_t reply[USBIP_OP_HEADER_SIZE + USBIP_DEVICE_SIZE];

	if (e->conn) {
		static struct log_limit limit;

		log_limit_warn(&limit, e->log, e->loop->now_ms,
			       "USB/IP: import of %s refused: the device is in "
			       "use",
			       e->info.busid);
		refuse(fd, USBIP_ST_NA);
		return;
	}
	if (usbserve_attach(e->ops, e->device, ADDRESS)) {
		log_write(e->log, LOG_LEVEL_ERROR,
			  "USB/IP: %s does not respond to enumeration",
			  e->info.busid);
		refuse(fd, USBIP_ST_NODEV);
		return;
	}
	usbip_wire_op_encode(&op, reply);
	usbip_wire_device_encode(&e->info, reply + USBIP_OP_HEADER_SIZE);
	e->conn = usbip_conn_open(fd, &config, reply, sizeof(reply));
	if (!e->conn)
		log_write(e->log, LOG_LEVEL_ERROR, "USB/IP: out of memory");
	else
		log_write(e->log, LOG_LEVEL_DEBUG, "USB/IP: %s imported",
			  e->info.busid);
}

const struct usbip_device *usbip_export_device(void *ctx, unsigned int i)
{
	const struct usbip_export *e = ctx;

	(void)i;
	return &e->info;
}

void usbip_export_accept(void *ctx, unsigned int i, int fd)
{
	(void)i;
	usbip_export_import(ctx, fd);
}

void usbip_export_close(struct usbip_export *e)
{
	if (e->conn)
		usbip_conn_close(e->conn);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One device offered over USB/IP: its entry in the device list, and the
 * connection that has imported it. One connection at a time may import the
 * device.
 */
#ifndef TETHER_USBSERVE_USBIP_EXPORT_H
#define TETHER_USBSERVE_USBIP_EXPORT_H

#include <stdint.h>

#include "usbserve/usbip_conn.h"
#include "usbserve/usbip_wire.h"

struct usbip_export {
	struct loop *loop;
	struct log *log;
	const struct usbserve_ops *ops;
	void *device;
	struct usbip_device info;
	struct usbip_conn *conn; /* NULL: the device is free */
};

/** Set the busid to "1-NUMBER", enumerate the device and detach it again.
 * Numbers start at 1. The caller has set loop, log, ops and device. ERR_IO: the
 * device does not respond. */
int usbip_export_init(struct usbip_export *e, unsigned int number);

/** Answer an import request on fd, a connected socket that the export now owns.
 * Refuse the request if the device is in use or does not respond. */
void usbip_export_import(struct usbip_export *e, int fd);

/* Callbacks of struct usbip_server_config for a server with this one device.
 * ctx: the export. */
const struct usbip_device *usbip_export_device(void *ctx, unsigned int i);
void usbip_export_accept(void *ctx, unsigned int i, int fd);

/** Close the connection, if the device is imported. */
void usbip_export_close(struct usbip_export *e);

/** The devid of commands: busnum in the upper 16 bits, devnum in the lower. */
uint32_t usbip_export_devid(const struct usbip_device *d);

#endif

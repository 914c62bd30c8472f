/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One device offered over USB/IP: who it is, and the one connection that may
 * have it at a time.
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
	struct usbip_conn *conn; /* NULL: free to import */
};

/** Busid "1-NUMBER", number from 1 on. Runs the device to read its
 * descriptors, then detaches it. ERR_IO: it does not answer. */
int usbip_export_init(struct usbip_export *e, unsigned int number);

/** Answer an import request on fd, which is the export's from now on. */
void usbip_export_import(struct usbip_export *e, int fd);

/* As struct usbip_server_config wants them of a server with this one device;
 * ctx is the export. */
const struct usbip_device *usbip_export_device(void *ctx, unsigned int i);
void usbip_export_take(void *ctx, unsigned int i, int fd);

/** End the connection there is. */
void usbip_export_close(struct usbip_export *e);

/** Busnum and devnum as one number: 65536 * busnum + devnum. */
uint32_t usbip_export_devid(const struct usbip_device *d);

#endif

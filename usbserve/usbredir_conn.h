/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One usbredir connection (protocol 0.7), the side that has the device: a
 * virtual machine monitor at the other end makes it a device of its guest.
 * libusbredirparser frames the packets; this file turns them into transfers.
 *
 * What the peer may keep in flight is bounded; a request that the device
 * cannot have (isochronous, streams) is answered as stalled or invalid.
 */
#ifndef TETHER_USBSERVE_USBREDIR_CONN_H
#define TETHER_USBSERVE_USBREDIR_CONN_H

#include "usbserve/usbserve.h"

struct log;
struct loop;
struct usbredir_conn;

enum { USBREDIR_TRANSFER_MAX = 4 << 20, USBREDIR_URBS_MAX = 1024 };

struct usbredir_conn_config {
	struct loop *loop;
	struct log *log;
	const struct usbserve_ops *ops;
	void *device;
	void (*closed)(void *ctx); /* the connection is no more */
	void *ctx;
};

/** Serve fd, which is connected and becomes the connection's. NULL without
 * memory or epoll: fd is closed. */
struct usbredir_conn *usbredir_conn_open(int fd,
					 const struct usbredir_conn_config *c);

/** Send what the device completed by itself. */
void usbredir_conn_flush(struct usbredir_conn *c);

/** End it; closed() is called. */
void usbredir_conn_close(struct usbredir_conn *c);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One usbredir connection (protocol 0.7), on the device's side. The peer is a
 * virtual machine monitor, which gives the device to its guest.
 * libusbredirparser frames the packets; usbredir_transfers.h turns them into
 * transfers. This module owns the socket and announces the device.
 */
#ifndef TETHER_USBSERVE_USBREDIR_CONN_H
#define TETHER_USBSERVE_USBREDIR_CONN_H

#include "usbserve/usbserve.h"

struct log;
struct loop;
struct usbredir_conn;

struct usbredir_conn_config {
	struct loop *loop;
	struct log *log;
	const struct usbserve_ops *ops;
	void *device;
	void (*closed)(
		void *ctx); /* called once, after the connection is freed */
	void *ctx;
};

/** Attach the device and serve fd, a connected socket that the connection now
 * owns. NULL: out of memory, no epoll, or the device does not respond; fd is
 * closed then. */
struct usbredir_conn *usbredir_conn_open(int fd,
					 const struct usbredir_conn_config *c);

/** Send the answers to URBs that the device completed outside the connection's
 * own callbacks. Call it after each turn of the loop. May close the
 * connection. */
void usbredir_conn_flush(struct usbredir_conn *c);

/** Detach the device and free the connection; closed() is called. */
void usbredir_conn_close(struct usbredir_conn *c);

#endif

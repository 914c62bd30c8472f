/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One imported USB/IP connection: commands in, replies out, over a socket
 * that is already past the import. Reads all that is there, submits it, lets
 * the device run, and sends every completion by one writev.
 *
 * What the peer may keep in flight is bounded; whatever breaks the protocol
 * ends the connection with a line in the log, and costs the device nothing.
 */
#ifndef TETHER_USBSERVE_USBIP_CONN_H
#define TETHER_USBSERVE_USBIP_CONN_H

#include <stdint.h>

#include "usbserve/usbserve.h"

struct log;
struct loop;
struct usbip_conn;

enum {
	USBIP_TRANSFER_MAX = 4 << 20,	/* bytes in one URB */
	USBIP_IN_FLIGHT_MAX = 16 << 20, /* bytes in all of them */
	USBIP_URBS_MAX = 4096,
};

struct usbip_conn_config {
	struct loop *loop;
	struct log *log;
	const struct usbserve_ops *ops;
	void *device;
	uint32_t devid;
	void (*closed)(void *ctx); /* the connection is no more */
	void *ctx;
};

/**
 * Serve fd, which becomes the connection's; made non-blocking here. `first`
 * of len bytes goes out before any reply. NULL without memory or epoll: fd is
 * closed.
 */
struct usbip_conn *usbip_conn_open(int fd, const struct usbip_conn_config *c,
				   const uint8_t *first, uint32_t len);

/** Send what the device completed by itself. */
void usbip_conn_flush(struct usbip_conn *c);

/** End it; closed() is called. */
void usbip_conn_close(struct usbip_conn *c);

#endif

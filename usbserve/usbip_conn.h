/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One USB/IP connection after its import request: commands in, replies out.
 * Each turn reads all that the socket has, submits it, runs the device, and
 * sends every completion by one system call, as system calls per transfer limit
 * the throughput.
 *
 * The limits below bound what the peer may keep in flight. A peer that exceeds
 * them or violates the protocol loses the connection, with a line in the log;
 * the device is only detached.
 */
#ifndef TETHER_USBSERVE_USBIP_CONN_H
#define TETHER_USBSERVE_USBIP_CONN_H

#include <stdint.h>

#include "usbserve/usbserve.h"

struct log;
struct loop;
struct usbip_conn;

enum {
	USBIP_TRANSFER_MAX = 4 << 20,	/* bytes of one URB */
	USBIP_IN_FLIGHT_MAX = 16 << 20, /* bytes of all URBs */
	USBIP_URBS_MAX = 4096,
};

struct usbip_conn_config {
	struct loop *loop;
	struct log *log;
	const struct usbserve_ops *ops;
	void *device;
	uint32_t devid; /* that commands must carry */
	void (*closed)(
		void *ctx); /* called once, after the connection is freed */
	void *ctx;
};

/**
 * Serve fd, a connected socket that the connection now owns and makes
 * non-blocking. `len` bytes at `first` are sent before any reply. NULL: out of
 * memory, or no epoll; fd is closed then.
 */
struct usbip_conn *usbip_conn_open(int fd, const struct usbip_conn_config *c,
				   const uint8_t *first, uint32_t len);

/** Send the replies that the device completed outside of the connection's own
 * callbacks. Call it after each turn of the loop. May close the connection. */
void usbip_conn_flush(struct usbip_conn *c);

/** Detach the device and free the connection; closed() is called. */
void usbip_conn_close(struct usbip_conn *c);

#endif

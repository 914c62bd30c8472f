/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One USB/IP connection after its import request: receives commands and sends
 * replies. Each turn of the loop reads all commands that the socket has,
 * submits them, and runs the device. One system call then sends all
 * completions, as a system call for each transfer would limit the throughput.
 *
 * The enum below limits the URBs and bytes that the peer may keep in flight. If
 * a peer exceeds a limit or violates the protocol, the connection is closed
 * with a line in the log. The device is only detached.
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
	uint32_t devid; /* commands must contain it */
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

/** Send the replies to URBs that the device completed outside the connection's
 * own callbacks. Call it after each turn of the loop. May close the
 * connection. */
void usbip_conn_flush(struct usbip_conn *c);

/** Detach the device and free the connection; closed() is called. */
void usbip_conn_close(struct usbip_conn *c);

#endif

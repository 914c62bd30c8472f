/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Offers one device to a virtual machine. It connects to the socket of the
 * virtual machine's monitor (a QEMU chardev with server=on). It retries until
 * the monitor listens, and reconnects after the connection is lost.
 */
#ifndef TETHER_USBSERVE_USBREDIR_H
#define TETHER_USBSERVE_USBREDIR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "linux_sys/loop.h"
#include "usbserve/usbredir_conn.h"

enum { USBREDIR_RETRY_MS = 200 };

struct usbredir {
	/* Set by the caller: */
	struct usbredir_conn_config config; /* without closed and ctx */
	const char *where;		    /* "unix:PATH" or "HOST:PORT" */
	/* Private: */
	struct sockaddr_storage address;
	socklen_t address_len;
	struct loop_source source; /* fd >= 0: connect() is in progress */
	struct usbredir_conn *conn;
	uint32_t tried_ms;
	bool waiting_logged;
};

/** Resolve `where`; usbredir_poll() connects. ERR_INVALID or ERR_NOT_FOUND:
 * `where` is not an address or does not resolve; error has a sentence. */
int usbredir_start(struct usbredir *r, char *error, unsigned int cap);

/** Connect if a connection attempt is due, and send answers. Call it after each
 * turn of the loop. */
void usbredir_poll(struct usbredir *r);

/** Close the connection. */
void usbredir_stop(struct usbredir *r);

#endif

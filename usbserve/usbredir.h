/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device offered to a virtual machine: connects to the socket of its
 * monitor (QEMU's chardev, as server), again and again until it is there, and
 * anew when it went away.
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
	/* the caller's: */
	struct usbredir_conn_config config; /* closed and ctx are set here */
	const char *where;		    /* "unix:PATH" or "HOST:PORT" */
	/* its own: */
	struct sockaddr_storage address;
	socklen_t address_len;
	struct loop_source source; /* fd >= 0: connecting */
	struct usbredir_conn *conn;
	uint32_t tried_ms;
	bool waiting_said;
};

/** Begin. ERR_INVALID: `where` names no address; a sentence in error. */
int usbredir_start(struct usbredir *r, char *error, unsigned int cap);

/** Call it after each turn of the loop. */
void usbredir_poll(struct usbredir *r);

void usbredir_stop(struct usbredir *r);

#endif

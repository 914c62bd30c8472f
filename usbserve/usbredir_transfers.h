/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the peer of a usbredir connection asks of the device, as transfers: each
 * packet becomes a URB, and its completion the packet that answers it.
 */
#ifndef TETHER_USBSERVE_USBREDIR_TRANSFERS_H
#define TETHER_USBSERVE_USBREDIR_TRANSFERS_H

#include <stdbool.h>

#include "usbserve/usbserve.h"

struct redir_urb;
struct usbredirparser;

struct usbredir_transfers {
	/* the connection's: */
	struct usbredirparser *parser; /* its priv is this struct */
	const struct usbserve_ops *ops;
	void *device;
	bool ended; /* what completes now is not answered */
	/* its own: */
	unsigned int urbs;
	struct redir_urb *first; /* those submitted */
	/* interrupt endpoints that are read all the time, by number */
	struct redir_urb *receiving[16];
};

/** Set the parser's functions for requests. */
void usbredir_transfers_set(struct usbredir_transfers *c);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seam between wire servers (USB/IP, usbredir) and a USB device that is
 * not there: a host controller's view of one device. Servers know nothing of
 * the device behind it, and a device nothing of the wire.
 *
 * Everything runs in one loop. submit() may complete a URB at once, or any
 * later call may; the server sends answers when run() has returned.
 */
#ifndef TETHER_USBSERVE_USBSERVE_H
#define TETHER_USBSERVE_USBSERVE_H

#include <stdbool.h>
#include <stdint.h>

enum usbserve_speed { USBSERVE_FULL = 2, USBSERVE_HIGH = 3 }; /* as Linux */

/** One transfer that a host asked for. Belongs to the server. */
struct usbserve_urb {
	uint8_t endpoint; /* address; bit 7: IN. 0x00 or 0x80: control */
	uint8_t setup[8]; /* control only */
	bool zero_packet; /* OUT: end a multiple of the packet size by a ZLP */
	uint8_t *data;
	uint32_t length; /* OUT: bytes in data; IN: room in data */
	uint32_t actual; /* bytes that went over */
	int status;	 /* 0, or a negative errno as Linux gives a driver:
			    EPIPE stall, ECONNRESET cancelled, ESHUTDOWN */
	void (*complete)(struct usbserve_urb *urb);
	void *owner;			  /* the server's */
	struct usbserve_urb *next, *prev; /* the device's while submitted */
};

struct usbserve_ops {
	/** Start a transfer; complete() is called exactly once. */
	void (*submit)(void *device, struct usbserve_urb *urb);
	/** Give a submitted URB up: it completes with -ECONNRESET now. */
	void (*cancel)(void *device, struct usbserve_urb *urb);
	/** A host is there (bus reset follows) or went away: every URB
	 * completes with -ESHUTDOWN. */
	void (*reset)(void *device, bool attached);
	/** Let the device work until it has nothing more to do. Returns the
	 * milliseconds until it wants to be run again, -1 for never. */
	int (*run)(void *device);
	enum usbserve_speed (*speed)(void *device);
};

#endif

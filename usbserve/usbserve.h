/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interface between the wire servers (USB/IP, usbredir) and a software USB
 * device. The interface presents one device as a host controller sees it.
 * Servers know nothing about the device, and devices know nothing about the
 * wire protocol.
 *
 * Server and device run in the same event loop. submit() or any later call may
 * complete a URB. The server sends the answers after run() has returned.
 */
#ifndef TETHER_USBSERVE_USBSERVE_H
#define TETHER_USBSERVE_USBSERVE_H

#include <stdbool.h>
#include <stdint.h>

enum usbserve_speed { USBSERVE_FULL = 2, USBSERVE_HIGH = 3 }; /* as Linux */

/** One transfer that a host requested. The server owns it and its data. */
struct usbserve_urb {
	uint8_t endpoint; /* address; bit 7: IN. 0x00 or 0x80: control */
	uint8_t setup[8]; /* control only */
	bool zero_packet; /* OUT: add a ZLP after a full last packet */
	uint8_t *data;
	uint32_t length; /* OUT: bytes in data; IN: room in data */
	uint32_t actual; /* bytes transferred */
	int status;	 /* 0, or a negative errno as Linux returns to a
			    driver: EPIPE stall, ECONNRESET cancelled,
			    ESHUTDOWN detached or reset */
	void (*complete)(struct usbserve_urb *urb);
	void *owner;			  /* for the server */
	struct usbserve_urb *next, *prev; /* for the device */
};

struct usbserve_ops {
	/** Start a transfer. complete() is called exactly once. */
	void (*submit)(void *device, struct usbserve_urb *urb);
	/** Cancel a submitted URB: it completes with -ECONNRESET before this
	 * call returns. */
	void (*cancel)(void *device, struct usbserve_urb *urb);
	/** Attach the device to a host and reset the bus, or detach it. Every
	 * URB completes with -ESHUTDOWN. */
	void (*reset)(void *device, bool attached);
	/** Run the device until it is idle. Returns the milliseconds until it
	 * must run again, or -1 for no limit. */
	int (*run)(void *device);
	enum usbserve_speed (*speed)(void *device);
};

#endif

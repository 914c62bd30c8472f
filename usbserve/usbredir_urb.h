/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The URBs of one usbredir connection. A URB represents a request of the peer
 * from its packet until the answer is sent. Used by usbredir_transfers and
 * usbredir_interrupt.
 */
#ifndef TETHER_USBSERVE_USBREDIR_URB_H
#define TETHER_USBSERVE_USBREDIR_URB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <usbredirparser.h>

#include "usbserve/usbserve.h"

struct usbredir_urb;

enum {
	USBREDIR_TRANSFER_MAX = 4 << 20,   /* bytes of one request */
	USBREDIR_IN_FLIGHT_MAX = 16 << 20, /* bytes of all submitted URBs */
	USBREDIR_URBS_MAX = 1024,
};

struct usbredir_transfers {
	/* Set by the connection: */
	struct usbredirparser *parser; /* its priv is this struct */
	const struct usbserve_ops *ops;
	void *device;
	bool ended; /* URBs that complete now are not answered */
	/* Private: */
	unsigned int urbs;
	size_t bytes;		    /* of the submitted URBs */
	struct usbredir_urb *first; /* submitted URBs */
	/* The URB that waits at each interrupt IN endpoint, by number. */
	struct usbredir_urb *receiving[16];
};

struct usbredir_urb {
	struct usbserve_urb urb;
	struct usbredir_transfers *owner;
	struct usbredir_urb *next;
	uint64_t id; /* of the peer's packet */
	/* Sends the answer; status is an enum usb_redir_status. */
	void (*answer)(struct usbredir_urb *u, uint8_t status);
	union {
		struct usb_redir_control_packet_header control;
		struct usb_redir_bulk_packet_header bulk;
		struct usb_redir_interrupt_packet_header interrupt;
	};
	bool parser_data; /* libusbredirparser allocated urb.data */
	uint8_t small[1]; /* for data of one byte */
};

/** Allocate a URB. NULL: USBREDIR_URBS_MAX URBs are submitted, or out of
 * memory. */
struct usbredir_urb *usbredir_urb_new(struct usbredir_transfers *c, uint64_t id,
				      void (*answer)(struct usbredir_urb *,
						     uint8_t));

/** Whether another URB of `len` bytes may be submitted. */
bool usbredir_urb_fits(const struct usbredir_transfers *c, uint32_t len);

/** Make room for `len` bytes from the device. false: they do not fit, or out of
 * memory. */
bool usbredir_urb_make_room(struct usbredir_urb *u, uint32_t len);

/** Free a URB that is not submitted. */
void usbredir_urb_free(struct usbredir_urb *u);

/** Submit the URB to the device. On completion, its answer is sent and the URB
 * is freed. */
void usbredir_urb_submit(struct usbredir_urb *u);

/** Answer with `status` without submitting the URB, and free it. */
void usbredir_urb_refuse(struct usbredir_urb *u, uint8_t status);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MCTP over a USB device that no kernel driver has: finds its MCTP interface,
 * keeps transfers queued both ways, and is the host's MCTP endpoint.
 */
#ifndef TETHER_HOST_TRANSPORT_USB_H
#define TETHER_HOST_TRANSPORT_USB_H

#include <stddef.h>

#include "host/transport.h"

struct usbhost;

/** Configure the device and start. The host stays the caller's, and is closed
 * after the transport. NULL with a sentence in error. */
struct transport *transport_usb_open(struct usbhost *h, char *error,
				     size_t cap);

#endif

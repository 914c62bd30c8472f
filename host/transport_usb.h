/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transport over a USB device without a kernel driver. It finds the device's
 * MCTP interface (DSP0283 v1.0 or v1.1), keeps transfers queued in both
 * directions, and runs the host's MCTP endpoint.
 */
#ifndef TETHER_HOST_TRANSPORT_USB_H
#define TETHER_HOST_TRANSPORT_USB_H

#include <stddef.h>

#include "host/transport.h"

struct usbhost;

/** Configure the device and start transfers. The caller keeps h and closes it
 * after the transport. NULL with a sentence in error; errno is EBUSY if another
 * program uses the interface. */
struct transport *transport_usb_open(struct usbhost *h, char *error,
				     size_t cap);

#endif

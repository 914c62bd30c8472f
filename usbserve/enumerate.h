/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a host learns of a device before it uses it: asks a device for its
 * descriptors through the seam, as a hub driver would.
 */
#ifndef TETHER_USBSERVE_ENUMERATE_H
#define TETHER_USBSERVE_ENUMERATE_H

#include <stddef.h>
#include <stdint.h>

#include "usbserve/usbserve.h"

struct usbip_device;

/**
 * One control transfer, run until the device has answered. setup: 8 bytes.
 * Returns the bytes that went over, or a negative errno; -ETIMEDOUT when the
 * device neither answers nor refuses.
 */
int usbserve_control(const struct usbserve_ops *ops, void *device,
		     const uint8_t *setup, uint8_t *data, uint16_t length);

/** Attach, give the device an address (which is a host controller's task, so
 * USB/IP clients do not), and leave it attached. */
int usbserve_attach(const struct usbserve_ops *ops, void *device,
		    uint8_t address);

struct usbserve_endpoint {
	uint8_t address, type, interval; /* type: 0 to 3, as in USB 2.0 9.6.6 */
	uint8_t interface;
	uint16_t packet;
};

/** The endpoints of the first settings. Returns their number, at most max, or
 * ERR_IO. */
int usbserve_endpoints(const struct usbserve_ops *ops, void *device,
		       struct usbserve_endpoint *list, int max);

/** Fill ids, classes, configuration and interfaces. ERR_IO, ERR_INVALID. */
int usbserve_enumerate(const struct usbserve_ops *ops, void *device,
		       struct usbip_device *d);

#endif

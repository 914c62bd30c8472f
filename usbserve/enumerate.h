/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Enumerates a device through usbserve.h as a hub driver would: attaches it,
 * sets its address and reads its descriptors. The wire servers announce the
 * device to their peers with the result. Every call runs the device until it
 * has responded.
 */
#ifndef TETHER_USBSERVE_ENUMERATE_H
#define TETHER_USBSERVE_ENUMERATE_H

#include <stddef.h>
#include <stdint.h>

#include "usbserve/usbserve.h"

struct usbip_device;

/**
 * Run one control transfer to completion. setup: 8 bytes. Returns the bytes of
 * data transferred, or a negative errno: -EPIPE for a stall, -ETIMEDOUT if the
 * device neither completes nor stalls the transfer.
 */
int usbserve_control(const struct usbserve_ops *ops, void *device,
		     const uint8_t *setup, uint8_t *data, uint16_t length);

/** Attach the device and set its address, which USB/IP clients leave to the
 * host controller. ERR_IO: the device does not accept it. */
int usbserve_attach(const struct usbserve_ops *ops, void *device,
		    uint8_t address);

struct usbserve_endpoint {
	uint8_t address, type, interval; /* type: 0 to 3, as in USB 2.0 9.6.6 */
	uint8_t interface;
	uint16_t packet;
};

/** List the endpoints of every interface's alternate setting 0. Returns their
 * number, at most max, or ERR_IO. */
int usbserve_endpoints(const struct usbserve_ops *ops, void *device,
		       struct usbserve_endpoint *list, int max);

/** Fill ids, classes, speed, configuration and interfaces of d. ERR_IO: the
 * device does not return its descriptors. */
int usbserve_enumerate(const struct usbserve_ops *ops, void *device,
		       struct usbip_device *d);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device over TinyUSB: descriptors, class drivers and the turn of the loop.
 * TinyUSB's state is global, so there is one in a program.
 */
#ifndef TETHER_USB_USB_DEVICE_H
#define TETHER_USB_USB_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "usb/descriptors.h"

struct device;

/**
 * Start TinyUSB for d, which must be initialized. Both belong to the caller
 * and stay. speed: the fastest that the controller is to run at.
 * false: TinyUSB or the controller did not start.
 */
bool usb_device_start(struct device *d, const struct usb_identity *id,
		      enum usb_speed speed);

/**
 * One turn: what the controller reported, what the services have to send.
 * Returns whether there is more to do at once.
 */
bool usb_device_poll(uint32_t now_ms);

#endif

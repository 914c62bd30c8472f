/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device over TinyUSB: responds to descriptor requests and runs the class
 * drivers. TinyUSB's state is global, so a program can have only one device.
 */
#ifndef TETHER_USB_USB_DEVICE_H
#define TETHER_USB_USB_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "usb/descriptors.h"

struct device;

/**
 * Start TinyUSB for an initialized device. *d and *id must stay valid.
 * speed: the highest speed to use.
 * false: TinyUSB or the controller did not start.
 */
bool usb_device_start(struct device *d, const struct usb_identity *id,
		      enum usb_speed speed);

/**
 * Process controller events and time-outs, and send waiting data. Call it in
 * each loop turn. Returns true if more events are waiting; the caller must not
 * sleep then.
 */
bool usb_device_poll(uint32_t now_ms);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TinyUSB class driver of the MCTP interface: moves bulk transfers between
 * TinyUSB and a device. OUT is armed again before its data is looked at; the
 * next IN transfer is made while one is under way.
 */
#ifndef TETHER_USB_MCTP_CLASS_H
#define TETHER_USB_MCTP_CLASS_H

struct device;

/** Serve the MCTP interface from d. */
void mctp_class_start(struct device *d);

/** Send what the device has, if the endpoint is free. */
void mctp_class_poll(void);

#endif

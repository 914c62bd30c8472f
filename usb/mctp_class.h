/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TinyUSB class driver of the MCTP interface: moves bulk transfers between
 * TinyUSB and the device. Both directions have two buffers. The driver starts
 * the next OUT transfer before it processes the received data. It fills the
 * next IN transfer while the current IN transfer runs.
 */
#ifndef TETHER_USB_MCTP_CLASS_H
#define TETHER_USB_MCTP_CLASS_H

struct device;

/** Set the device to serve; call it before TinyUSB starts. */
void mctp_class_start(struct device *d);

/** Start an IN transfer if the endpoint is idle and data is waiting. */
void mctp_class_poll(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A USB device controller that is not there: TinyUSB's dcd functions on one
 * side, a host controller's view (usbserve.h) on the other. It moves data as
 * the bus does, in packets: an armed OUT transfer ends by a short packet or
 * when it is full, an IN one by its length alone, and a host that asks for
 * less than a packet holds gets an overflow.
 */
#ifndef TETHER_PORTS_VIRTUAL_DCD_VIRTUAL_H
#define TETHER_PORTS_VIRTUAL_DCD_VIRTUAL_H

#include <stdint.h>

#include "usbserve/usbserve.h"

/** The device side, for a server. Its device argument is not used: TinyUSB
 * has one device in a program. */
extern const struct usbserve_ops dcd_virtual_ops;

/** Where the time comes from, in ms. To be set before run() is called. */
void dcd_virtual_set_clock(uint32_t (*now_ms)(void));

#endif

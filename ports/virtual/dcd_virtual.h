/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A software USB device controller: implements TinyUSB's dcd.h for the device,
 * and usbserve.h for a host. It transfers data in packets, as the bus does. An
 * armed OUT transfer ends with a short packet or when it is full. An armed IN
 * transfer ends after its length. A host URB that is smaller than a packet
 * completes with an overflow.
 */
#ifndef TETHER_PORTS_VIRTUAL_DCD_VIRTUAL_H
#define TETHER_PORTS_VIRTUAL_DCD_VIRTUAL_H

#include <stdint.h>

#include "usbserve/usbserve.h"

/** The device, for a wire server. The calls ignore their device argument, as
 * TinyUSB has one device per program. */
extern const struct usbserve_ops dcd_virtual_ops;

/** Set the clock, in ms. Call it before run(). */
void dcd_virtual_set_clock(uint32_t (*now_ms)(void));

#endif

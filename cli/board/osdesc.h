/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Microsoft's OS descriptors of a device that is there, version 1.0: the
 * string 0xEE, and by the vendor code in it the extended compat id. Windows
 * chooses its driver for a network by that alone.
 */
#ifndef TETHER_CLI_BOARD_OSDESC_H
#define TETHER_CLI_BOARD_OSDESC_H

#include "cli/board/usbrules.h"
#include "host/usbhost.h"

/** Ask the device, and fill in id_known and compatible_id: that of a network
 * where there are several. A device that refuses, or answers out of order, has
 * none; what does not answer in time leaves it unknown. */
void osdesc_read(struct usbhost *h, struct usbrules_device *d);

/** The same for a device of this machine by its place ("1-2.1"). Where it may
 * not be opened nothing is filled in. */
void osdesc_read_place(const char *place, struct usbrules_device *d);

#endif

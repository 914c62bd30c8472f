/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Microsoft's OS descriptors 1.0 of a connected device: the string 0xEE holds a
 * vendor code, which requests the extended compat ID. Windows chooses its
 * network driver by that ID alone.
 */
#ifndef TETHER_CLI_BOARD_OSDESC_H
#define TETHER_CLI_BOARD_OSDESC_H

#include "cli/board/usbrules.h"
#include "host/usbhost.h"

/** Read the descriptors, and fill in id_known and compatible_id. With several
 * functions, the ID of the network function counts. A device that refuses, or
 * answers malformed, has no ID; after a time-out the ID is unknown. */
void osdesc_read(struct usbhost *h, struct usbrules_device *d);

/** Like osdesc_read(), for a device of this host at a place ("1-2.1"). If it
 * cannot be opened, nothing is filled in. */
void osdesc_read_place(const char *place, struct usbrules_device *d);

#endif

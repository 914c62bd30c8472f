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

/** Read the descriptors, and fill in id_known and compatible_id. If several
 * functions have an ID, the ID of the network function is used. A device that
 * refuses the request, or answers with malformed data, has no ID. After a
 * time-out the ID is unknown. */
void osdesc_read(struct usbhost *h, struct usbrules_device *d);

/** Like osdesc_read(), for the device at a place of this host's USB tree
 * ("1-2.1"). If the device cannot be opened, `d` stays unchanged. */
void osdesc_read_place(const char *place, struct usbrules_device *d);

#endif

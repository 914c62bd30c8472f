/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the board's serial number and the FIFO sizes of its UDC from the device
 * tree. `root` is "" on a real system.
 */
#ifndef TETHER_GADGET_HARDWARE_H
#define TETHER_GADGET_HARDWARE_H

#include <stddef.h>

#include "gadget/fifo.h"

/** Serial number of the device tree, else 12 hex digits derived from
 * /etc/machine-id, else "". */
void hardware_read_serial(const char *root, char *out, size_t cap);

/** FIFO sizes of a controller from its device tree node. fifos->known is false
 * if there is no node or it has no g-tx-fifo-size. */
void hardware_read_fifos(const char *root, const char *udc,
			 struct fifos *fifos);

#endif

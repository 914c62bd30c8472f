/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the board's device tree says about the hardware: serial number and FIFO
 * sizes of the UDC. `root` is "" on a real system.
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

/* SPDX-License-Identifier: Apache-2.0 */
/* MCTP over a serial port or pseudo-terminal (DSP0253), without a kernel
 * driver. */
#ifndef TETHER_HOST_TRANSPORT_SERIAL_H
#define TETHER_HOST_TRANSPORT_SERIAL_H

#include <stddef.h>
#include <stdint.h>

struct transport;

/** Open a port for this program alone. baud: 0: as set. Returns NULL with a
 * sentence in error. */
struct transport *transport_serial_open(const char *path, uint32_t baud,
					char *error, size_t cap);

#endif

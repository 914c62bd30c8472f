/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transport over the Linux kernel's AF_MCTP sockets, for devices at mctpusb0
 * or any other MCTP interface. The kernel handles packets, tags and routes.
 */
#ifndef TETHER_HOST_TRANSPORT_MCTP_H
#define TETHER_HOST_TRANSPORT_MCTP_H

#include <stddef.h>
#include <stdint.h>

#include "host/transport.h"

/** Open a transport to an EID of a network. NULL with a sentence in error. */
struct transport *transport_mctp_open(uint32_t network, uint8_t eid,
				      char *error, size_t cap);

/** Open a transport to the device at an interface, before it has a route. Only
 * dest 0 is possible. NULL with a sentence in error. */
struct transport *transport_mctp_open_interface(int interface, char *error,
						size_t cap);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MCTP through the Linux kernel's sockets: what is behind mctpusb0, or any
 * other MCTP interface. The kernel does the packets.
 */
#ifndef TETHER_HOST_TRANSPORT_MCTP_H
#define TETHER_HOST_TRANSPORT_MCTP_H

#include <stddef.h>
#include <stdint.h>

#include "host/transport.h"

/** Reach EID eid in a network. NULL with a sentence in error. */
struct transport *transport_mctp_open(uint32_t network, uint8_t eid,
				      char *error, size_t cap);

/** The same before there is a route: to whoever is at an interface. */
struct transport *transport_mctp_open_interface(int interface, char *error,
						size_t cap);

#endif

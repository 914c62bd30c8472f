/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configures a Linux MCTP interface (mctpusb0) on hosts without mctpd, as
 * mctpd's SetupEndpoint does. It brings the link up, adds the host's EID,
 * assigns the device's EID by a request to its physical address, and adds
 * neighbour and route. mctp_none.c replaces this module on other systems.
 *
 * Functions that return int return ERR_OK or an error with a sentence in
 * l->error. Errors: ERR_IO, ERR_NOT_FOUND (no such interface), ERR_TIMEOUT (the
 * device does not respond), ERR_INVALID (its response is malformed),
 * ERR_UNSUPPORTED (it refuses), ERR_BUSY (another interface uses the EID),
 * ERR_FULL (no EID is free).
 */
#ifndef TETHER_HOST_MCTP_LINK_H
#define TETHER_HOST_MCTP_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MCTP_LINK_ERROR = 256, MCTP_LINK_NAME = 16 };

struct transport_observer;

struct mctp_link {
	const char *interface;
	uint8_t own_eid; /* EID of this host: BUS_OWNER_EID */
	uint8_t eid; /* EID for the device; 0: its present EID, or a free one */
	uint16_t mtu; /* bytes of a packet with its MCTP header; 0: no change */
	/* Sees the requests to the device; NULL: none */
	const struct transport_observer *observer;
	uint32_t network; /* out: MCTP network of the interface */
	char error[MCTP_LINK_ERROR];
};

/** Set the interface up. Afterwards l->eid is the device's EID, and no other
 * interface of its network has a route to that EID. Idempotent. */
int mctp_link_setup(struct mctp_link *l);

/** Do only the first step of mctp_link_setup(): set the link up and add the
 * host's EID. For callers that assign the device's EID themselves. */
int mctp_link_prepare(struct mctp_link *l);

/** Do only the last step of mctp_link_setup(): add the neighbour and the route
 * to l->eid. */
int mctp_link_add_route(struct mctp_link *l);

/** Assign l->eid to the device whose EID is `now`, and move its route. Write
 * the name of the interface to `name`, and set l->interface to `name`.
 * ERR_NOT_FOUND: also if there is no route to `now`, or `now` is behind a
 * bridge. */
int mctp_link_move(struct mctp_link *l, uint32_t network, uint8_t now,
		   char name[MCTP_LINK_NAME]);

/** Remove the routes, neighbours and host EID of the interface, set its MTU to
 * 68 as the driver does, and set the link down. Other interfaces are not
 * affected. */
int mctp_link_teardown(struct mctp_link *l);

/** Whether mctpd is running. mctpd configures all interfaces itself. */
bool mctp_link_has_daemon(void);

#endif

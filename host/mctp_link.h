/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Linux MCTP interface (mctpusb0) brought up as mctpd's SetupEndpoint does:
 * link, own EID, the device's EID by a request to its physical address, then
 * neighbour and route. For hosts without mctpd.
 */
#ifndef TETHER_HOST_MCTP_LINK_H
#define TETHER_HOST_MCTP_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MCTP_LINK_ERROR = 256, MCTP_LINK_NAME = 16 };

struct mctp_link {
	const char *interface;
	uint8_t own_eid;  /* the host's: BUS_OWNER_EID */
	uint8_t eid;	  /* for the device; 0: what it has, else a free one */
	uint16_t mtu;	  /* packet with MCTP header; 0: as it is */
	uint32_t network; /* out: its number */
	char error[MCTP_LINK_ERROR];
};

/** Bring it up; afterwards eid is the device's, and no other interface of its
 * network leads to that EID. ERR_IO, ERR_TIMEOUT, ERR_INVALID, ERR_BUSY (the
 * EID is in use elsewhere), ERR_FULL (none is free) with a sentence in error.
 * Doing it again changes nothing. */
int mctp_link_setup(struct mctp_link *l);

/** Its first and last step, for who gives the EID by himself: link and own
 * EID; neighbour and route for eid. */
int mctp_link_prepare(struct mctp_link *l);
int mctp_link_add_route(struct mctp_link *l);

/** Another EID for the device that a route leads to: interface is filled in
 * with its name, which is in *name then, eid is the new one. What mctp_link_
 * setup() returns; ERR_NOT_FOUND: no route to `now`, or not to a device at an
 * interface's other end. */
int mctp_link_move(struct mctp_link *l, uint32_t network, uint8_t now,
		   char name[MCTP_LINK_NAME]);

/** Take the interface's routes, neighbours and own EID away, set its MTU to 68
 * as the driver does, and take it down. Other interfaces stay as they are.
 * ERR_IO. */
int mctp_link_teardown(struct mctp_link *l);

/** Whether mctpd runs, which does all this by itself. */
bool mctp_link_has_daemon(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chooses the serial number and the MAC addresses of the gadget. They stay the
 * same over restarts, because a host creates a new network adapter for each new
 * MAC address. Pure: no I/O.
 */
#ifndef TETHER_GADGET_IDENTITY_H
#define TETHER_GADGET_IDENTITY_H

#include "gadget/config.h"
#include "gadget/found.h"
#include "gadget/saved_state.h"

struct identity {
	char serial[CONFIG_STRING];
	uint8_t mac[MAC_SIZE];	    /* of the board's interface */
	uint8_t host_mac[MAC_SIZE]; /* of the host's interface; differs from mac
				     */
};

/** The serial number is the configured one, else that of the board. Each MAC
 * address is the configured one, else the saved one, else a locally
 * administered address derived from the serial number. For the host's
 * interface, the address of a legacy module or stock gadget precedes the
 * derived address, so that the host keeps its adapter. */
void identity_choose(struct identity *id, const struct config *c,
		     const struct saved_state *s, const struct found *f);

#endif

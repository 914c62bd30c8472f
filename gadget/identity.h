/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Serial number and MAC addresses of the gadget. They stay the same over
 * restarts: a host creates a new network adapter for each new MAC address.
 * Pure.
 */
#ifndef TETHER_GADGET_IDENTITY_H
#define TETHER_GADGET_IDENTITY_H

#include "gadget/config.h"
#include "gadget/found.h"
#include "gadget/saved_state.h"

struct identity {
	char serial[CONFIG_STRING];
	uint8_t mac[MAC_SIZE];	    /* of the board's interface */
	uint8_t host_mac[MAC_SIZE]; /* of the host's interface; another one */
};

/** Each value is the configured one, else the saved one, else derived from the
 * serial number as a locally administered address. Before it derives the host's
 * MAC, it takes the one of the stock gadget or legacy module, so that the host
 * keeps its adapter. */
void identity_choose(struct identity *id, const struct config *c,
		     const struct saved_state *s, const struct found *f);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MCTP control protocol, the bus owner's side (DSP0236 12): what it asks an
 * endpoint, and how it gives it an EID. Each waits for its answer.
 *
 * All return ERR_OK or what transport_ask() returns; ERR_UNSUPPORTED: the
 * endpoint answered with a completion code; ERR_INVALID: its answer is not in
 * order. t->error has a sentence.
 */
#ifndef TETHER_HOST_BUS_OWNER_H
#define TETHER_HOST_BUS_OWNER_H

#include <stddef.h>
#include <stdint.h>

#include "host/transport.h"

enum {
	BUS_OWNER_EID = TRANSPORT_EID,
	BUS_OWNER_FIRST = 9, /* EID given to an endpoint that has none */
	BUS_OWNER_LIST = 32,
};

int bus_owner_get_eid(struct transport *t, uint8_t dest, uint8_t *eid);

/** The EID it has afterwards, in *eid: it may have kept its own. */
int bus_owner_set_eid(struct transport *t, uint8_t dest, uint8_t *eid);
int bus_owner_get_uuid(struct transport *t, uint8_t dest, uint8_t uuid[16]);

/** At most BUS_OWNER_LIST types; *count is how many. */
int bus_owner_get_types(struct transport *t, uint8_t dest, uint8_t *types,
			uint8_t *count);

/** Versions of a message type (FF: the base specification), in BCD. */
int bus_owner_get_versions(struct transport *t, uint8_t dest, uint8_t type,
			   uint32_t *versions, uint8_t *count);

/** Vendor message set number `selector`; *next is the one behind it, FF: none.
 * ERR_NOT_FOUND: it is there, but not named by a PCI vendor id (format 0). */
int bus_owner_get_vendor(struct transport *t, uint8_t dest, uint8_t selector,
			 uint16_t *pci_vendor, uint16_t *set, uint8_t *next);

/** Its EID, that of t->peer where the transport has one; where it has none, or
 * one that it cannot have (reserved, the host's own), give it BUS_OWNER_FIRST.
 */
int bus_owner_bring_up(struct transport *t, uint8_t *eid);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bus owner's side of the MCTP control protocol (DSP0236 clause 12):
 * queries an endpoint and assigns its EID. Each call waits for the response,
 * and retries as DSP0236 table 16 says.
 *
 * All return ERR_OK or an error of transport_ask(). ERR_UNSUPPORTED: the
 * endpoint responded with an error completion code. ERR_INVALID: its response
 * is malformed. t->error then has a sentence. dest: EID, or 0 for the device at
 * the other end.
 */
#ifndef TETHER_HOST_BUS_OWNER_H
#define TETHER_HOST_BUS_OWNER_H

#include <stddef.h>
#include <stdint.h>

#include "host/transport.h"

enum {
	BUS_OWNER_EID = TRANSPORT_EID,
	BUS_OWNER_FIRST = 9, /* first EID to assign */
	BUS_OWNER_LIST = 32, /* message types or versions returned */
};

int bus_owner_get_eid(struct transport *t, uint8_t dest, uint8_t *eid);

/** Assign *eid. On return, *eid is the endpoint's EID: the endpoint may refuse
 * the new EID and keep its own. */
int bus_owner_set_eid(struct transport *t, uint8_t dest, uint8_t *eid);
int bus_owner_get_uuid(struct transport *t, uint8_t dest, uint8_t uuid[16]);

/** Read the supported message types, at most BUS_OWNER_LIST; *count is set. */
int bus_owner_get_types(struct transport *t, uint8_t dest, uint8_t *types,
			uint8_t *count);

/** Read the versions of a message type (FF: the base specification), in BCD. At
 * most BUS_OWNER_LIST; *count is set. */
int bus_owner_get_versions(struct transport *t, uint8_t dest, uint8_t type,
			   uint32_t *versions, uint8_t *count);

/** Read vendor defined message set number `selector`. *next is the selector of
 * the next set, FF: none. ERR_NOT_FOUND: the set exists, but has no PCI vendor
 * id (format 0). */
int bus_owner_get_vendor(struct transport *t, uint8_t dest, uint8_t selector,
			 uint16_t *pci_vendor, uint16_t *set, uint8_t *next);

/** Find the device's EID: t->peer if the transport knows it, otherwise the EID
 * that the device reports. Assign BUS_OWNER_FIRST if it has none or an unusable
 * one (reserved, or the EID of this host). */
int bus_owner_bring_up(struct transport *t, uint8_t *eid);

#endif

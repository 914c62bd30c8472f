/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A snapshot of the Linux kernel's MCTP tables: each interface with its
 * network, this host's EID on it, and the EIDs with a route through it.
 */
#ifndef TETHER_HOST_MCTP_TABLE_H
#define TETHER_HOST_MCTP_TABLE_H

#include <stdbool.h>
#include <stdint.h>

enum { MCTP_TABLE_LINKS = 128, MCTP_TABLE_EIDS = 32 };

struct mctp_table_link {
	unsigned int index; /* of the interface */
	uint32_t network;
	uint8_t own_eid;   /* EID of this host; 0: none */
	uint8_t local_eid; /* EID of the kernel's local route, which only one
			      of the interfaces that share an EID has; 0:
			      none */
	uint8_t eids;	   /* entries in eid[]: unicast routes */
	uint8_t eid[MCTP_TABLE_EIDS];
	uint8_t more[MCTP_TABLE_EIDS]; /* number of EIDs after eid[i] in the
					  same route */
	uint32_t taken[256 /
		       32]; /* one bit per EID in use: own EID and routes */
};

struct mctp_table {
	int links;
	struct mctp_table_link link[MCTP_TABLE_LINKS];
};

/** Read the tables. Empty on a kernel without MCTP. ERR_IO with errno set. */
int mctp_table_read(struct mctp_table *t);

/** Find an interface by name. NULL: not an MCTP interface. */
const struct mctp_table_link *mctp_table_find(const struct mctp_table *t,
					      const char *interface);

/** Find the interface of a network that uses an EID, as this host's EID or by a
 * route. NULL: the EID is free. */
const struct mctp_table_link *mctp_table_user(const struct mctp_table *t,
					      uint32_t network, uint8_t eid);

/** Whether the kernel has a local route to this host's EID. Without this route,
 * the kernel drops responses. The route disappears with the interface that got
 * the EID first. */
bool mctp_table_is_local(const struct mctp_table *t, uint32_t network,
			 uint8_t eid);

#endif

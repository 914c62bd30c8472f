/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel knows of MCTP: each interface with its network, this host's
 * EID on it, and the EIDs that routes lead to. On Linux only.
 */
#ifndef TETHER_HOST_MCTP_TABLE_H
#define TETHER_HOST_MCTP_TABLE_H

#include <stdbool.h>
#include <stdint.h>

enum { MCTP_TABLE_LINKS = 128, MCTP_TABLE_EIDS = 32 };

struct mctp_table_link {
	unsigned int index; /* of the interface */
	uint32_t network;
	uint8_t own_eid;   /* 0: none */
	uint8_t local_eid; /* of the kernel's route to this host, which only
			      one of the interfaces that share an EID has;
			      0: none */
	uint8_t eids;	   /* that routes lead to through this interface */
	uint8_t eid[MCTP_TABLE_EIDS];
	uint8_t more[MCTP_TABLE_EIDS]; /* EIDs that route leads to besides */
	uint32_t taken[256 / 32]; /* a bit an EID: this host's, and routes' */
};

struct mctp_table {
	int links;
	struct mctp_table_link link[MCTP_TABLE_LINKS];
};

/** Read it. A kernel without MCTP has an empty one. ERR_IO with errno set. */
int mctp_table_read(struct mctp_table *t);

/** A link by its interface's name, NULL: it is not MCTP's. */
const struct mctp_table_link *mctp_table_find(const struct mctp_table *t,
					      const char *interface);

/** The link of a network through which an EID is in use, this host's own ones
 * among them; NULL: none, it is free. */
const struct mctp_table_link *mctp_table_user(const struct mctp_table *t,
					      uint32_t network, uint8_t eid);

/** Whether messages to this host's EID come to it: a route of the kernel,
 * which goes with the interface that got the EID first. */
bool mctp_table_is_local(const struct mctp_table *t, uint32_t network,
			 uint8_t eid);

#endif

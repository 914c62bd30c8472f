/*
 * What the kernel knows of MCTP: each interface with its network, this host's
 * EID on it, and the EIDs that routes lead to. On Linux only.
 */
#ifndef TETHER_HOST_MCTP_TABLE_H
#define TETHER_HOST_MCTP_TABLE_H

#include <stdint.h>

enum { MCTP_TABLE_LINKS = 128, MCTP_TABLE_EIDS = 8 };

struct mctp_table_link {
	unsigned int index; /* of the interface */
	uint32_t network;
	uint8_t own_eid; /* 0: none */
	uint8_t eids;	 /* that routes lead to through this interface */
	uint8_t eid[MCTP_TABLE_EIDS];
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

#endif

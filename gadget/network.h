/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Manages the network on the gadget's interface: its IPv4 address, the DHCP
 * server, and whether a host is connected (carrier).
 */
#ifndef TETHER_GADGET_NETWORK_H
#define TETHER_GADGET_NETWORK_H

#include <stdbool.h>
#include <stddef.h>

#include "gadget/carrier_watch.h"
#include "gadget/config.h"
#include "gadget/dhcp_socket.h"
#include "linux_sys/loop.h"

struct network {
	char ifname[16];   /* empty: the gadget has no network interface */
	bool carrier;	   /* a host has configured the network function */
	char conflict[64]; /* interface that has an address in our subnet, as
			    * netdev_find_conflict() says; empty: none */
	struct dhcp_socket dhcp;
	bool udhcpd; /* running */
	/* Starts or ends udhcpd; set by the owner. ERR_IO: `error` has the
	 * reason. */
	int (*run_udhcpd)(void *ctx, bool run, char *error, size_t cap);
	void *ctx; /* of run_udhcpd */
	struct carrier_watch watch;
};

/** All zero before. */
void network_init(struct network *n, struct loop *loop);

/** Find the name of the interface of the network function of a gadget. false:
 * the interface does not exist. */
bool network_find_interface(const struct config *c, char *out, size_t cap);

/**
 * Bring the interface to the configured state: set it up, add its address and
 * serve DHCP. If the configuration has no network function, or its interface
 * does not exist yet, do the same as network_close(). ERR_IO: `error` has a
 * sentence, and another attempt may succeed.
 */
int network_update(struct network *n, const struct config *c, char *error,
		   size_t cap);

/** End the DHCP servers and the carrier watch. Interface and address stay. */
void network_close(struct network *n);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A DHCP server (RFC 2131) for the single host at the other end of a USB cable.
 * Pure: packets are bytes, time is an argument.
 *
 * The server has one address to assign. Every client gets it immediately, even
 * while another client has a lease: a second host on the same cable means that
 * the first host was unplugged.
 */
#ifndef TETHER_GADGET_DHCP_H
#define TETHER_GADGET_DHCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DHCP_SERVER_PORT = 67,
	DHCP_CLIENT_PORT = 68,
	DHCP_IN_MAX = 1500, /* longest request that is read, bytes */
	DHCP_OUT_MAX = 576, /* longest answer, which every client accepts:
			     * RFC 2131, section 2 */
	DHCP_MAC = 6,
};

/** Message types, RFC 2132 9.6. */
enum dhcp_type {
	DHCPDISCOVER = 1,
	DHCPOFFER = 2,
	DHCPREQUEST = 3,
	DHCPDECLINE = 4,
	DHCPACK = 5,
	DHCPNAK = 6,
	DHCPRELEASE = 7,
	DHCPINFORM = 8,
	DHCP_TYPES
};

struct dhcp_server {
	/* Set by the owner; addresses in host byte order. */
	uint32_t address, host_address, mask;
	uint32_t router, dns; /* 0: the option is not sent */
	uint32_t lease_s;
	/* The lease. If leased, the client `mac` has the address until
	 * until_s. */
	bool leased;
	uint8_t mac[DHCP_MAC];
	uint32_t until_s;
	/* Counters: requests and answers by message type; packets that are
	 * malformed or not for a server. */
	uint32_t in[DHCP_TYPES], out[DHCP_TYPES], dropped;
};

/** The answer's type and destination, and the type of its request. */
struct dhcp_reply {
	uint32_t to; /* destination in host byte order; 0xffffffff: broadcast */
	enum dhcp_type answers; /* type of the request; 0: it was dropped */
	enum dhcp_type type;	/* type of the answer */
};

/**
 * Handle a packet, the payload of a UDP datagram. Writes the answer into `out`
 * (DHCP_OUT_MAX bytes) and returns its length; 0: no answer.
 */
size_t dhcp_handle(struct dhcp_server *d, const uint8_t *in, size_t len,
		   uint32_t now_s, uint8_t *out, struct dhcp_reply *r);

/** Seconds until the lease expires; 0: there is no lease. */
uint32_t dhcp_lease_left(const struct dhcp_server *d, uint32_t now_s);

#endif

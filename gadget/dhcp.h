/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A DHCP server (RFC 2131) for the one host at the other end of a cable: bytes
 * in, bytes out. Pure; time is an argument.
 *
 * There is one address. Whoever asks gets it, at once and whatever had it
 * before: a second host on the same cable means that the first was unplugged.
 */
#ifndef TETHER_GADGET_DHCP_H
#define TETHER_GADGET_DHCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DHCP_SERVER_PORT = 67,
	DHCP_CLIENT_PORT = 68,
	/* What is read is longer, what is written is not. */
	DHCP_IN_MAX = 1500,
	DHCP_OUT_MAX = 576,
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
	/* set by the owner; addresses in host order */
	uint32_t address, host_address, mask;
	uint32_t router, dns; /* 0: not told */
	uint32_t lease_s;
	/* the lease; leased: mac has the address until then */
	bool leased;
	uint8_t mac[DHCP_MAC];
	uint32_t until_s;
	/* counters: packets taken in and sent by type, and what was not
	 * understood or not for us */
	uint32_t in[DHCP_TYPES], out[DHCP_TYPES], dropped;
};

/** Where an answer goes. */
struct dhcp_reply {
	uint32_t to; /* host order; 0xffffffff: everyone on the cable */
	enum dhcp_type answers, type;
};

/**
 * Take a packet (of UDP's content). Returns the length of the answer in `out`
 * (DHCP_OUT_MAX bytes), 0: there is none, and r->answers is 0 where the packet
 * was dropped.
 */
size_t dhcp_handle(struct dhcp_server *d, const uint8_t *in, size_t len,
		   uint32_t now_s, uint8_t *out, struct dhcp_reply *r);

/** Seconds that are left of the lease; 0: none. */
uint32_t dhcp_lease_left(const struct dhcp_server *d, uint32_t now_s);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The board's own interface: link and addresses by rtnetlink, what others
 * have by getifaddrs(). Functions return 0, or -1 with errno, as steps do.
 */
#ifndef TETHER_GADGET_NET_H
#define TETHER_GADGET_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Up, with "address/prefix" ("": none). Again is no error. */
int net_up(const char *ifname, const char *address);

/** Without its IPv4 addresses; IPv6 goes on. */
int net_flush(const char *ifname);

/** Without its IPv4 addresses, and down. */
int net_down(const char *ifname);

/** Down and up at once; its IPv4 addresses stay. The function then notifies the
 * host that it is connected. */
int net_again(const char *ifname);

/** Its first IPv4 address as "address/prefix". A found_env.address. */
bool net_address(void *ctx, const char *ifname, char *out, size_t cap);

/** Another interface has an address of this network: its name and address in
 * `out`. */
bool net_conflict(const char *ifname, uint32_t address, uint8_t prefix,
		  char *out, size_t cap);

bool net_is_up(const char *ifname);

/** A counter of /sys/class/net/X/statistics; 0 where there is none. */
uint64_t net_counter(const char *ifname, const char *name);
bool net_carrier(const char *ifname);

#endif

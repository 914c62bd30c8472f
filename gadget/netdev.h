/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network interfaces of the board: link state and addresses by rtnetlink,
 * getifaddrs() and sysfs. A function that returns int returns 0, or -1 with
 * errno.
 */
#ifndef TETHER_GADGET_NETDEV_H
#define TETHER_GADGET_NETDEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Set the link up and add the address "address/prefix"; "": no address. An
 * address that already exists is not an error. */
int netdev_up(const char *ifname, const char *address);

/** Remove all IPv4 addresses. IPv6 keeps working. */
int netdev_flush(const char *ifname);

/** Remove all IPv4 addresses and set the link down. */
int netdev_down(const char *ifname);

/** Set the link down and immediately up again, which keeps the IPv4 addresses.
 * The USB function then sends its "network connected" notification again. */
int netdev_notify_host(const char *ifname);

/** First IPv4 address as "address/prefix". false: it has none. Implements
 * address of struct found_env. */
bool netdev_address(void *ctx, const char *ifname, char *out, size_t cap);

/** Whether another interface that is up has an address in the subnet. `out` is
 * then "NAME has ADDRESS/PREFIX". */
bool netdev_find_conflict(const char *ifname, uint32_t address, uint8_t prefix,
			  char *out, size_t cap);

bool netdev_is_up(const char *ifname);
bool netdev_has_carrier(const char *ifname);

/** A counter of /sys/class/net/IFNAME/statistics; 0 if it does not exist. */
uint64_t netdev_counter(const char *ifname, const char *name);

#endif

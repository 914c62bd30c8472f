/* SPDX-License-Identifier: Apache-2.0 */
/* Networks as "192.0.2.0/24", "2001:db8::/32" or a single address, to select
 * the peers of a server. */
#ifndef TETHER_POSIX_CIDR_H
#define TETHER_POSIX_CIDR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum { CIDR_LIST = 16 };

/** A network. IPv4 is kept as an IPv4-mapped IPv6 address. */
struct cidr {
	uint8_t address[16];
	uint8_t bits; /* of the prefix, 0 to 128 */
};

struct cidr_list {
	unsigned int count;
	struct cidr item[CIDR_LIST];
};

/** Append a network. ERR_INVALID: not a network, or bits behind the prefix are
 * set, which is mostly a mistake. ERR_FULL: more than CIDR_LIST. */
int cidr_add(struct cidr_list *l, const char *text);

/** Write the address of an IPv4 or IPv6 peer as in struct cidr. false: another
 * family. */
bool cidr_address(const struct sockaddr *a, uint8_t address[16]);

/** Whether an address belongs to a network of the list. */
bool cidr_contains(const struct cidr_list *l, const uint8_t address[16]);

/** Whether an address is 127.0.0.0/8 or ::1. */
bool cidr_is_loopback(const uint8_t address[16]);

#endif

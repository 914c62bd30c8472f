/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/netdev.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "gadget/address.h"
#include "gadget/sysfs.h"
#include "linux_sys/netlink.h"
#include "posix/parse.h"

static int set_link(struct netlink *n, unsigned int index, bool up)
{
	const struct ifinfomsg body = {
		.ifi_index = (int)index,
		.ifi_flags = up ? IFF_UP : 0,
		.ifi_change = IFF_UP,
	};

	netlink_begin(n, RTM_NEWLINK, 0, &body, sizeof(body));
	return netlink_send(n) ? -1 : 0;
}

static int change_address(struct netlink *n, uint16_t type, unsigned int index,
			  uint32_t address, uint8_t prefix)
{
	const struct ifaddrmsg body = {
		.ifa_family = AF_INET,
		.ifa_prefixlen = prefix,
		.ifa_index = index,
	};
	uint32_t wire = htonl(address);
	uint32_t broadcast =
		htonl(address | (uint32_t)(0xffffffffULL >> prefix));

	netlink_begin(n, type,
		      type == RTM_NEWADDR ? NLM_F_CREATE | NLM_F_REPLACE : 0,
		      &body, sizeof(body));
	netlink_add(n, IFA_LOCAL, &wire, sizeof(wire));
	netlink_add(n, IFA_ADDRESS, &wire, sizeof(wire));
	if (type == RTM_NEWADDR)
		netlink_add(n, IFA_BROADCAST, &broadcast, sizeof(broadcast));
	return netlink_send(n) ? -1 : 0;
}

static uint32_t ipv4_of(const struct sockaddr *a)
{
	struct sockaddr_in in;

	memcpy(&in, a, sizeof(in));
	return ntohl(in.sin_addr.s_addr);
}

static bool is_ipv4(const struct ifaddrs *a)
{
	return a->ifa_addr && a->ifa_netmask &&
	       a->ifa_addr->sa_family == AF_INET;
}

static uint8_t prefix_length(const struct ifaddrs *a)
{
	return (uint8_t)__builtin_popcount(ipv4_of(a->ifa_netmask));
}

static int set_up(struct netlink *n, unsigned int index, const char *address)
{
	char text[32];
	const char *slash = strchr(address, '/');
	uint64_t prefix;
	uint32_t ip;

	if (set_link(n, index, true))
		return -1;
	if (!*address)
		return 0;
	snprintf(text, sizeof(text), "%.*s", slash ? (int)(slash - address) : 0,
		 address);
	if (!slash || !address_parse(text, &ip) ||
	    parse_number(slash + 1, 10, 0, 32, &prefix)) {
		errno = EINVAL;
		return -1;
	}
	return change_address(n, RTM_NEWADDR, index, ip, (uint8_t)prefix);
}

static int flush_addresses(struct netlink *n, unsigned int index,
			   const char *ifname)
{
	struct ifaddrs *all, *a;
	int err = 0;

	if (getifaddrs(&all))
		return -1;
	for (a = all; a; a = a->ifa_next)
		if (is_ipv4(a) && !strcmp(a->ifa_name, ifname))
			err |= change_address(n, RTM_DELADDR, index,
					      ipv4_of(a->ifa_addr),
					      prefix_length(a));
	freeifaddrs(all);
	return err;
}

enum change { UP, FLUSH, DOWN, DOWN_UP };

/* Apply one change over a separate netlink socket. errno describes the change,
 * not the closing of the socket. */
static int change_interface(enum change change, const char *ifname,
			    const char *address)
{
	struct netlink n;
	unsigned int index = if_nametoindex(ifname);
	int err, error;

	if (!index || netlink_open(&n))
		return -1;
	err = 0;
	if (change == FLUSH || change == DOWN)
		err = flush_addresses(&n, index, ifname);
	if (change == DOWN || change == DOWN_UP)
		err |= set_link(&n, index, false);
	if (change == UP || change == DOWN_UP)
		err |= set_up(&n, index, address);
	error = errno;
	netlink_close(&n);
	errno = error;
	return err;
}

int netdev_up(const char *ifname, const char *address)
{
	return change_interface(UP, ifname, address);
}

int netdev_flush(const char *ifname)
{
	return change_interface(FLUSH, ifname, NULL);
}

int netdev_down(const char *ifname)
{
	return change_interface(DOWN, ifname, NULL);
}

int netdev_notify_host(const char *ifname)
{
	return change_interface(DOWN_UP, ifname, "");
}

/* --- queries --- */

bool netdev_address(void *ctx, const char *ifname, char *out, size_t cap)
{
	struct ifaddrs *all, *a;
	char text[16];

	(void)ctx;
	if (getifaddrs(&all))
		return false;
	for (a = all; a; a = a->ifa_next)
		if (is_ipv4(a) && !strcmp(a->ifa_name, ifname))
			break;
	if (a) {
		address_format(ipv4_of(a->ifa_addr), text, sizeof(text));
		snprintf(out, cap, "%s/%u", text, prefix_length(a));
	}
	freeifaddrs(all);
	return a != NULL;
}

bool netdev_find_conflict(const char *ifname, uint32_t address, uint8_t prefix,
			  char *out, size_t cap)
{
	struct ifaddrs *all, *a;
	char text[16];

	if (getifaddrs(&all))
		return false;
	for (a = all; a; a = a->ifa_next) {
		/* Two subnets overlap if the shorter prefix is equal. */
		uint8_t shared;

		if (!is_ipv4(a) || !(a->ifa_flags & IFF_UP) ||
		    !strcmp(a->ifa_name, ifname))
			continue;
		shared = prefix_length(a) < prefix ? prefix_length(a) : prefix;
		if (shared &&
		    !((ipv4_of(a->ifa_addr) ^ address) >> (32 - shared)))
			break;
	}
	if (a) {
		address_format(ipv4_of(a->ifa_addr), text, sizeof(text));
		snprintf(out, cap, "%s has %s/%u", a->ifa_name, text,
			 prefix_length(a));
	}
	freeifaddrs(all);
	return a != NULL;
}

bool netdev_is_up(const char *ifname)
{
	char text[16];
	const char *at = text;
	uint64_t flags;

	return sysfs_read(text, sizeof(text), "/sys/class/net/%s/flags",
			  ifname) > 0 &&
	       !parse_next(&at, 16, UINT32_MAX, &flags) && flags & IFF_UP;
}

uint64_t netdev_counter(const char *ifname, const char *name)
{
	char text[32];
	const char *at = text;
	uint64_t value = 0;

	if (sysfs_read(text, sizeof(text), "/sys/class/net/%s/statistics/%s",
		       ifname, name) > 0)
		(void)parse_next(&at, 10, UINT64_MAX, &value);
	return value;
}

bool netdev_has_carrier(const char *ifname)
{
	char text[8];

	return sysfs_read(text, sizeof(text), "/sys/class/net/%s/carrier",
			  ifname) > 0 &&
	       text[0] == '1';
}

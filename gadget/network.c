/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/network.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "gadget/function.h"
#include "gadget/message.h"
#include "gadget/netdev.h"
#include "gadget/sysfs.h"

void network_init(struct network *n, struct loop *loop)
{
	dhcp_socket_init(&n->dhcp, loop);
}

void network_close(struct network *n)
{
	dhcp_socket_close(&n->dhcp);
	if (n->udhcpd)
		(void)n->run_udhcpd(n->ctx, false, NULL, 0);
	n->udhcpd = false;
	n->carrier = false;
	carrier_watch_stop(&n->watch);
	n->ifname[0] = '\0';
}

static void configure_dhcp(struct dhcp_server *d, const struct config *c)
{
	d->address = c->address;
	d->host_address = c->host_address;
	d->mask = address_mask(c->prefix);
	d->router = c->router;
	d->dns = c->dns;
	d->lease_s = c->lease_s;
}

static int open_dhcp(struct network *n, const struct config *c, char *error,
		     size_t cap)
{
	configure_dhcp(&n->dhcp.server, c);
	if (c->dhcp == DHCP_UDHCPD && !n->udhcpd) {
		char why[256] = "";

		n->udhcpd = !n->run_udhcpd(n->ctx, true, why, sizeof(why));
		if (!n->udhcpd)
			message(MESSAGE_ERROR,
				"cannot start udhcpd: %s. Install BusyBox's "
				"udhcpd, "
				"or set dhcp = builtin in " CONFIG_FILE,
				why);
	}
	if (c->dhcp != DHCP_BUILTIN || n->dhcp.source.fd >= 0 ||
	    !dhcp_socket_open(&n->dhcp, n->ifname))
		return ERR_OK;
	snprintf(error, cap, "cannot open UDP port 67 on %s: %s%s", n->ifname,
		 strerror(errno),
		 errno == EADDRINUSE ? ". Another DHCP server is running: end "
				       "it, or set dhcp = none in " CONFIG_FILE
				     : "");
	return ERR_IO;
}

/* Work without IPv4 while another interface has an address in our subnet. IPv6
 * keeps working. */
static void give_up_ipv4(struct network *n, const char *other)
{
	char address[32];

	if (strcmp(n->conflict, other) != 0)
		message(MESSAGE_ERROR,
			"%s, which is in the subnet configured for %s. %s gets "
			"no IPv4 address until that address is gone. Remove "
			"it, or change address and host-address "
			"in " CONFIG_FILE,
			other, n->ifname, n->ifname);
	snprintf(n->conflict, sizeof(n->conflict), "%s", other);
	dhcp_socket_close(&n->dhcp);
	if (netdev_address(NULL, n->ifname, address, sizeof(address)))
		(void)netdev_flush(n->ifname);
	if (!netdev_is_up(n->ifname))
		(void)netdev_up(n->ifname, "");
}

static int set_address(const struct network *n, const struct config *c)
{
	char ip[IPV4_TEXT], wanted[32], current[32] = "";

	address_format(c->address, ip, sizeof(ip));
	snprintf(wanted, sizeof(wanted), "%s/%u", ip, c->prefix);
	if (netdev_address(NULL, n->ifname, current, sizeof(current)) &&
	    strcmp(current, wanted) != 0)
		(void)netdev_flush(n->ifname);
	if (!strcmp(current, wanted) && netdev_is_up(n->ifname))
		return 0;
	return netdev_up(n->ifname, wanted);
}

/* Check for a conflict before the address is set: if two interfaces were in one
 * subnet, each would get packets meant for the other. */
static int open_network(struct network *n, const struct config *c, char *error,
			size_t cap)
{
	char other[64];

	if (netdev_find_conflict(n->ifname, c->address, c->prefix, other,
				 sizeof(other))) {
		give_up_ipv4(n, other);
		return ERR_OK;
	}
	n->conflict[0] = '\0';
	if (set_address(n, c)) {
		snprintf(error, cap, "cannot bring %s up: %s", n->ifname,
			 strerror(errno));
		return ERR_IO;
	}
	return open_dhcp(n, c, error, cap);
}

static void follow_carrier(struct network *n)
{
	bool carrier = netdev_has_carrier(n->ifname);

	if (carrier == n->carrier)
		return;
	n->carrier = carrier;
	message(MESSAGE_INFO, "%s: %s", n->ifname,
		carrier ? "host connected" : "host disconnected");
	if (carrier)
		carrier_watch_start(&n->watch, clock_now_ms(),
				    netdev_counter(n->ifname, "rx_packets"));
	else
		carrier_watch_stop(&n->watch);
}

bool network_find_interface(const struct config *c, char *out, size_t cap)
{
	const struct gadget_function *f = function_network(c->functions);

	return f &&
	       sysfs_read(out, cap,
			  GADGET_FOLDER "/%s/functions/%s." FUNCTION_INSTANCE
					"/ifname",
			  c->gadget, f->kind) > 0 &&
	       if_nametoindex(out);
}

int network_update(struct network *n, const struct config *c, char *error,
		   size_t cap)
{
	char name[16];
	int err;

	if (!network_find_interface(c, name, sizeof(name))) {
		network_close(n);
		return ERR_OK;
	}
	if (strcmp(name, n->ifname) != 0 ||
	    (n->dhcp.source.fd >= 0 && n->dhcp.ifindex != if_nametoindex(name)))
		network_close(n);
	snprintf(n->ifname, sizeof(n->ifname), "%s", name);
	err = open_network(n, c, error, cap);
	follow_carrier(n);
	return err;
}

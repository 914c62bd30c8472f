/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/interface.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "gadget/message.h"
#include "gadget/net.h"
#include "gadget/system.h"
#include "gadget/udhcpd.h"

void interface_close(struct service *s)
{
	dhcp_socket_close(&s->dhcp);
	system_end(s->udhcpd);
	s->udhcpd = 0;
	s->carrier = false;
	silence_end(&s->silence);
	s->ifname[0] = '\0';
}

static void open_dhcp(struct service *s)
{
	const struct config *c = &s->config;
	struct dhcp_server *d = &s->dhcp.server;

	d->address = c->address;
	d->host_address = c->host_address;
	d->mask = 0xffffffffU << (32 - c->prefix);
	d->router = c->router;
	d->dns = c->dns;
	d->lease_s = c->lease_s;
	if (c->dhcp == DHCP_BUILTIN && s->dhcp.source.fd < 0 &&
	    dhcp_socket_open(&s->dhcp, s->ifname)) {
		snprintf(s->why, sizeof(s->why),
			 "UDP port 67 of %s cannot be opened: %s%s", s->ifname,
			 strerror(errno),
			 errno == EADDRINUSE ? ". another DHCP server runs: "
					       "end it, or set dhcp = none"
					     : "");
		service_fail(s, SERVICE_RETRY_MS);
	}
	if (c->dhcp == DHCP_UDHCPD && s->udhcpd <= 0) {
		s->udhcpd = udhcpd_start(c, s->ifname, s->identity.host_mac);
		if (s->udhcpd <= 0)
			message(MESSAGE_ERROR, "udhcpd cannot be started: %s",
				strerror(errno));
	}
}

/* Address and servers only while nobody else has the network: two
 * interfaces of it would take each other's packets. */
static void address_network(struct service *s)
{
	const struct config *c = &s->config;
	char other[64], want[32], ip[16], has[32] = "";

	if (net_conflict(s->ifname, c->address, c->prefix, other,
			 sizeof(other))) {
		if (strcmp(s->conflict, other) != 0)
			message(MESSAGE_ERROR,
				"%s, which is in the network of %s: it gets no "
				"IPv4 address until that is gone. change "
				"address and host-address in %s",
				other, s->ifname, s->config_path);
		snprintf(s->conflict, sizeof(s->conflict), "%s", other);
		dhcp_socket_close(&s->dhcp);
		if (net_address(NULL, s->ifname, has, sizeof(has)))
			(void)net_flush(s->ifname);
		if (!net_is_up(s->ifname))
			(void)net_up(s->ifname, ""); /* IPv6 works */
		return;
	}
	s->conflict[0] = '\0';
	address_format(c->address, ip, sizeof(ip));
	snprintf(want, sizeof(want), "%s/%u", ip, c->prefix);
	if (net_address(NULL, s->ifname, has, sizeof(has)) &&
	    strcmp(has, want) != 0)
		(void)net_flush(s->ifname);
	if ((strcmp(has, want) != 0 || !net_is_up(s->ifname)) &&
	    net_up(s->ifname, want)) {
		snprintf(s->why, sizeof(s->why), "%s cannot be brought up: %s",
			 s->ifname, strerror(errno));
		service_fail(s, SERVICE_RETRY_MS);
		return;
	}
	open_dhcp(s);
}

static void watch_carrier(struct service *s)
{
	bool carrier = net_carrier(s->ifname);

	if (carrier == s->carrier)
		return;
	s->carrier = carrier;
	message(MESSAGE_INFO, "%s: %s", s->ifname,
		carrier ? "a host is there" : "no host");
	if (carrier)
		silence_watch(&s->silence, clock_now_ms(),
			      net_counter(s->ifname, "rx_packets"));
	else
		silence_end(&s->silence);
}

/* The interface of our function; false: it has none. */
static bool find_interface(struct service *s, char *out, size_t cap)
{
	const char *f = s->config.functions & FUNCTION_ECM ? "ecm" : "ncm";

	return s->config.functions & FUNCTION_NETWORK &&
	       found_read(out, cap,
			  GADGET_FOLDER "/%s/functions/%s." GADGET_INSTANCE
					"/ifname",
			  s->config.gadget, f) > 0 &&
	       if_nametoindex(out);
}

void interface_update(struct service *s)
{
	char name[16];

	if (s->phase != SERVICE_UP || !find_interface(s, name, sizeof(name))) {
		interface_close(s);
		return;
	}
	if (strcmp(name, s->ifname) != 0 ||
	    (s->dhcp.source.fd >= 0 && s->dhcp.ifindex != if_nametoindex(name)))
		interface_close(s);
	snprintf(s->ifname, sizeof(s->ifname), "%s", name);
	address_network(s);
	watch_carrier(s);
}

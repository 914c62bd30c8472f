/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/service_status.h"

#include <stdio.h>

#include "gadget/function.h"
#include "gadget/message.h"
#include "gadget/netdev.h"
#include "gadget/report.h"
#include "gadget/sysfs.h"

static const char *state_name(const struct service *s)
{
	const struct network *n = &s->network;

	if (s->reconcile.phase == RECONCILE_WAITING)
		return "waiting";
	if (s->reconcile.phase == RECONCILE_FAILED)
		return "failed";
	if (n->conflict[0])
		return "conflict";
	return !n->ifname[0] || n->carrier ? "up" : "no host";
}

static void add_udc(struct report *r, const struct reconcile *s)
{
	char value[64];

	report_text(r, "udc", s->plan.udc);
	(void)sysfs_read(value, sizeof(value), "/sys/class/udc/%s/state",
			 s->plan.udc);
	report_text(r, "usb_state", value);
	(void)sysfs_read(value, sizeof(value),
			 "/sys/class/udc/%s/current_speed", s->plan.udc);
	report_text(r, "usb_speed", value);
	report_text(r, "role", s->found.role);
}

static void add_choice(struct report *r, const struct service *s)
{
	const struct config *c = &s->reconcile.config;
	const struct gadget_function *f = function_network(c->functions);
	char why[160];

	report_text(r, "network", f ? f->name : "");
	snprintf(why, sizeof(why), "%s%s",
		 c->auto_network ? "auto: " : "configured",
		 c->auto_network ? network_choice_text(s->choice.why) : "");
	report_text(r, "network_why", f ? why : "");
	report_number(r, "network_switches", s->choice.switches);
}

static void add_network(struct report *r, const struct service *s)
{
	const struct network *n = &s->network;
	const struct identity *id = &s->reconcile.identity;
	char value[64] = "";

	report_text(r, "interface", n->ifname);
	report_bool(r, "carrier", n->carrier);
	if (n->ifname[0])
		(void)netdev_address(NULL, n->ifname, value, sizeof(value));
	report_text(r, "address", value);
	report_text(r, "conflict", n->conflict);
	address_format_mac(id->mac, value);
	report_text(r, "mac", value);
	address_format_mac(id->host_mac, value);
	report_text(r, "host_mac", value);
	report_number(r, "rx_packets",
		      n->ifname[0] ? netdev_counter(n->ifname, "rx_packets")
				   : 0);
	report_number(r, "tx_packets",
		      n->ifname[0] ? netdev_counter(n->ifname, "tx_packets")
				   : 0);
}

static void add_dhcp(struct report *r, const struct service *s)
{
	static const char *const names[] = { "builtin", "udhcpd", "none" };
	const struct dhcp_socket *socket = &s->network.dhcp;
	const struct dhcp_server *d = &socket->server;
	uint32_t median = 0, p99 = 0;
	char mac[MAC_TEXT] = "";
	uint32_t left = dhcp_lease_left(d, clock_now_ms() / 1000);

	report_text(r, "dhcp", names[s->reconcile.config.dhcp]);
	if (s->reconcile.config.dhcp != DHCP_BUILTIN)
		return;
	if (left)
		address_format_mac(d->mac, mac);
	report_text(r, "lease_mac", mac);
	report_number(r, "lease_left_s", left);
	report_number(r, "dhcp_discover", d->in[DHCPDISCOVER]);
	report_number(r, "dhcp_request", d->in[DHCPREQUEST]);
	report_number(r, "dhcp_ack", d->out[DHCPACK]);
	report_number(r, "dhcp_nak", d->out[DHCPNAK]);
	report_number(r, "dhcp_declined", d->in[DHCPDECLINE]);
	report_number(r, "dhcp_dropped", d->dropped);
	if (!dhcp_socket_times(socket, &median, &p99))
		return;
	report_number(r, "offer_us_median", median);
	report_number(r, "offer_us_p99", p99);
	if (socket->first_lease_ms)
		report_number(r, "bind_to_lease_ms",
			      socket->first_lease_ms - s->reconcile.bound_ms);
}

static void add_fifos(struct report *r, const struct fifo_plan *p)
{
	char line[256] = "";
	size_t len = 0;

	for (int i = 0; i < p->count && len < sizeof(line); i++) {
		const struct fifo_use *u = &p->use[i];

		len += (size_t)snprintf(
			line + len, sizeof(line) - len,
			"%s%s %s %u words: %s%.0d", i ? ", " : "",
			function_by_bit(u->function)->name,
			u->bulk ? "bulk" : "interrupt", u->need,
			u->fifo ? "FIFO " : "FIFO unknown", u->fifo);
	}
	report_text(r, "fifos", line);
}

size_t service_status_format(const struct service *s, bool json, char *out,
			     size_t cap)
{
	const struct reconcile *rec = &s->reconcile;
	char functions[FUNCTION_LIST];
	struct report r;

	report_init(&r, json, out, cap);
	report_text(&r, "state", state_name(s));
	report_text(&r, "why", rec->why);
	report_text(&r, "gadget", rec->config.gadget);
	function_format(rec->plan.functions, functions, sizeof(functions));
	report_text(&r, "functions", functions);
	add_choice(&r, s);
	add_udc(&r, rec);
	report_number(&r, "recoveries", s->recovery.count);
	add_network(&r, s);
	add_dhcp(&r, s);
	add_fifos(&r, &rec->plan.fifo);
	report_text(&r, "migrated", rec->state.migrated);
	report_bool(&r, "truncated", rec->found.truncated);
	report_list(&r, "messages", message_kept);
	return report_finish(&r);
}

size_t service_status_format_stopped(char *out, size_t cap)
{
	struct report r;

	report_init(&r, true, out, cap);
	report_text(&r, "state", "not running");
	return report_finish(&r);
}

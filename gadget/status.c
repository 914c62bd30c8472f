/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gadget/message.h"
#include "gadget/net.h"

/* --- a text that is built up --- */

struct text {
	char *at, *end;
	bool json, first;
};

static void put(struct text *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void put(struct text *t, const char *format, ...)
{
	size_t room = (size_t)(t->end - t->at);
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->at, room, format, args);
	va_end(args);
	if (n > 0)
		t->at += (size_t)n < room ? (size_t)n : room - 1;
}

/* JSON's string of printable ASCII; all that is put here is, or becomes it. */
static void put_string(struct text *t, const char *value)
{
	put(t, "\"");
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			put(t, "\\%c", *value);
		else
			put(t, "%c",
			    *value < ' ' || *value > '~' ? '?' : *value);
	}
	put(t, "\"");
}

static void key(struct text *t, const char *name)
{
	if (t->json)
		put(t, "%s\"%s\":", t->first ? "" : ",", name);
	else
		put(t, "%-17s", name);
	t->first = false;
}

static void put_text(struct text *t, const char *name, const char *value)
{
	key(t, name);
	if (t->json)
		put_string(t, value);
	else
		put(t, "%s\n", *value ? value : "-");
}

static void put_number(struct text *t, const char *name, uint64_t value)
{
	key(t, name);
	put(t, "%llu%s", (unsigned long long)value, t->json ? "" : "\n");
}

static void put_bool(struct text *t, const char *name, bool value)
{
	key(t, name);
	put(t, "%s",
	    t->json ? (value ? "true" : "false") : (value ? "yes\n" : "no\n"));
}

/* --- parts --- */

static const char *phase(const struct service *s)
{
	if (s->phase == SERVICE_WAITING)
		return "waiting";
	if (s->phase == SERVICE_FAILED)
		return "failed";
	if (s->conflict[0])
		return "conflict";
	return !s->ifname[0] || s->carrier ? "up" : "no host";
}

static void put_controller(struct text *t, const struct plan *p)
{
	char value[64];

	put_text(t, "udc", p->udc);
	(void)found_read(value, sizeof(value), "/sys/class/udc/%s/state",
			 p->udc);
	put_text(t, "usb-state", value);
	(void)found_read(value, sizeof(value),
			 "/sys/class/udc/%s/current_speed", p->udc);
	put_text(t, "usb-speed", value);
	put_text(t, "role", service_found.role);
}

static void put_network(struct text *t, const struct service *s)
{
	char value[64] = "";

	put_text(t, "interface", s->ifname);
	put_bool(t, "carrier", s->carrier);
	if (s->ifname[0])
		(void)net_address(NULL, s->ifname, value, sizeof(value));
	put_text(t, "address", value);
	put_text(t, "conflict", s->conflict);
	mac_format(s->identity.mac, value);
	put_text(t, "mac", value);
	mac_format(s->identity.host_mac, value);
	put_text(t, "host-mac", value);
	put_number(t, "rx-packets",
		   s->ifname[0] ? net_counter(s->ifname, "rx_packets") : 0);
	put_number(t, "tx-packets",
		   s->ifname[0] ? net_counter(s->ifname, "tx_packets") : 0);
}

static void put_dhcp(struct text *t, const struct service *s)
{
	static const char *const names[] = { "builtin", "udhcpd", "none" };
	const struct dhcp_server *d = &s->dhcp.server;
	uint32_t median = 0, p99 = 0;
	char mac[MAC_TEXT] = "";
	uint32_t left = dhcp_lease_left(d, clock_now_ms() / 1000);

	put_text(t, "dhcp", names[s->config.dhcp]);
	if (s->config.dhcp != DHCP_BUILTIN)
		return;
	if (left)
		mac_format(d->mac, mac);
	put_text(t, "lease", mac);
	put_number(t, "lease-left-s", left);
	put_number(t, "discover", d->in[DHCPDISCOVER]);
	put_number(t, "request", d->in[DHCPREQUEST]);
	put_number(t, "ack", d->out[DHCPACK]);
	put_number(t, "nak", d->out[DHCPNAK]);
	put_number(t, "dropped", d->dropped);
	if (!dhcp_socket_times(&s->dhcp, &median, &p99))
		return;
	put_number(t, "offer-us", median);
	put_number(t, "offer-us-99", p99);
	if (s->dhcp.first_lease_ms)
		put_number(t, "bind-to-lease-ms",
			   s->dhcp.first_lease_ms - s->bound_ms);
}

static void put_fifos(struct text *t, const struct plan *p)
{
	char line[256] = "";
	size_t len = 0;

	for (int i = 0; i < p->fifo.count && len < sizeof(line); i++) {
		const struct fifo_use *u = &p->fifo.use[i];

		len += (size_t)snprintf(
			line + len, sizeof(line) - len,
			"%s%s %s %u words: %s%.0d", i ? ", " : "",
			function_name(u->function), u->bulk ? "bulk" : "notify",
			u->need, u->fifo ? "FIFO " : "not known", u->fifo);
	}
	put_text(t, "fifos", line);
}

static void put_messages(struct text *t)
{
	if (t->json)
		put(t, ",\"messages\":[");
	for (int i = 0; message_kept(i); i++) {
		if (t->json) {
			put(t, "%s", i ? "," : "");
			put_string(t, message_kept(i));
		} else {
			put_text(t, i ? "" : "messages", message_kept(i));
		}
	}
	if (t->json)
		put(t, "]");
}

size_t status_format(const struct service *s, bool json, char *out, size_t cap)
{
	struct text t = { out, out + cap, json, true };
	char functions[32];

	if (json)
		put(&t, "{");
	put_text(&t, "state", phase(s));
	put_text(&t, "why", s->why);
	put_text(&t, "gadget", s->config.gadget);
	functions_format(service_plan.functions, functions, sizeof(functions));
	put_text(&t, "functions", functions);
	put_controller(&t, &service_plan);
	put_network(&t, s);
	put_dhcp(&t, s);
	put_fifos(&t, &service_plan);
	put_text(&t, "migrated", s->state.migrated);
	put_bool(&t, "truncated", service_found.truncated);
	put_messages(&t);
	put(&t, json ? "}\n" : "");
	return (size_t)(t.at - out);
}

/* --- check --- */

static void advise(const struct config *c)
{
	if (c->functions & FUNCTION_ECM) {
		puts("ecm: macOS and Linux. Windows has no driver for it: "
		     "functions = ncm is for Windows 11");
		if (c->functions & ~(unsigned)FUNCTION_ECM)
			puts("ecm beside other functions: macOS 10.15 and "
			     "later may show no interface; ncm is safer there");
	}
	if (c->functions & FUNCTION_NCM && !config_os_descriptors(c))
		puts("ncm without os-descriptors: Windows will bind no driver");
	else if (c->functions & FUNCTION_NCM)
		puts("ncm: Windows 11, macOS and Linux. where macOS shows no "
		     "interface, functions = ecm is the other one to try");
}

int status_check(const struct config *c)
{
	static const char *const results[] = {
		"to be done:", "all is as configured",
		"waiting",     "refused",
		"refused",     "refused",
	};
	const struct plan *p = &service_plan;
	char line[2 * STEP_TEXT + 32];

	if (p->udc[0])
		printf("controller %s\n", p->udc);
	for (int i = 0; i < p->fifo.count; i++)
		if (p->fifo.use[i].fifo)
			printf("endpoint of %s, %s: %u words, FIFO %d\n",
			       function_name(p->fifo.use[i].function),
			       p->fifo.use[i].bulk ? "bulk" : "notify",
			       p->fifo.use[i].need, p->fifo.use[i].fifo);
	if (p->text[0])
		puts(p->text);
	if (service_found.truncated)
		puts(FOUND_TRUNCATED);
	advise(c);
	puts(results[p->result]);
	for (size_t i = 0; i < p->steps.count; i++) {
		step_format(&p->steps, i, line, sizeof(line));
		printf("  %s\n", line);
	}
	return p->result >= PLAN_HELD || p->functions != c->functions;
}

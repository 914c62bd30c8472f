/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/udhcpd.h"

#include <linux/capability.h>
#include <stdio.h>

#include "gadget/program.h"
#include "posix/atomic_file.h"

/* Append a line "KEY ADDRESS"; address 0: none. Returns the new length. */
static size_t add_address(char *out, size_t cap, size_t len, const char *key,
			  uint32_t address)
{
	char text[IPV4_TEXT];

	if (!address || len >= cap)
		return len;
	address_format(address, text, sizeof(text));
	return len +
	       (size_t)snprintf(out + len, cap - len, "%s %s\n", key, text);
}

void udhcpd_format(const struct config *c, const char *ifname,
		   const uint8_t host_mac[MAC_SIZE], char *out, size_t cap)
{
	char mac[MAC_TEXT], host[IPV4_TEXT];
	size_t len;

	address_format_mac(host_mac, mac);
	address_format(c->host_address, host, sizeof(host));
	len = (size_t)snprintf(out, cap,
			       "interface %s\nstart %s\nend %s\nmax_leases 1\n"
			       "static_lease %s %s\n"
			       "lease_file /run/tether/udhcpd.leases\n"
			       "pidfile /run/tether/udhcpd.pid\n"
			       "option lease %u\n",
			       ifname, host, host, mac, host, c->lease_s);
	len = add_address(out, cap, len, "option subnet",
			  address_mask(c->prefix));
	len = add_address(out, cap, len, "option router", c->router);
	(void)add_address(out, cap, len, "option dns", c->dns);
}

pid_t udhcpd_start(const struct config *c, const char *ifname,
		   const uint8_t host_mac[MAC_SIZE])
{
	char *argv[] = { "udhcpd", "-f", UDHCPD_FILE, NULL };
	struct atomic_file f;
	char text[1024];
	FILE *leases;

	udhcpd_format(c, ifname, host_mac, text, sizeof(text));
	if (atomic_file_open(&f, UDHCPD_FILE, 0644))
		return -1;
	fputs(text, f.stream);
	if (atomic_file_commit(&f))
		return -1;
	/* udhcpd logs an error if its lease file does not exist. */
	leases = fopen("/run/tether/udhcpd.leases", "ae");
	if (leases)
		fclose(leases);
	/* NET_BIND_SERVICE for port 67; NET_RAW to bind to one interface, and
	 * to answer a client that has no address yet. */
	return program_start(
		argv, NULL, 1ULL << CAP_NET_BIND_SERVICE | 1ULL << CAP_NET_RAW);
}

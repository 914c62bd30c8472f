/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/udhcpd.h"

#include <linux/capability.h>
#include <stdio.h>

#include "gadget/system.h"
#include "posix/atomic_file.h"

static size_t add(char *out, size_t cap, size_t len, const char *key,
		  uint32_t address)
{
	char text[16];

	if (!address || len >= cap)
		return len;
	address_format(address, text, sizeof(text));
	return len +
	       (size_t)snprintf(out + len, cap - len, "%s %s\n", key, text);
}

void udhcpd_format(const struct config *c, const char *ifname,
		   const uint8_t host_mac[MAC_SIZE], char *out, size_t cap)
{
	char mac[MAC_TEXT], host[16];
	size_t len;

	mac_format(host_mac, mac);
	address_format(c->host_address, host, sizeof(host));
	len = (size_t)snprintf(out, cap,
			       "interface %s\nstart %s\nend %s\nmax_leases 1\n"
			       "static_lease %s %s\n"
			       "lease_file /run/tether/udhcpd.leases\n"
			       "pidfile /run/tether/udhcpd.pid\n"
			       "option lease %u\n",
			       ifname, host, host, mac, host, c->lease_s);
	len = add(out, cap, len, "option subnet",
		  0xffffffffU << (32 - c->prefix));
	len = add(out, cap, len, "option router", c->router);
	(void)add(out, cap, len, "option dns", c->dns);
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
	/* It complains about a file that is missing. */
	leases = fopen("/run/tether/udhcpd.leases", "ae");
	if (leases)
		fclose(leases);
	/* Port 67 of one interface, and answers to who has no address yet. */
	return system_start(argv, NULL,
			    1ULL << CAP_NET_BIND_SERVICE | 1ULL << CAP_NET_RAW);
}

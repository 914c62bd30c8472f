/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/udhcpd.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gadget/program.h"
#include "gadget/rights.h"
#include "gadget/run_folder.h"
#include "linux_sys/sandbox.h"

/* Files in RUN_FOLDER_UDHCPD, in which udhcpd starts. */
#define CONFIGURATION "udhcpd.conf"
#define LEASES "udhcpd.leases"
#define PID "udhcpd.pid"

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
			       "lease_file " LEASES "\n"
			       "pidfile " PID "\n"
			       "option lease %u\n",
			       ifname, host, host, mac, host, c->lease_s);
	len = add_address(out, cap, len, "option subnet",
			  address_mask(c->prefix));
	len = add_address(out, cap, len, "option router", c->router);
	(void)add_address(out, cap, len, "option dns", c->dns);
}

/* Create a file with this text. udhcpd may write it if `writable`. */
static int create_file(const char *name, const char *text, gid_t group,
		       int writable)
{
	char path[64];
	size_t len = strlen(text);
	int fd;
	bool written;

	snprintf(path, sizeof(path), RUN_FOLDER_UDHCPD "/%s", name);
	fd = run_folder_create(path, group, writable);
	if (fd < 0)
		return -1;
	written = write(fd, text, len) == (ssize_t)len;
	close(fd);
	return written ? 0 : -1;
}

pid_t udhcpd_start(const struct config *c, const char *ifname,
		   const uint8_t host_mac[MAC_SIZE], const struct account *a)
{
	char *argv[] = { "udhcpd", "-f", CONFIGURATION, NULL };
	const struct program program = {
		.argv = argv,
		.folder = RUN_FOLDER_UDHCPD,
		.account = a,
		.rights = rights_udhcpd,
		.calls = SANDBOX_NETWORK | SANDBOX_FILES | SANDBOX_THREADS,
	};
	char text[1024];

	udhcpd_format(c, ifname, host_mac, text, sizeof(text));
	/* udhcpd cannot create files here: it finds those that it writes. */
	if (create_file(CONFIGURATION, text, a->gid, false) ||
	    create_file(LEASES, "", a->gid, true) ||
	    create_file(PID, "", a->gid, true))
		return -1;
	return program_start(&program);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* getifaddrs() and IFF_UP are not in POSIX, but in every system. */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#include "cli/hostnet.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/text.h"
#include "posix/parse.h"
#include "posix/tcp.h"

enum { PATH_LENGTH = 512, SMALL = 256 };

const char *hostnet_text(uint32_t a)
{
	static char text[4][16];
	static int next;
	char *s = text[next++ % 4];

	snprintf(s, sizeof(text[0]), "%u.%u.%u.%u", a >> 24, a >> 16 & 0xff,
		 a >> 8 & 0xff, a & 0xff);
	return s;
}

bool hostnet_resolve(const char *host, uint32_t *address)
{
	struct addrinfo hints = { .ai_family = AF_INET,
				  .ai_socktype = SOCK_STREAM };
	struct addrinfo *list;
	struct sockaddr_in in;

	if (getaddrinfo(host, NULL, &hints, &list))
		return false;
	memcpy(&in, list->ai_addr, sizeof(in));
	*address = ntohl(in.sin_addr.s_addr);
	freeaddrinfo(list);
	return true;
}

static uint32_t ipv4(const struct sockaddr *a)
{
	struct sockaddr_in in;

	if (!a || a->sa_family != AF_INET)
		return 0;
	memcpy(&in, a, sizeof(in));
	return ntohl(in.sin_addr.s_addr);
}

static void read_addresses(struct hostnet *h)
{
	struct ifaddrs *list, *i;

	if (getifaddrs(&list))
		return;
	for (i = list; i && h->addresses < HOSTNET_ADDRESSES; i = i->ifa_next) {
		struct hostnet_address *a = &h->address[h->addresses];

		if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET6)
			continue;
		*a = (struct hostnet_address){ 0 };
		snprintf(a->interface, sizeof(a->interface), "%s", i->ifa_name);
		a->up = i->ifa_flags & IFF_UP;
		a->carrier = i->ifa_flags & IFF_RUNNING;
		a->address = ipv4(i->ifa_addr);
		a->mask = ipv4(i->ifa_netmask);
		h->addresses++;
	}
	freeifaddrs(list);
}

/* --- sysfs of Linux --- */

static const char *sysfs(void)
{
	const char *root = getenv("TETHER_SYSFS");

	return root ? root : "/sys";
}

static int read_hex(const char *device, const char *name)
{
	char path[PATH_LENGTH];
	struct text t = { 0 };
	const char *at;
	uint64_t value;
	int result = -1;

	snprintf(path, sizeof(path), "%s/bus/usb/devices/%s/%s", sysfs(),
		 device, name);
	if (!text_read(&t, path, SMALL)) {
		at = text_get(&t);
		if (!parse_next(&at, 16, UINT16_MAX, &value))
			result = (int)value;
	}
	text_free(&t);
	return result;
}

static const char *function_name(int class, int subclass, int protocol)
{
	if (class == 2 && subclass == 6)
		return "CDC-ECM";
	if (class == 2 && subclass == 0x0d)
		return "CDC-NCM";
	if ((class == 0xe0 && subclass == 1 && protocol == 3) ||
	    (class == 2 && subclass == 2 && protocol == 0xff) ||
	    (class == 0xef && subclass == 4))
		return "RNDIS";
	return NULL;
}

/* Read the last path component of a link in sysfs. */
static void read_link(const char *device, const char *name,
		      char text[HOSTNET_NAME])
{
	char path[PATH_LENGTH], target[PATH_LENGTH], *last;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/bus/usb/devices/%s/%s", sysfs(),
		 device, name);
	n = readlink(path, target, sizeof(target) - 1);
	target[n > 0 ? n : 0] = '\0';
	last = strrchr(target, '/');
	snprintf(text, HOSTNET_NAME, "%.63s", last ? last + 1 : target);
}

/* The folder net/ of a USB interface contains the network interface. */
static void read_net(const char *device, char text[HOSTNET_NAME])
{
	char path[PATH_LENGTH];
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "%s/bus/usb/devices/%s/net", sysfs(),
		 device);
	d = opendir(path);
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			snprintf(text, HOSTNET_NAME, "%.63s", e->d_name);
	if (d)
		closedir(d);
}

static void read_usb(struct hostnet *h)
{
	char path[PATH_LENGTH];
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "%s/bus", sysfs());
	h->usb_known = access(path, F_OK) == 0;
	snprintf(path, sizeof(path), "%s/bus/usb/devices", sysfs());
	d = opendir(path);
	while (d && h->usbs < HOSTNET_USB && (e = readdir(d))) {
		struct hostnet_usb *u = &h->usb[h->usbs];
		const char *name;

		if (!strchr(e->d_name, ':') ||
		    strlen(e->d_name) >= HOSTNET_NAME)
			continue;
		name = function_name(read_hex(e->d_name, "bInterfaceClass"),
				     read_hex(e->d_name, "bInterfaceSubClass"),
				     read_hex(e->d_name, "bInterfaceProtocol"));
		if (!name)
			continue;
		*u = (struct hostnet_usb){ .function = name };
		snprintf(u->device, sizeof(u->device), "%.63s", e->d_name);
		read_link(e->d_name, "driver", u->driver);
		read_net(e->d_name, u->interface);
		h->usbs++;
	}
	if (d)
		closedir(d);
}

void hostnet_read(struct hostnet *h)
{
	memset(h, 0, sizeof(*h));
	read_addresses(h);
	read_usb(h);
}

void hostnet_driver(const char *usb, char driver[HOSTNET_NAME],
		    char interface[HOSTNET_NAME])
{
	driver[0] = interface[0] = '\0';
	read_link(usb, "driver", driver);
	read_net(usb, interface);
}

bool hostnet_reach(uint32_t address, uint16_t port, int timeout_ms)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(port),
				  .sin_addr.s_addr = htonl(address) };
	const struct addrinfo one = { .ai_family = AF_INET,
				      .ai_addr = (struct sockaddr *)&to,
				      .ai_addrlen = sizeof(to) };
	int fd = tcp_connect(&one, (uint32_t)timeout_ms);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* getifaddrs() and IFF_UP are not in POSIX, but in every system. */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#include "cli/hostnet.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "posix/tcp.h"

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

/* The family of a netmask may be 0, as on macOS, where its length also leaves
 * out trailing zero bytes. The family of its address decides. */
static uint32_t read_mask(const struct sockaddr *a)
{
	struct sockaddr_in in = { 0 };
	size_t len;

	if (!a)
		return 0;
	len = hostnet_sockaddr_length(a);
	memcpy(&in, a, len < sizeof(in) ? len : sizeof(in));
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
		a->carrier = hostnet_has_carrier(i->ifa_name, i->ifa_flags);
		a->address = ipv4(i->ifa_addr);
		a->mask = a->address ? read_mask(i->ifa_netmask) : 0;
		h->addresses++;
	}
	freeifaddrs(list);
}

const char *hostnet_function(int class, int subclass, int protocol)
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

void hostnet_read(struct hostnet *h)
{
	memset(h, 0, sizeof(*h));
	read_addresses(h);
	hostnet_read_usb(h);
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

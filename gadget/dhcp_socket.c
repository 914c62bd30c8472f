/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/dhcp_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "gadget/address.h"
#include "gadget/message.h"

void dhcp_socket_init(struct dhcp_socket *s, struct loop *loop)
{
	memset(s, 0, sizeof(*s));
	s->loop = loop;
	s->source.fd = -1;
}

static int64_t microseconds(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000000 + t->tv_nsec / 1000;
}

/* Add a sample: from the kernel's receive timestamp to now. */
static void add_sample(struct dhcp_socket *s, struct msghdr *m)
{
	struct timespec arrived, now;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		int64_t us;

		if (c->cmsg_level != SOL_SOCKET ||
		    c->cmsg_type != SO_TIMESTAMPNS ||
		    c->cmsg_len < CMSG_LEN(sizeof(arrived)))
			continue;
		memcpy(&arrived, CMSG_DATA(c), sizeof(arrived));
		clock_gettime(CLOCK_REALTIME, &now);
		us = microseconds(&now) - microseconds(&arrived);
		if (us >= 0 && us < 1000000000) /* else the clock was set */
			s->sample[s->samples++ % DHCP_SAMPLES] = (uint32_t)us;
	}
}

/* Log the first lease after the socket was opened. */
static void log_lease(struct dhcp_socket *s, const struct dhcp_reply *r)
{
	char address[IPV4_TEXT], mac[MAC_TEXT];

	if (r->type != DHCPACK || r->answers != DHCPREQUEST ||
	    s->first_lease_ms)
		return;
	s->first_lease_ms = clock_now_ms();
	address_format(s->server.host_address, address, sizeof(address));
	address_format_mac(s->server.mac, mac);
	message(MESSAGE_INFO, "DHCP: assigned %s to the host %s", address, mac);
}

/* The server has one address and offers it again: the user must act. */
static void log_decline(struct dhcp_socket *s, const struct dhcp_reply *r)
{
	char address[IPV4_TEXT];

	if (r->answers != DHCPDECLINE)
		return;
	address_format(s->server.host_address, address, sizeof(address));
	message(MESSAGE_WARNING,
		"DHCP: the host declined %s: another device in its network "
		"uses it. Set address and host-address of another network in "
		"the configuration",
		address);
}

/* Receive one packet and answer it. false: no packet is waiting. */
static bool answer_packet(struct dhcp_socket *s)
{
	_Alignas(struct cmsghdr) uint8_t control[128];
	struct iovec v = { s->in, sizeof(s->in) };
	struct msghdr m = { .msg_iov = &v,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(DHCP_CLIENT_PORT) };
	ssize_t len = recvmsg(s->source.fd, &m, 0);
	struct dhcp_reply r;
	size_t n;

	if (len < 0)
		return false;
	n = dhcp_handle(&s->server, s->in, (size_t)len, clock_now_ms() / 1000,
			s->out, &r);
	log_decline(s, &r);
	if (!n)
		return true;
	to.sin_addr.s_addr = htonl(r.to);
	if (sendto(s->source.fd, s->out, n, 0, (struct sockaddr *)&to,
		   sizeof(to)) < 0)
		message(MESSAGE_WARNING, "cannot send a DHCP answer: %s",
			strerror(errno));
	if (r.answers == DHCPDISCOVER)
		add_sample(s, &m);
	log_lease(s, &r);
	return true;
}

static void socket_ready(void *ctx, uint32_t events)
{
	struct dhcp_socket *s = ctx;
	int turn = DHCP_TURN;

	(void)events;
	while (turn-- && answer_packet(s))
		;
}

static int bind_to_interface(int fd, const char *ifname)
{
	const struct sockaddr_in any = { .sin_family = AF_INET,
					 .sin_port = htons(DHCP_SERVER_PORT) };
	int on = 1;

	return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	       setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) ||
	       setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) ||
	       setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, ifname,
			  (socklen_t)strlen(ifname) + 1) ||
	       bind(fd, (const struct sockaddr *)&any, sizeof(any));
}

int dhcp_socket_open(struct dhcp_socket *s, const char *ifname)
{
	int error;

	dhcp_socket_close(s);
	s->ifindex = if_nametoindex(ifname);
	s->first_lease_ms = 0;
	s->source = (struct loop_source){ -1, socket_ready, s };
	s->source.fd =
		socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->source.fd < 0)
		return ERR_IO;
	if (!bind_to_interface(s->source.fd, ifname) &&
	    !loop_add(s->loop, &s->source, EPOLLIN))
		return ERR_OK;
	error = errno;
	close(s->source.fd);
	s->source.fd = -1;
	errno = error;
	return ERR_IO;
}

void dhcp_socket_close(struct dhcp_socket *s)
{
	if (s->source.fd < 0)
		return;
	loop_remove(s->loop, &s->source);
	close(s->source.fd);
	s->source.fd = -1;
}

static int compare(const void *a, const void *b)
{
	uint32_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x < y ? -1 : x > y;
}

bool dhcp_socket_times(const struct dhcp_socket *s, uint32_t *median,
		       uint32_t *p99)
{
	uint32_t sorted[DHCP_SAMPLES];
	size_t n = s->samples < DHCP_SAMPLES ? s->samples : DHCP_SAMPLES;

	if (!n)
		return false;
	memcpy(sorted, s->sample, n * sizeof(sorted[0]));
	qsort(sorted, n, sizeof(sorted[0]), compare);
	*median = sorted[n / 2];
	*p99 = sorted[n * 99 / 100];
	return true;
}

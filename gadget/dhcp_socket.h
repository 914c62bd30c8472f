/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Serves DHCP on UDP port 67 of one interface, and measures how long answers
 * take. It reads at most DHCP_TURN packets per turn of the loop, so that a
 * flood of requests delays only DHCP.
 */
#ifndef TETHER_GADGET_DHCP_SOCKET_H
#define TETHER_GADGET_DHCP_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "gadget/dhcp.h"
#include "linux_sys/loop.h"

enum { DHCP_TURN = 16, DHCP_SAMPLES = 128 };

struct dhcp_socket {
	struct dhcp_server server;
	struct loop *loop;
	struct loop_source source; /* fd -1: closed */
	unsigned int ifindex;
	/* Microseconds from the arrival of a DHCPDISCOVER to its answer, a ring
	 * of the latest samples. */
	uint32_t sample[DHCP_SAMPLES];
	uint32_t samples;	 /* total number taken */
	uint32_t first_lease_ms; /* clock_now_ms() of the first DHCPACK since
				  * the socket was opened; 0: none yet */
	uint8_t in[DHCP_IN_MAX], out[DHCP_OUT_MAX];
};

void dhcp_socket_init(struct dhcp_socket *s, struct loop *loop);

/** Open the socket; it is closed first if it is open. The lease in s->server
 * stays. ERR_IO with errno. */
int dhcp_socket_open(struct dhcp_socket *s, const char *ifname);
void dhcp_socket_close(struct dhcp_socket *s);

/** Median and 99th percentile of the samples in microseconds. false: there are
 * no samples. */
bool dhcp_socket_times(const struct dhcp_socket *s, uint32_t *median,
		       uint32_t *p99);

#endif

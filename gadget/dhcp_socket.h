/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UDP port 67 of one interface, and the time that answers take. Reads at most
 * DHCP_TURN packets a turn of the loop: a flood is answered slowly, and delays
 * nothing else.
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
	/* microseconds from a packet's arrival to its answer, of the last
	 * DHCPDISCOVERs */
	uint32_t sample[DHCP_SAMPLES];
	uint32_t samples;
	uint32_t first_lease_ms; /* clock_now_ms() of the first DHCPACK since
				  * it was opened; 0: none yet */
	uint8_t in[DHCP_IN_MAX], out[DHCP_OUT_MAX];
};

/** Closed; server keeps its lease over open and close. */
void dhcp_socket_init(struct dhcp_socket *s, struct loop *loop);

/** ERR_IO with errno. */
int dhcp_socket_open(struct dhcp_socket *s, const char *ifname);
void dhcp_socket_close(struct dhcp_socket *s);

/** Median and 99th percentile of the samples; false: there are none. */
bool dhcp_socket_times(const struct dhcp_socket *s, uint32_t *median,
		       uint32_t *p99);

#endif

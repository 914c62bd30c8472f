/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends rtnetlink requests: builds a message in a buffer, sends it, and waits
 * for its acknowledgement. One request at a time.
 */
#ifndef TETHER_LINUX_SYS_NETLINK_H
#define TETHER_LINUX_SYS_NETLINK_H

#include <stddef.h>
#include <stdint.h>

enum { NETLINK_MAX = 512 };

struct netlink {
	int fd;
	uint32_t sequence;
	size_t len; /* of the message being built */
	_Alignas(4) uint8_t message[NETLINK_MAX];
};

/** Open a socket. ERR_IO with errno set. */
int netlink_open(struct netlink *n);
void netlink_close(struct netlink *n);

/** Begin a request with a type (RTM_...), flags in addition to NLM_F_REQUEST
 * and NLM_F_ACK, and the header struct of its type. */
void netlink_begin(struct netlink *n, uint16_t type, uint16_t flags,
		   const void *body, size_t len);

/** Add an attribute. If it does not fit, netlink_send() returns ERR_FULL. */
void netlink_add(struct netlink *n, uint16_t type, const void *data,
		 size_t len);

/** Begin a nested attribute; pass the result to netlink_end() after its
 * members. */
size_t netlink_nest(struct netlink *n, uint16_t type);
void netlink_end(struct netlink *n, size_t nest);

/** Send the request and wait for its acknowledgement. ERR_IO with errno set,
 * also if the kernel refuses. ERR_FULL: longer than NETLINK_MAX. */
int netlink_send(struct netlink *n);

#endif

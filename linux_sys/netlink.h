/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rtnetlink requests: a message is built in a buffer, sent, and its
 * acknowledgement waited for. One at a time.
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

/** ERR_IO with errno set. */
int netlink_open(struct netlink *n);
void netlink_close(struct netlink *n);

/** Begin a request: type (RTM_...), flags besides NLM_F_REQUEST and _ACK, and
 * the struct that its family begins with. */
void netlink_begin(struct netlink *n, uint16_t type, uint16_t flags,
		   const void *body, size_t len);

/** Add an attribute. What does not fit is left out, and netlink_send() says
 * ERR_FULL. */
void netlink_add(struct netlink *n, uint16_t type, const void *data,
		 size_t len);

/** Begin an attribute that holds those that follow; what it returns is for
 * netlink_end(). */
size_t netlink_nest(struct netlink *n, uint16_t type);
void netlink_end(struct netlink *n, size_t nest);

/** Send it. ERR_OK, or ERR_IO with errno as the kernel's answer has it. */
int netlink_send(struct netlink *n);

#endif

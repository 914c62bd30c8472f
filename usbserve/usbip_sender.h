/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends the replies of one USB/IP connection. One sendmsg() sends all queued
 * replies, as a system call for each transfer would limit the throughput. Small
 * replies are copied into one buffer. The data of large replies is sent without
 * a copy.
 */
#ifndef TETHER_USBSERVE_USBIP_SENDER_H
#define TETHER_USBSERVE_USBIP_SENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "usbserve/usbip_transfer.h"

enum { USBIP_SENDER_BUFFER = 64 << 10 };

/** All zero except `pool`: nothing to send. */
struct usbip_sender {
	/* Gets transfers back after their reply is sent. */
	struct usbip_transfer_pool *pool;
	struct usbip_transfer_list queue; /* replies that are not packed yet */
	size_t written; /* bytes sent of the first reply in the queue */
	size_t at, len; /* unsent part of buffer */
	uint8_t buffer[USBIP_SENDER_BUFFER];
};

/** Queue bytes before any reply. At most USBIP_SENDER_BUFFER bytes. */
void usbip_sender_add(struct usbip_sender *s, const void *data, size_t len);

/** Queue the reply of a transfer: its header and t->reply bytes of data. */
void usbip_sender_queue(struct usbip_sender *s, struct usbip_transfer *t);

/** Whether bytes remain to be sent. */
bool usbip_sender_is_busy(const struct usbip_sender *s);

/** Send all bytes. ERR_IO with errno: fd accepted no more bytes; EAGAIN: the
 * socket is full. */
int usbip_sender_send(struct usbip_sender *s, int fd);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The replies of one USB/IP connection on their way into its socket. System
 * calls per transfer limit the throughput, so that one sendmsg() carries all
 * replies that are queued: small ones copied side by side into one buffer,
 * large ones from where their data lies.
 */
#ifndef TETHER_USBSERVE_USBIP_SENDER_H
#define TETHER_USBSERVE_USBIP_SENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "usbserve/usbip_transfer.h"

enum { USBIP_SENDER_BUFFER = 64 << 10 };

/** All zero but `pool`: nothing to send. */
struct usbip_sender {
	struct usbip_transfer_pool *pool; /* gets back what was sent */
	struct usbip_transfer_list queue; /* replies that are not packed yet */
	size_t written;			  /* bytes sent of the queue's first */
	size_t at, len;			  /* unsent part of buffer */
	uint8_t buffer[USBIP_SENDER_BUFFER];
};

/** Queue bytes before any reply. At most USBIP_SENDER_BUFFER bytes. */
void usbip_sender_add(struct usbip_sender *s, const void *data, size_t len);

/** Queue the reply of a transfer: its header and t->reply bytes of data. */
void usbip_sender_queue(struct usbip_sender *s, struct usbip_transfer *t);

/** Whether bytes are left to send. */
bool usbip_sender_is_busy(const struct usbip_sender *s);

/** Send until all is sent: ERR_OK; or until fd refuses: ERR_IO with errno,
 * EAGAIN when the socket is full. */
int usbip_sender_send(struct usbip_sender *s, int fd);

#endif

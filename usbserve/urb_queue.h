/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A queue of submitted URBs, linked through their members next and prev. For
 * the device side of usbserve.h.
 */
#ifndef TETHER_USBSERVE_URB_QUEUE_H
#define TETHER_USBSERVE_URB_QUEUE_H

#include <stddef.h>

#include "usbserve/usbserve.h"

struct urb_queue {
	struct usbserve_urb *head, *tail; /* NULL: empty */
};

static inline void urb_queue_push(struct urb_queue *q, struct usbserve_urb *u)
{
	u->next = NULL;
	u->prev = q->tail;
	if (q->tail)
		q->tail->next = u;
	else
		q->head = u;
	q->tail = u;
}

/** Remove u from any place in the queue. */
static inline void urb_queue_remove(struct urb_queue *q, struct usbserve_urb *u)
{
	if (u->prev)
		u->prev->next = u->next;
	else
		q->head = u->next;
	if (u->next)
		u->next->prev = u->prev;
	else
		q->tail = u->prev;
}

#endif

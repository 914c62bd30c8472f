/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The URBs of one USB/IP connection. A transfer represents a URB from its
 * command until the last byte of its reply is sent. A pool keeps completed
 * transfers with their buffers for the next commands, and counts the transfers
 * and bytes in flight.
 */
#ifndef TETHER_USBSERVE_USBIP_TRANSFER_H
#define TETHER_USBSERVE_USBIP_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include "usbserve/usbip_wire.h"
#include "usbserve/usbserve.h"

struct usbip_conn;

struct usbip_transfer {
	struct usbserve_urb urb;
	struct usbip_conn *conn;
	uint32_t seqnum;
	bool unlinked; /* by CMD_UNLINK: the host expects no RET_SUBMIT */
	uint8_t header[USBIP_HEADER_SIZE]; /* of the reply */
	uint32_t reply; /* bytes of data after the reply's header */
	uint8_t *data;
	uint32_t cap; /* bytes allocated at data */
	struct usbip_transfer *next, *prev;
};

/** A queue. All zero: empty. */
struct usbip_transfer_list {
	struct usbip_transfer *head, *tail;
};

struct usbip_transfer_pool {
	struct usbip_transfer *spare;
	unsigned int spares;
	unsigned int urbs;  /* transfers in use */
	uint64_t in_flight; /* their bytes */
};

/** Get a transfer with room for `length` bytes of data, which are not cleared.
 * NULL: out of memory. */
struct usbip_transfer *usbip_transfer_get(struct usbip_transfer_pool *p,
					  uint32_t length);

/** Return a transfer that is in no list to its pool. */
void usbip_transfer_release(struct usbip_transfer_pool *p,
			    struct usbip_transfer *t);

/** Free one transfer, or all transfers of a chain, without a pool. */
void usbip_transfer_free(struct usbip_transfer *t);
void usbip_transfer_free_chain(struct usbip_transfer *t);

static inline void usbip_transfer_push(struct usbip_transfer_list *l,
				       struct usbip_transfer *t)
{
	t->next = NULL;
	t->prev = l->tail;
	if (l->tail)
		l->tail->next = t;
	else
		l->head = t;
	l->tail = t;
}

/** Remove t from any place in the list. */
static inline void usbip_transfer_remove(struct usbip_transfer_list *l,
					 struct usbip_transfer *t)
{
	if (t->prev)
		t->prev->next = t->next;
	else
		l->head = t->next;
	if (t->next)
		t->next->prev = t->prev;
	else
		l->tail = t->prev;
}

/** Remove the head of a list that is not empty. */
static inline struct usbip_transfer *
usbip_transfer_pop(struct usbip_transfer_list *l)
{
	struct usbip_transfer *t = l->head;

	l->head = t->next;
	if (l->head)
		l->head->prev = NULL;
	else
		l->tail = NULL;
	return t;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "usbserve/usbip_transfer.h"

#include <stdlib.h>
#include <string.h>

enum {
	SPARES_MAX = 64,	   /* transfers kept for the next URBs */
	SPARE_SIZE_MAX = 64 << 10, /* larger buffers are freed */
};

void usbip_transfer_free(struct usbip_transfer *t)
{
	free(t->data);
	free(t);
}

void usbip_transfer_free_chain(struct usbip_transfer *t)
{
	while (t) {
		struct usbip_transfer *next = t->next;

		usbip_transfer_free(t);
		t = next;
	}
}

void usbip_transfer_release(struct usbip_transfer_pool *p,
			    struct usbip_transfer *t)
{
	p->urbs--;
	p->in_flight -= t->urb.length;
	if (p->spares == SPARES_MAX || t->cap > SPARE_SIZE_MAX) {
		usbip_transfer_free(t);
		return;
	}
	t->next = p->spare;
	p->spare = t;
	p->spares++;
}

static struct usbip_transfer *reuse_or_allocate(struct usbip_transfer_pool *p)
{
	struct usbip_transfer *t = p->spare;

	if (!t)
		return calloc(1, sizeof(*t));
	p->spare = t->next;
	p->spares--;
	return t;
}

static bool grow_data(struct usbip_transfer *t, uint32_t length)
{
	uint8_t *data;

	if (t->cap >= length)
		return true;
	data = realloc(t->data, length);
	if (!data)
		return false;
	t->data = data;
	t->cap = length;
	return true;
}

struct usbip_transfer *usbip_transfer_get(struct usbip_transfer_pool *p,
					  uint32_t length)
{
	struct usbip_transfer *t = reuse_or_allocate(p);

	if (!t)
		return NULL;
	if (!grow_data(t, length)) {
		usbip_transfer_free(t);
		return NULL;
	}
	memset(&t->urb, 0, sizeof(t->urb));
	t->unlinked = false;
	t->reply = 0;
	t->urb.data = t->data;
	t->urb.length = length;
	p->urbs++;
	p->in_flight += length;
	return t;
}

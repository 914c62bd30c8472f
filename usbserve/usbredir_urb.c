/* SPDX-License-Identifier: Apache-2.0 */
#include "usbserve/usbredir_urb.h"

#include <errno.h>
#include <stdlib.h>

static uint8_t map_status(int status)
{
	switch (status) {
	case 0:
		return usb_redir_success;
	case -EPIPE:
		return usb_redir_stall;
	case -ECONNRESET:
		return usb_redir_cancelled;
	case -EOVERFLOW:
		return usb_redir_babble;
	case -ETIMEDOUT:
		return usb_redir_timeout;
	default:
		return usb_redir_ioerror;
	}
}

void usbredir_urb_free(struct usbredir_urb *u)
{
	if (u->parser_data)
		usbredirparser_free_packet_data(u->owner->parser, u->urb.data);
	else if (u->urb.data != u->small)
		free(u->urb.data);
	free(u);
}

static void unlink_urb(struct usbredir_urb *u)
{
	struct usbredir_urb **at = &u->owner->first;

	while (*at != u)
		at = &(*at)->next;
	*at = u->next;
	u->owner->urbs--;
	u->owner->bytes -= u->urb.length;
}

static void complete_urb(struct usbserve_urb *urb)
{
	struct usbredir_urb *u = urb->owner;

	unlink_urb(u);
	if (!u->owner->ended)
		u->answer(u, map_status(urb->status));
	usbredir_urb_free(u);
}

struct usbredir_urb *usbredir_urb_new(struct usbredir_transfers *c, uint64_t id,
				      void (*answer)(struct usbredir_urb *,
						     uint8_t))
{
	struct usbredir_urb *u;

	if (c->urbs == USBREDIR_URBS_MAX)
		return NULL;
	u = calloc(1, sizeof(*u));
	if (!u)
		return NULL;
	u->owner = c;
	u->id = id;
	u->answer = answer;
	u->urb.owner = u;
	u->urb.complete = complete_urb;
	return u;
}

bool usbredir_urb_fits(const struct usbredir_transfers *c, uint32_t len)
{
	return len <= USBREDIR_TRANSFER_MAX &&
	       c->bytes + len <= USBREDIR_IN_FLIGHT_MAX;
}

bool usbredir_urb_make_room(struct usbredir_urb *u, uint32_t len)
{
	if (!usbredir_urb_fits(u->owner, len))
		return false;
	u->urb.length = len;
	u->urb.data = len > sizeof(u->small) ? malloc(len) : u->small;
	return u->urb.data;
}

void usbredir_urb_submit(struct usbredir_urb *u)
{
	struct usbredir_transfers *c = u->owner;

	u->next = c->first;
	c->first = u;
	c->urbs++;
	c->bytes += u->urb.length;
	c->ops->submit(c->device, &u->urb);
}

void usbredir_urb_refuse(struct usbredir_urb *u, uint8_t status)
{
	u->answer(u, status);
	usbredir_urb_free(u);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "usbserve/usbredir_interrupt.h"

#include <stddef.h>

#include "usbserve/usbredir_urb.h"

enum { INTERRUPT_SIZE = 1024 }; /* largest packet at high speed */

static void submit_receive(struct usbredir_transfers *c, uint8_t endpoint);

static void forward_packet(struct usbredir_urb *u, uint8_t status)
{
	struct usbredir_transfers *c = u->owner;
	uint8_t number = u->urb.endpoint & 0x0f;
	struct usb_redir_interrupt_packet_header h = {
		.endpoint = u->urb.endpoint,
		.status = status,
		.length = (uint16_t)u->urb.actual,
	};
	struct usb_redir_interrupt_receiving_status_header s = {
		.status = status,
		.endpoint = u->urb.endpoint,
	};

	c->receiving[number] = NULL;
	if (status == usb_redir_success) {
		usbredirparser_send_interrupt_packet(c->parser, u->id++, &h,
						     u->urb.data,
						     (int)u->urb.actual);
		submit_receive(c, u->urb.endpoint);
	} else if (status != usb_redir_cancelled) {
		usbredirparser_send_interrupt_receiving_status(c->parser, 0,
							       &s);
	}
}

static void submit_receive(struct usbredir_transfers *c, uint8_t endpoint)
{
	struct usbredir_urb *u = usbredir_urb_new(c, 0, forward_packet);
	struct usb_redir_interrupt_receiving_status_header s = {
		.status = usb_redir_ioerror,
		.endpoint = endpoint,
	};

	if (u && !usbredir_urb_make_room(u, INTERRUPT_SIZE)) {
		usbredir_urb_free(u);
		u = NULL;
	}
	if (!u) {
		usbredirparser_send_interrupt_receiving_status(c->parser, 0,
							       &s);
		return;
	}
	u->urb.endpoint = endpoint;
	c->receiving[endpoint & 0x0f] = u;
	usbredir_urb_submit(u);
}

static void
start_interrupt(void *priv, uint64_t id,
		struct usb_redir_start_interrupt_receiving_header *h)
{
	struct usbredir_transfers *c = priv;
	struct usb_redir_interrupt_receiving_status_header s = {
		.status = usb_redir_success,
		.endpoint = h->endpoint,
	};

	if (c->receiving[h->endpoint & 0x0f])
		s.status = usb_redir_inval;
	usbredirparser_send_interrupt_receiving_status(c->parser, id, &s);
	if (s.status == usb_redir_success)
		submit_receive(c, h->endpoint);
}

static void stop_interrupt(void *priv, uint64_t id,
			   struct usb_redir_stop_interrupt_receiving_header *h)
{
	struct usbredir_transfers *c = priv;
	struct usbredir_urb *u = c->receiving[h->endpoint & 0x0f];
	struct usb_redir_interrupt_receiving_status_header s = {
		.status = usb_redir_success,
		.endpoint = h->endpoint,
	};

	if (u)
		c->ops->cancel(c->device, &u->urb);
	usbredirparser_send_interrupt_receiving_status(c->parser, id, &s);
}

void usbredir_interrupt_set(struct usbredirparser *p)
{
	p->start_interrupt_receiving_func = start_interrupt;
	p->stop_interrupt_receiving_func = stop_interrupt;
}

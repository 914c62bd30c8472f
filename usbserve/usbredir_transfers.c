/* SPDX-License-Identifier: Apache-2.0 */
#include "usbserve/usbredir_transfers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <usbredirparser.h>

#include "usbserve/usbredir_conn.h"

enum { INTERRUPT_SIZE = 1024 };
enum { GET_CONFIGURATION = 8, SET_CONFIGURATION, GET_INTERFACE, SET_INTERFACE };

/* A request of the peer. answer() sends what became of it. */
struct redir_urb {
	struct usbserve_urb urb;
	struct usbredir_transfers *owner;
	struct redir_urb *next;
	uint64_t id;
	void (*answer)(struct redir_urb *u, uint8_t status);
	union {
		struct usb_redir_control_packet_header control;
		struct usb_redir_bulk_packet_header bulk;
		struct usb_redir_interrupt_packet_header interrupt;
	};
	bool parsers; /* data is libusbredirparser's */
	uint8_t small[1];
};

static uint8_t status_of(int status)
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

/* --- transfers --- */

static void free_urb(struct redir_urb *u)
{
	if (u->parsers)
		usbredirparser_free_packet_data(u->owner->parser, u->urb.data);
	else if (u->urb.data != u->small)
		free(u->urb.data);
	free(u);
}

static void unlink_urb(struct redir_urb *u)
{
	struct redir_urb **at = &u->owner->first;

	while (*at != u)
		at = &(*at)->next;
	*at = u->next;
	u->owner->urbs--;
}

static void completed(struct usbserve_urb *urb)
{
	struct redir_urb *u = urb->owner;

	unlink_urb(u);
	if (!u->owner->ended)
		u->answer(u, status_of(urb->status));
	free_urb(u);
}

static struct redir_urb *new_urb(struct usbredir_transfers *c, uint64_t id,
				 void (*answer)(struct redir_urb *, uint8_t))
{
	struct redir_urb *u;

	if (c->urbs == USBREDIR_URBS_MAX)
		return NULL;
	u = calloc(1, sizeof(*u));
	if (!u)
		return NULL;
	u->owner = c;
	u->id = id;
	u->answer = answer;
	u->urb.owner = u;
	u->urb.complete = completed;
	return u;
}

/* Room for what the device sends. */
static bool make_room(struct redir_urb *u, uint32_t len)
{
	if (len > USBREDIR_TRANSFER_MAX)
		return false;
	u->urb.length = len;
	u->urb.data = len > sizeof(u->small) ? malloc(len) : u->small;
	return u->urb.data;
}

static void submit(struct redir_urb *u)
{
	struct usbredir_transfers *c = u->owner;

	u->next = c->first;
	c->first = u;
	c->urbs++;
	c->ops->submit(c->device, &u->urb);
}

/* One that the device does not get to see. */
static void refuse(struct redir_urb *u, uint8_t status)
{
	u->answer(u, status);
	free_urb(u);
}

/* One for which there is no room: the peer may ask again. `u` is for the
 * answer's head alone. */
static void no_room(struct usbredir_transfers *c, struct redir_urb *u,
		    uint64_t id,
		    void (*answer)(struct redir_urb *, uint8_t status))
{
	u->owner = c;
	u->id = id;
	u->urb.data = u->small;
	answer(u, usb_redir_ioerror);
}

static void answer_control(struct redir_urb *u, uint8_t status)
{
	bool in = u->control.endpoint & 0x80;
	int n = in ? (int)u->urb.actual : 0;

	u->control.status = status;
	u->control.length = (uint16_t)u->urb.actual;
	usbredirparser_send_control_packet(u->owner->parser, u->id, &u->control,
					   n ? u->urb.data : NULL, n);
}

static void answer_bulk(struct redir_urb *u, uint8_t status)
{
	bool in = u->bulk.endpoint & 0x80;
	int n = in ? (int)u->urb.actual : 0;

	u->bulk.status = status;
	u->bulk.length = (uint16_t)u->urb.actual;
	u->bulk.length_high = (uint16_t)(u->urb.actual >> 16);
	usbredirparser_send_bulk_packet(u->owner->parser, u->id, &u->bulk,
					n ? u->urb.data : NULL, n);
}

static void answer_interrupt(struct redir_urb *u, uint8_t status)
{
	u->interrupt.status = status;
	u->interrupt.length = (uint16_t)u->urb.actual;
	usbredirparser_send_interrupt_packet(u->owner->parser, u->id,
					     &u->interrupt, NULL, 0);
}

static void control_packet(void *priv, uint64_t id,
			   struct usb_redir_control_packet_header *h,
			   uint8_t *data, int len)
{
	struct usbredir_transfers *c = priv;
	struct redir_urb *u = new_urb(c, id, answer_control);
	bool in = h->endpoint & 0x80;
	const uint8_t setup[8] = {
		h->requesttype,	    h->request,
		(uint8_t)h->value,  (uint8_t)(h->value >> 8),
		(uint8_t)h->index,  (uint8_t)(h->index >> 8),
		(uint8_t)h->length, (uint8_t)(h->length >> 8),
	};

	if (!u) {
		struct redir_urb none = { .control = *h };

		usbredirparser_free_packet_data(c->parser, data);
		no_room(c, &none, id, answer_control);
		return;
	}
	memcpy(u->urb.setup, setup, sizeof(setup));
	u->control = *h;
	u->urb.endpoint = h->endpoint & 0x80;
	if (in) {
		usbredirparser_free_packet_data(c->parser, data);
		if (!make_room(u, h->length)) {
			refuse(u, usb_redir_inval);
			return;
		}
	} else {
		u->parsers = true;
		u->urb.data = data;
		u->urb.length = (uint32_t)len;
	}
	submit(u);
}

static void bulk_packet(void *priv, uint64_t id,
			struct usb_redir_bulk_packet_header *h, uint8_t *data,
			int len)
{
	struct usbredir_transfers *c = priv;
	struct redir_urb *u = new_urb(c, id, answer_bulk);
	bool in = h->endpoint & 0x80;
	bool fits;

	if (!u) {
		struct redir_urb none = { .bulk = *h };

		usbredirparser_free_packet_data(c->parser, data);
		no_room(c, &none, id, answer_bulk);
		return;
	}
	u->bulk = *h;
	u->urb.endpoint = h->endpoint;
	if (in) {
		usbredirparser_free_packet_data(c->parser, data);
		fits = make_room(u, (uint32_t)h->length_high << 16 | h->length);
	} else {
		u->parsers = true;
		u->urb.data = data;
		u->urb.length = (uint32_t)len;
		fits = len <= USBREDIR_TRANSFER_MAX;
	}
	if (!fits || h->stream_id)
		refuse(u, usb_redir_inval);
	else
		submit(u);
}

/* Only OUT comes this way; IN is received, see below. */
static void interrupt_packet(void *priv, uint64_t id,
			     struct usb_redir_interrupt_packet_header *h,
			     uint8_t *data, int len)
{
	struct usbredir_transfers *c = priv;
	struct redir_urb *u = new_urb(c, id, answer_interrupt);

	if (!u) {
		struct redir_urb none = { .interrupt = *h };

		usbredirparser_free_packet_data(c->parser, data);
		no_room(c, &none, id, answer_interrupt);
		return;
	}
	u->interrupt = *h;
	u->urb.endpoint = h->endpoint;
	u->parsers = true;
	u->urb.data = data;
	u->urb.length = (uint32_t)len;
	if (h->endpoint & 0x80)
		refuse(u, usb_redir_inval);
	else
		submit(u);
}

static void iso_packet(void *priv, uint64_t id,
		       struct usb_redir_iso_packet_header *h, uint8_t *data,
		       int len)
{
	struct usbredir_transfers *c = priv;

	(void)id;
	(void)h;
	(void)len;
	usbredirparser_free_packet_data(c->parser, data);
}

static void cancel_data_packet(void *priv, uint64_t id)
{
	struct usbredir_transfers *c = priv;

	/* One that is complete already was answered. */
	for (struct redir_urb *u = c->first; u; u = u->next)
		if (u->id == id && c->receiving[u->urb.endpoint & 0x0f] != u) {
			c->ops->cancel(c->device, &u->urb);
			return;
		}
}

/* --- interrupt endpoints: read all the time, as the peer asked for --- */

static void receive(struct usbredir_transfers *c, uint8_t endpoint);

static void received(struct redir_urb *u, uint8_t status)
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
		receive(c, u->urb.endpoint);
	} else if (status != usb_redir_cancelled) {
		usbredirparser_send_interrupt_receiving_status(c->parser, 0,
							       &s);
	}
}

static void receive(struct usbredir_transfers *c, uint8_t endpoint)
{
	struct redir_urb *u = new_urb(c, 0, received);
	struct usb_redir_interrupt_receiving_status_header s = {
		.status = usb_redir_ioerror,
		.endpoint = endpoint,
	};

	if (u && !make_room(u, INTERRUPT_SIZE)) {
		free_urb(u);
		u = NULL;
	}
	if (!u) {
		usbredirparser_send_interrupt_receiving_status(c->parser, 0,
							       &s);
		return;
	}
	u->urb.endpoint = endpoint;
	c->receiving[endpoint & 0x0f] = u;
	submit(u);
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
		receive(c, h->endpoint);
}

static void stop_interrupt(void *priv, uint64_t id,
			   struct usb_redir_stop_interrupt_receiving_header *h)
{
	struct usbredir_transfers *c = priv;
	struct redir_urb *u = c->receiving[h->endpoint & 0x0f];
	struct usb_redir_interrupt_receiving_status_header s = {
		.status = usb_redir_success,
		.endpoint = h->endpoint,
	};

	if (u)
		c->ops->cancel(c->device, &u->urb);
	usbredirparser_send_interrupt_receiving_status(c->parser, id, &s);
}

/* --- configuration: packets of their own, control transfers here --- */

static void answer_configuration(struct redir_urb *u, uint8_t status)
{
	bool get = u->urb.setup[1] == GET_CONFIGURATION;
	struct usb_redir_configuration_status_header h = {
		.status = status,
		.configuration = get ? u->urb.data[0] : u->urb.setup[2],
	};

	usbredirparser_send_configuration_status(u->owner->parser, u->id, &h);
}

static void answer_alt_setting(struct redir_urb *u, uint8_t status)
{
	bool get = u->urb.setup[1] == GET_INTERFACE;
	struct usb_redir_alt_setting_status_header h = {
		.status = status,
		.interface = u->urb.setup[4],
		.alt = get ? u->urb.data[0] : u->urb.setup[2],
	};

	usbredirparser_send_alt_setting_status(u->owner->parser, u->id, &h);
}

static void standard_request(struct usbredir_transfers *c, uint64_t id,
			     uint8_t request, uint8_t value, uint8_t index)
{
	bool in = request == GET_CONFIGURATION || request == GET_INTERFACE;
	bool interface = request >= GET_INTERFACE;
	void (*answer)(struct redir_urb *, uint8_t) =
		interface ? answer_alt_setting : answer_configuration;
	struct redir_urb *u = new_urb(c, id, answer), none = { 0 };
	uint8_t *setup = u ? u->urb.setup : none.urb.setup;

	setup[0] = (uint8_t)((in ? 0x80 : 0) | (interface ? 1 : 0));
	setup[1] = request;
	setup[2] = value;
	setup[4] = index;
	setup[6] = in;
	if (!u) {
		no_room(c, &none, id, answer);
		return;
	}
	u->urb.endpoint = in ? 0x80 : 0;
	u->urb.data = u->small;
	u->urb.length = in;
	submit(u);
}

static void set_configuration(void *priv, uint64_t id,
			      struct usb_redir_set_configuration_header *h)
{
	standard_request(priv, id, SET_CONFIGURATION, h->configuration, 0);
}

static void get_configuration(void *priv, uint64_t id)
{
	standard_request(priv, id, GET_CONFIGURATION, 0, 0);
}

static void set_alt_setting(void *priv, uint64_t id,
			    struct usb_redir_set_alt_setting_header *h)
{
	standard_request(priv, id, SET_INTERFACE, h->alt, h->interface);
}

static void get_alt_setting(void *priv, uint64_t id,
			    struct usb_redir_get_alt_setting_header *h)
{
	standard_request(priv, id, GET_INTERFACE, 0, h->interface);
}

static void start_iso(void *priv, uint64_t id,
		      struct usb_redir_start_iso_stream_header *h)
{
	struct usbredir_transfers *c = priv;
	struct usb_redir_iso_stream_status_header s = {
		.status = usb_redir_inval,
		.endpoint = h->endpoint,
	};

	usbredirparser_send_iso_stream_status(c->parser, id, &s);
}

static void stop_iso(void *priv, uint64_t id,
		     struct usb_redir_stop_iso_stream_header *h)
{
	struct usbredir_transfers *c = priv;
	struct usb_redir_iso_stream_status_header s = {
		.status = usb_redir_success,
		.endpoint = h->endpoint,
	};

	usbredirparser_send_iso_stream_status(c->parser, id, &s);
}

void usbredir_transfers_set(struct usbredir_transfers *c)
{
	struct usbredirparser *p = c->parser;

	p->set_configuration_func = set_configuration;
	p->get_configuration_func = get_configuration;
	p->set_alt_setting_func = set_alt_setting;
	p->get_alt_setting_func = get_alt_setting;
	p->start_iso_stream_func = start_iso;
	p->stop_iso_stream_func = stop_iso;
	p->start_interrupt_receiving_func = start_interrupt;
	p->stop_interrupt_receiving_func = stop_interrupt;
	p->cancel_data_packet_func = cancel_data_packet;
	p->control_packet_func = control_packet;
	p->bulk_packet_func = bulk_packet;
	p->iso_packet_func = iso_packet;
	p->interrupt_packet_func = interrupt_packet;
}

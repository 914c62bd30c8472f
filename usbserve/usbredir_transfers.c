/* SPDX-License-Identifier: Apache-2.0 */
#include "usbserve/usbredir_transfers.h"

#include <string.h>
#include <usbredirparser.h>

#include "usbserve/usbredir_interrupt.h"
#include "usbserve/usbredir_urb.h"

enum { GET_CONFIGURATION = 8, SET_CONFIGURATION, GET_INTERFACE, SET_INTERFACE };

/* --- data packets --- */

/* Answer that there is no memory for a URB: the peer may repeat the request.
 * `u` only has the header of the answer. */
static void answer_no_memory(struct usbredir_transfers *c,
			     struct usbredir_urb *u, uint64_t id,
			     void (*answer)(struct usbredir_urb *,
					    uint8_t status))
{
	u->owner = c;
	u->id = id;
	u->urb.data = u->small;
	answer(u, usb_redir_ioerror);
}

static void answer_control(struct usbredir_urb *u, uint8_t status)
{
	bool in = u->control.endpoint & 0x80;
	int n = in ? (int)u->urb.actual : 0;

	u->control.status = status;
	u->control.length = (uint16_t)u->urb.actual;
	usbredirparser_send_control_packet(u->owner->parser, u->id, &u->control,
					   n ? u->urb.data : NULL, n);
}

static void answer_bulk(struct usbredir_urb *u, uint8_t status)
{
	bool in = u->bulk.endpoint & 0x80;
	int n = in ? (int)u->urb.actual : 0;

	u->bulk.status = status;
	u->bulk.length = (uint16_t)u->urb.actual;
	u->bulk.length_high = (uint16_t)(u->urb.actual >> 16);
	usbredirparser_send_bulk_packet(u->owner->parser, u->id, &u->bulk,
					n ? u->urb.data : NULL, n);
}

static void answer_interrupt(struct usbredir_urb *u, uint8_t status)
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
	struct usbredir_urb *u = usbredir_urb_new(c, id, answer_control);
	bool in = h->endpoint & 0x80;
	const uint8_t setup[8] = {
		h->requesttype,	    h->request,
		(uint8_t)h->value,  (uint8_t)(h->value >> 8),
		(uint8_t)h->index,  (uint8_t)(h->index >> 8),
		(uint8_t)h->length, (uint8_t)(h->length >> 8),
	};

	if (!u) {
		struct usbredir_urb none = { .control = *h };

		usbredirparser_free_packet_data(c->parser, data);
		answer_no_memory(c, &none, id, answer_control);
		return;
	}
	memcpy(u->urb.setup, setup, sizeof(setup));
	u->control = *h;
	u->urb.endpoint = h->endpoint & 0x80;
	if (in) {
		usbredirparser_free_packet_data(c->parser, data);
		if (!usbredir_urb_make_room(u, h->length)) {
			usbredir_urb_refuse(u, usb_redir_inval);
			return;
		}
	} else {
		u->parser_data = true;
		u->urb.data = data;
		u->urb.length = (uint32_t)len;
	}
	usbredir_urb_submit(u);
}

static void bulk_packet(void *priv, uint64_t id,
			struct usb_redir_bulk_packet_header *h, uint8_t *data,
			int len)
{
	struct usbredir_transfers *c = priv;
	struct usbredir_urb *u = usbredir_urb_new(c, id, answer_bulk);
	bool in = h->endpoint & 0x80;
	bool fits;

	if (!u) {
		struct usbredir_urb none = { .bulk = *h };

		usbredirparser_free_packet_data(c->parser, data);
		answer_no_memory(c, &none, id, answer_bulk);
		return;
	}
	u->bulk = *h;
	u->urb.endpoint = h->endpoint;
	if (in) {
		usbredirparser_free_packet_data(c->parser, data);
		fits = usbredir_urb_make_room(
			u, (uint32_t)h->length_high << 16 | h->length);
	} else {
		u->parser_data = true;
		u->urb.data = data;
		u->urb.length = (uint32_t)len;
		fits = usbredir_urb_fits(c, (uint32_t)len);
	}
	if (!fits || h->stream_id)
		usbredir_urb_refuse(u, usb_redir_inval);
	else
		usbredir_urb_submit(u);
}

/* Handle OUT data only: usbredir_interrupt.c reads IN endpoints. */
static void interrupt_packet(void *priv, uint64_t id,
			     struct usb_redir_interrupt_packet_header *h,
			     uint8_t *data, int len)
{
	struct usbredir_transfers *c = priv;
	struct usbredir_urb *u = usbredir_urb_new(c, id, answer_interrupt);

	if (!u) {
		struct usbredir_urb none = { .interrupt = *h };

		usbredirparser_free_packet_data(c->parser, data);
		answer_no_memory(c, &none, id, answer_interrupt);
		return;
	}
	u->interrupt = *h;
	u->urb.endpoint = h->endpoint;
	u->parser_data = true;
	u->urb.data = data;
	u->urb.length = (uint32_t)len;
	if (h->endpoint & 0x80)
		usbredir_urb_refuse(u, usb_redir_inval);
	else
		usbredir_urb_submit(u);
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

	/* A URB that is not found has completed and was answered. */
	for (struct usbredir_urb *u = c->first; u; u = u->next)
		if (u->id == id && c->receiving[u->urb.endpoint & 0x0f] != u) {
			c->ops->cancel(c->device, &u->urb);
			return;
		}
}

/* --- configuration packets: they become standard control requests --- */

static void answer_configuration(struct usbredir_urb *u, uint8_t status)
{
	bool get = u->urb.setup[1] == GET_CONFIGURATION;
	struct usb_redir_configuration_status_header h = {
		.status = status,
		.configuration = get ? u->urb.data[0] : u->urb.setup[2],
	};

	usbredirparser_send_configuration_status(u->owner->parser, u->id, &h);
}

static void answer_alt_setting(struct usbredir_urb *u, uint8_t status)
{
	bool get = u->urb.setup[1] == GET_INTERFACE;
	struct usb_redir_alt_setting_status_header h = {
		.status = status,
		.interface = u->urb.setup[4],
		.alt = get ? u->urb.data[0] : u->urb.setup[2],
	};

	usbredirparser_send_alt_setting_status(u->owner->parser, u->id, &h);
}

static void submit_standard_request(struct usbredir_transfers *c, uint64_t id,
				    uint8_t request, uint8_t value,
				    uint8_t index)
{
	bool in = request == GET_CONFIGURATION || request == GET_INTERFACE;
	bool interface = request >= GET_INTERFACE;
	void (*answer)(struct usbredir_urb *, uint8_t) =
		interface ? answer_alt_setting : answer_configuration;
	struct usbredir_urb *u = usbredir_urb_new(c, id, answer), none = { 0 };
	uint8_t *setup = u ? u->urb.setup : none.urb.setup;

	setup[0] = (uint8_t)((in ? 0x80 : 0) | (interface ? 1 : 0));
	setup[1] = request;
	setup[2] = value;
	setup[4] = index;
	setup[6] = in;
	if (!u) {
		answer_no_memory(c, &none, id, answer);
		return;
	}
	u->urb.endpoint = in ? 0x80 : 0;
	u->urb.data = u->small;
	u->urb.length = in;
	usbredir_urb_submit(u);
}

static void set_configuration(void *priv, uint64_t id,
			      struct usb_redir_set_configuration_header *h)
{
	submit_standard_request(priv, id, SET_CONFIGURATION, h->configuration,
				0);
}

static void get_configuration(void *priv, uint64_t id)
{
	submit_standard_request(priv, id, GET_CONFIGURATION, 0, 0);
}

static void set_alt_setting(void *priv, uint64_t id,
			    struct usb_redir_set_alt_setting_header *h)
{
	submit_standard_request(priv, id, SET_INTERFACE, h->alt, h->interface);
}

static void get_alt_setting(void *priv, uint64_t id,
			    struct usb_redir_get_alt_setting_header *h)
{
	submit_standard_request(priv, id, GET_INTERFACE, 0, h->interface);
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

static void alloc_bulk_streams(void *priv, uint64_t id,
			       struct usb_redir_alloc_bulk_streams_header *h)
{
	struct usbredir_transfers *c = priv;
	struct usb_redir_bulk_streams_status_header s = {
		.endpoints = h->endpoints,
		.status = usb_redir_inval,
	};

	usbredirparser_send_bulk_streams_status(c->parser, id, &s);
}

static void free_bulk_streams(void *priv, uint64_t id,
			      struct usb_redir_free_bulk_streams_header *h)
{
	struct usbredir_transfers *c = priv;
	struct usb_redir_bulk_streams_status_header s = {
		.endpoints = h->endpoints,
		.status = usb_redir_success,
	};

	usbredirparser_send_bulk_streams_status(c->parser, id, &s);
}

static void
start_bulk_receiving(void *priv, uint64_t id,
		     struct usb_redir_start_bulk_receiving_header *h)
{
	struct usbredir_transfers *c = priv;
	struct usb_redir_bulk_receiving_status_header s = {
		.stream_id = h->stream_id,
		.endpoint = h->endpoint,
		.status = usb_redir_inval,
	};

	usbredirparser_send_bulk_receiving_status(c->parser, id, &s);
}

static void stop_bulk_receiving(void *priv, uint64_t id,
				struct usb_redir_stop_bulk_receiving_header *h)
{
	struct usbredir_transfers *c = priv;
	struct usb_redir_bulk_receiving_status_header s = {
		.stream_id = h->stream_id,
		.endpoint = h->endpoint,
		.status = usb_redir_success,
	};

	usbredirparser_send_bulk_receiving_status(c->parser, id, &s);
}

/* Every request that the parser accepts needs a callback: it calls them without
 * a check for NULL, also for capabilities that neither side announced. */
void usbredir_transfers_set(struct usbredir_transfers *c)
{
	struct usbredirparser *p = c->parser;

	usbredir_interrupt_set(p);
	p->set_configuration_func = set_configuration;
	p->get_configuration_func = get_configuration;
	p->set_alt_setting_func = set_alt_setting;
	p->get_alt_setting_func = get_alt_setting;
	p->start_iso_stream_func = start_iso;
	p->stop_iso_stream_func = stop_iso;
	p->alloc_bulk_streams_func = alloc_bulk_streams;
	p->free_bulk_streams_func = free_bulk_streams;
	p->start_bulk_receiving_func = start_bulk_receiving;
	p->stop_bulk_receiving_func = stop_bulk_receiving;
	p->cancel_data_packet_func = cancel_data_packet;
	p->control_packet_func = control_packet;
	p->bulk_packet_func = bulk_packet;
	p->iso_packet_func = iso_packet;
	p->interrupt_packet_func = interrupt_packet;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "host/transport_usb.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/transport_endpoint.h"
#include "host/usbdesc.h"
#include "host/usbhost.h"
#include "mctp_usb/mctp_usb.h"
#include "posix/clock.h"

enum {
	IN_TRANSFERS = 64,
	OUT_TRANSFERS = 64,
	SPAN_SIZE = 32768, /* bytes of a v1.1 IN transfer */
	/* Not a multiple of the packet size, so that a full transfer needs no
	 * ZLP. */
	SPAN_OUT = SPAN_SIZE - 1,
	DESCRIPTOR_MAX = 1024,
};

struct usb_transport {
	struct transport_endpoint endpoint;
	struct usbhost *host;
	uint8_t in, out;
	uint16_t packet;       /* of the OUT endpoint */
	size_t size, out_size; /* of a transfer */
	bool lost;
	struct mctp_usb usb;
	struct usbhost_transfer in_transfer[IN_TRANSFERS];
	struct usbhost_transfer out_transfer[OUT_TRANSFERS];
	uint8_t in_data[IN_TRANSFERS][SPAN_SIZE];
	uint8_t out_data[OUT_TRANSFERS][SPAN_SIZE];
};

static struct usb_transport *usb_of(struct transport *t)
{
	return (struct usb_transport *)(void *)t;
}

static void mark_lost(struct usb_transport *u, enum usbhost_status status)
{
	if (u->lost)
		return;
	u->lost = true;
	if (u->host->error[0])
		snprintf(u->endpoint.transport.error, TRANSPORT_ERROR, "%s",
			 u->host->error);
	else
		snprintf(u->endpoint.transport.error, TRANSPORT_ERROR,
			 "USB transfer: %s", usbhost_status_text(status));
}

static void complete_in(struct usbhost_transfer *t)
{
	struct usb_transport *u = t->ctx;

	if (t->status) {
		mark_lost(u, t->status);
		return;
	}
	/* A full transfer continues in the next one. */
	mctp_usb_rx(&u->usb, t->data, t->actual, t->actual < t->length,
		    u->endpoint.now_ms);
	if (!u->lost && u->host->ops->submit(u->host, t))
		mark_lost(u, USBHOST_GONE);
}

static void complete_out(struct usbhost_transfer *t)
{
	if (t->status)
		mark_lost(t->ctx, t->status);
}

/* Move queued packets of the endpoint into free transfers. */
static void submit_out_transfers(struct usb_transport *u)
{
	for (int i = 0; i < OUT_TRANSFERS; i++) {
		struct usbhost_transfer *t = &u->out_transfer[i];
		size_t n;

		if (t->pending)
			continue;
		n = mctp_usb_poll(&u->usb, t->data, u->out_size);
		if (!n)
			return;
		t->length = (uint32_t)n;
		t->zero_packet = mctp_usb_needs_zlp(&u->usb, n, u->packet);
		if (u->host->ops->submit(u->host, t))
			mark_lost(u, USBHOST_GONE);
	}
}

static int poll_transport(struct transport *t, int timeout_ms)
{
	struct usb_transport *u = usb_of(t);

	submit_out_transfers(u);
	transport_turn(t);
	timeout_ms = transport_endpoint_limit_wait(timeout_ms);
	if (!u->lost && u->host->ops->poll(u->host, timeout_ms))
		mark_lost(u, USBHOST_GONE);
	if (transport_endpoint_serve(&u->endpoint, u->lost))
		return ERR_IO;
	submit_out_transfers(u);
	return ERR_OK;
}

static void close_transport(struct transport *t)
{
	struct usb_transport *u = usb_of(t);

	bool pending = false;

	for (int i = 0; i < IN_TRANSFERS; i++)
		u->in_transfer[i].done = complete_out; /* do not submit again */
	u->host->ops->cancel_all(u->host);
	for (int i = 0; i < IN_TRANSFERS; i++)
		pending |= u->in_transfer[i].pending;
	for (int i = 0; i < OUT_TRANSFERS; i++)
		pending |= u->out_transfer[i].pending;
	if (!pending)
		free(u);
}

static const struct transport_ops ops = {
	.request = transport_endpoint_request,
	.poll = poll_transport,
	.listen = transport_endpoint_listen,
	.reply = transport_endpoint_reply,
	.observe = transport_endpoint_observe,
	.close = close_transport,
};

static int find_interface(struct usb_transport *u, char *error, size_t cap,
			  enum mctp_usb_version *version)
{
	uint8_t data[DESCRIPTOR_MAX];
	const struct usbdesc_endpoint *in = NULL, *out = NULL;
	const struct usbdesc_interface *i;
	struct usbdesc d;
	int n = usbhost_get_descriptor(u->host, 2, 0, data, sizeof(data)), err;

	if (n < 0) {
		snprintf(error, cap, "%s", u->host->error);
		return ERR_IO;
	}
	if (usbdesc_configuration(&d, data, (size_t)n)) {
		snprintf(error, cap, "the device's descriptors are malformed");
		return ERR_INVALID;
	}
	i = usbdesc_find(&d, MCTP_USB_CLASS, MCTP_USB_SUBCLASS_1_1,
			 MCTP_USB_PROTOCOL);
	*version = i ? MCTP_USB_1_1 : MCTP_USB_1_0;
	if (!i)
		i = usbdesc_find(&d, MCTP_USB_CLASS, MCTP_USB_SUBCLASS_1_0,
				 MCTP_USB_PROTOCOL);
	if (i) {
		in = usbdesc_endpoint(i, 0x80, 2);
		out = usbdesc_endpoint(i, 0x00, 2);
	}
	if (!in || !out) {
		snprintf(
			error, cap,
			"the device has no MCTP interface. Run `tether usb` to "
			"see its interfaces");
		return ERR_NOT_FOUND;
	}
	u->in = in->address;
	u->out = out->address;
	u->packet = out->packet;
	err = usbhost_claim(u->host, d.configuration, i->number);
	if (err)
		snprintf(error, cap, "%s", u->host->error);
	return err;
}

static void start_transfers(struct usb_transport *u)
{
	for (int i = 0; i < OUT_TRANSFERS; i++)
		u->out_transfer[i] = (struct usbhost_transfer){
			.endpoint = u->out,
			.data = u->out_data[i],
			.done = complete_out,
			.ctx = u,
		};
	for (int i = 0; i < IN_TRANSFERS; i++) {
		u->in_transfer[i] = (struct usbhost_transfer){
			.endpoint = u->in,
			.data = u->in_data[i],
			.length = (uint32_t)u->size,
			.done = complete_in,
			.ctx = u,
		};
		if (u->host->ops->submit(u->host, &u->in_transfer[i]))
			mark_lost(u, USBHOST_GONE);
	}
}

struct transport *transport_usb_open(struct usbhost *h, char *error, size_t cap)
{
	struct usb_transport *u = calloc(1, sizeof(*u));
	enum mctp_usb_version version;
	int err;

	if (!u) {
		snprintf(error, cap, "out of memory");
		errno = ENOMEM;
		return NULL;
	}
	transport_endpoint_init(&u->endpoint, &ops);
	u->host = h;
	err = find_interface(u, error, cap, &version);
	if (err) {
		free(u);
		errno = err == ERR_BUSY ? EBUSY : EIO;
		return NULL;
	}
	u->size = version == MCTP_USB_1_1 ? SPAN_SIZE : MCTP_USB_TRANSFER_1_0;
	u->out_size = version == MCTP_USB_1_1 ? SPAN_OUT : u->size;
	mctp_usb_init(&u->usb, &u->endpoint.mctp, version);
	start_transfers(u);
	return &u->endpoint.transport;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/capture_usb.h"

#include <string.h>

#include "base/wire.h"

enum {
	GET_DESCRIPTOR = 6,
	CONFIGURATION = 2,
	INTERFACE = 4,
	ENDPOINT = 5,
	BULK = 2,
	TRANSFER_TYPE = 3,
	IN = 0x80,
};

/* The endpoint that finds the packets has no services: only the reasons of the
 * framing say something about a packet. */
static void store(void *ctx, const struct mctp_tap_packet *found)
{
	struct capture_usb_direction *d = ctx;
	struct mctp_tap_packet p = *found;

	/* The capture is that of the device: it sends what comes IN. */
	p.sent = d == &d->owner->in;
	if (!p.unframed)
		p.drop = NULL;
	capture_packet(d->owner->capture, &p);
}

static void start(struct capture_usb *u, struct capture_usb_direction *d,
		  enum mctp_usb_version version, uint8_t endpoint)
{
	d->owner = u;
	d->endpoint = endpoint;
	d->tap = (struct mctp_tap){ .packet = store, .ctx = d };
	mctp_init(&d->mctp);
	mctp_usb_init(&d->usb, &d->mctp, version);
	mctp_set_tap(&d->mctp, &d->tap);
}

void capture_usb_init(struct capture_usb *u, struct capture *capture)
{
	u->capture = capture;
	start(u, &u->out, MCTP_USB_1_0, 0);
	start(u, &u->in, MCTP_USB_1_0, 0);
}

/* What is known about the interface whose descriptors are being read. */
struct found {
	bool mctp;
	enum mctp_usb_version version;
	uint8_t out, in;
};

static void read_interface(struct found *f, struct rd r)
{
	uint8_t subclass;

	rd_skip(&r, 3); /* number, alternate setting, endpoints */
	f->mctp = rd_u8(&r) == MCTP_USB_CLASS;
	subclass = rd_u8(&r);
	f->mctp = f->mctp && rd_u8(&r) == MCTP_USB_PROTOCOL && rd_ok(&r);
	if (f->mctp)
		f->version = subclass == MCTP_USB_SUBCLASS_1_1 ? MCTP_USB_1_1
							       : MCTP_USB_1_0;
}

static void read_endpoint(struct found *f, struct rd r)
{
	uint8_t address = rd_u8(&r), type = rd_u8(&r) & TRANSFER_TYPE;

	if (!f->mctp || !rd_ok(&r) || type != BULK)
		return;
	if (address & IN)
		f->in = address;
	else
		f->out = address;
}

void capture_usb_control(struct capture_usb *u, const uint8_t setup[8],
			 const uint8_t *data, size_t len)
{
	struct rd r = rd_init(data, len);
	struct found f = { 0 };

	if (setup[0] != IN || setup[1] != GET_DESCRIPTOR ||
	    setup[3] != CONFIGURATION)
		return;
	while (rd_remaining(&r) >= 2) {
		uint8_t size = rd_u8(&r), type = rd_u8(&r);
		const uint8_t *body = size < 2 ? NULL : rd_bytes(&r, size - 2U);

		if (!body)
			break;
		if (type == INTERFACE)
			read_interface(&f, rd_init(body, size - 2U));
		else if (type == ENDPOINT)
			read_endpoint(&f, rd_init(body, size - 2U));
	}
	if (!f.out || !f.in)
		return;
	start(u, &u->out, f.version, f.out);
	start(u, &u->in, f.version, f.in);
}

void capture_usb_transfer(struct capture_usb *u, uint8_t endpoint,
			  const uint8_t *data, size_t len, bool end)
{
	struct capture_usb_direction *d = endpoint & IN ? &u->in : &u->out;

	if (d->endpoint && d->endpoint == endpoint)
		mctp_usb_rx(&d->usb, data, len, end, 0);
}

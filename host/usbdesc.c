/* SPDX-License-Identifier: Apache-2.0 */
#include "host/usbdesc.h"

#include <string.h>

#include "base/err.h"
#include "base/wire.h"

enum {
	DEVICE = 1,
	CONFIGURATION = 2,
	INTERFACE = 4,
	ENDPOINT = 5,
	ASSOCIATION = 11,
	CS_INTERFACE = 0x24,
	CDC_HEADER = 0,
	CDC_UNION = 6,
	CDC_ETHERNET = 15,
	CDC_NCM = 26,
	CLASS_CDC = 0x02,
	CLASS_CDC_DATA = 0x0a,
};

int usbdesc_device(struct usbdesc *d, const uint8_t *data, size_t len)
{
	struct rd r = rd_init(data, len);
	uint8_t size = rd_u8(&r), type = rd_u8(&r);

	memset(d, 0, sizeof(*d));
	d->usb = rd_le16(&r);
	d->class = rd_u8(&r);
	d->subclass = rd_u8(&r);
	d->protocol = rd_u8(&r);
	d->packet0 = rd_u8(&r);
	d->vendor = rd_le16(&r);
	d->product = rd_le16(&r);
	d->release = rd_le16(&r);
	d->manufacturer = rd_u8(&r);
	d->product_string = rd_u8(&r);
	d->serial = rd_u8(&r);
	d->configurations = rd_u8(&r);
	return rd_ok(&r) && size == 18 && type == DEVICE ? ERR_OK : ERR_INVALID;
}

static int add_interface(struct usbdesc *d, struct rd *r)
{
	struct usbdesc_interface *i;

	if (d->interfaces == USBDESC_INTERFACES)
		return ERR_FULL;
	i = &d->interface[d->interfaces++];
	i->number = rd_u8(r);
	i->alternate = rd_u8(r);
	rd_skip(r, 1); /* bNumEndpoints: the endpoint descriptors are counted */
	i->class = rd_u8(r);
	i->subclass = rd_u8(r);
	i->protocol = rd_u8(r);
	i->string = rd_u8(r);
	return rd_ok(r) ? ERR_OK : ERR_INVALID;
}

static int add_endpoint(struct usbdesc *d, struct rd *r)
{
	struct usbdesc_interface *i;
	struct usbdesc_endpoint *e;

	if (!d->interfaces)
		return ERR_INVALID;
	i = &d->interface[d->interfaces - 1];
	if (i->endpoints == USBDESC_ENDPOINTS)
		return ERR_FULL;
	e = &i->endpoint[i->endpoints++];
	e->address = rd_u8(r);
	e->attributes = rd_u8(r);
	e->packet = rd_le16(r) & 0x07ff;
	e->interval = rd_u8(r);
	return rd_ok(r) ? ERR_OK : ERR_INVALID;
}

static int add_association(struct usbdesc *d, struct rd *r)
{
	struct usbdesc_association *a;

	if (d->associations == USBDESC_ASSOCIATIONS)
		return ERR_FULL;
	a = &d->association[d->associations++];
	a->first = rd_u8(r);
	a->count = rd_u8(r);
	a->class = rd_u8(r);
	a->subclass = rd_u8(r);
	a->protocol = rd_u8(r);
	a->string = rd_u8(r);
	return rd_ok(r) ? ERR_OK : ERR_INVALID;
}

/* Add a functional descriptor of CDC. Ignore descriptors that do not affect a
 * host's choice of driver. */
static void add_functional(struct usbdesc *d, struct rd *r)
{
	uint8_t length = (uint8_t)(rd_remaining(r) + 2);
	struct usbdesc_interface *i;

	if (!d->interfaces)
		return;
	i = &d->interface[d->interfaces - 1];
	if (i->class != CLASS_CDC)
		return;
	switch (rd_u8(r)) {
	case CDC_HEADER:
		i->header_length = length;
		break;
	case CDC_UNION:
		rd_skip(r, 1);
		i->union_data = rd_u8(r);
		i->has_union = rd_ok(r);
		break;
	case CDC_ETHERNET:
		i->ethernet_length = length;
		i->mac_string = rd_u8(r);
		break;
	case CDC_NCM:
		i->ncm_length = length;
		rd_skip(r, 2); /* bcdNcmVersion */
		i->ncm_capabilities = rd_u8(r);
		break;
	default:
		break;
	}
}

static int add_descriptor(struct usbdesc *d, uint8_t type, struct rd *r)
{
	switch (type) {
	case INTERFACE:
		return add_interface(d, r);
	case ENDPOINT:
		return add_endpoint(d, r);
	case ASSOCIATION:
		return add_association(d, r);
	case CS_INTERFACE:
		add_functional(d, r);
		return ERR_OK;
	default:
		return ERR_OK;
	}
}

int usbdesc_configuration(struct usbdesc *d, const uint8_t *data, size_t len)
{
	struct rd r = rd_init(data, len);
	uint8_t size = rd_u8(&r), type = rd_u8(&r);
	uint16_t total = rd_le16(&r);
	int err = ERR_OK;

	d->interfaces = d->associations = 0;
	memset(d->interface, 0, sizeof(d->interface));
	rd_skip(&r, 1);
	d->configuration = rd_u8(&r);
	rd_skip(&r, 1);
	d->attributes = rd_u8(&r);
	d->milliamperes = (uint16_t)(2 * rd_u8(&r));
	if (!rd_ok(&r) || size != 9 || type != CONFIGURATION || total > len ||
	    total < size)
		return ERR_INVALID;
	r = rd_init(data + size, (size_t)total - size);
	while (!err && rd_remaining(&r)) {
		uint8_t one = rd_u8(&r), kind = rd_u8(&r);
		const uint8_t *body = one < 2 ? NULL : rd_bytes(&r, one - 2U);
		struct rd in;

		if (!body)
			return ERR_INVALID;
		in = rd_init(body, one - 2U);
		err = add_descriptor(d, kind, &in);
	}
	return err;
}

static bool matches(int wanted, uint8_t is)
{
	return wanted < 0 || wanted == is;
}

const struct usbdesc_interface *usbdesc_find(const struct usbdesc *d, int class,
					     int subclass, int protocol)
{
	for (uint8_t n = 0; n < d->interfaces; n++) {
		const struct usbdesc_interface *i = &d->interface[n];

		if (!i->alternate && matches(class, i->class) &&
		    matches(subclass, i->subclass) &&
		    matches(protocol, i->protocol))
			return i;
	}
	return NULL;
}

const struct usbdesc_endpoint *
usbdesc_endpoint(const struct usbdesc_interface *i, uint8_t direction,
		 uint8_t type)
{
	for (uint8_t n = 0; n < i->endpoints; n++) {
		const struct usbdesc_endpoint *e = &i->endpoint[n];

		if ((e->address & 0x80) == direction &&
		    (e->attributes & 3) == type && e->packet)
			return e;
	}
	return NULL;
}

const struct usbdesc_interface *
usbdesc_cdc_data(const struct usbdesc *d,
		 const struct usbdesc_interface *control)
{
	for (uint8_t n = 0; control->has_union && n < d->interfaces; n++) {
		const struct usbdesc_interface *i = &d->interface[n];

		/* Alternate setting 0 may have no endpoints, as in ECM. */
		if (i->number == control->union_data &&
		    i->class == CLASS_CDC_DATA && i->endpoints)
			return i;
	}
	return NULL;
}

const char *usbdesc_class_name(uint8_t class, uint8_t subclass,
			       uint8_t protocol)
{
	static const struct {
		int class, subclass, protocol;
		const char *name;
	} names[] = {
		{ 0x00, -1, -1, "per interface" },
		{ 0x02, 0x02, -1, "CDC-ACM" },
		{ 0x02, 0x06, -1, "CDC-ECM" },
		{ 0x02, 0x0d, -1, "CDC-NCM" },
		{ 0x02, -1, -1, "CDC" },
		{ 0x03, -1, -1, "HID" },
		{ 0x08, -1, -1, "mass storage" },
		{ 0x09, -1, -1, "hub" },
		{ 0x0a, -1, -1, "CDC data" },
		{ 0x14, 0x00, 0x01, "MCTP over USB 1.0" },
		{ 0x14, 0x02, 0x01, "MCTP over USB 1.1" },
		{ 0xe0, 0x01, 0x03, "RNDIS" },
		{ 0xef, 0x02, 0x01, "composite" },
		{ 0xff, -1, -1, "vendor specific" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].class == class &&
		    matches(names[i].subclass, subclass) &&
		    matches(names[i].protocol, protocol))
			return names[i].name;
	return "other";
}

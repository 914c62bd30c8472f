/* SPDX-License-Identifier: Apache-2.0 */
#include "usbserve/enumerate.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/wire.h"
#include "usbserve/usbip_wire.h"

enum {
	DEVICE = 1,
	CONFIGURATION = 2,
	INTERFACE = 4,
	ENDPOINT = 5,
	DEVICE_SIZE = 18,
	CONFIGURATION_MAX = 1024,
};

static void mark_done(struct usbserve_urb *urb)
{
	*(bool *)urb->owner = true;
}

int usbserve_control(const struct usbserve_ops *ops, void *device,
		     const uint8_t *setup, uint8_t *data, uint16_t length)
{
	bool finished = false;
	struct usbserve_urb urb = {
		.endpoint = setup[0] & 0x80,
		.data = data,
		.length = length,
		.complete = mark_done,
		.owner = &finished,
	};

	memcpy(urb.setup, setup, sizeof(urb.setup));
	ops->submit(device, &urb);
	(void)ops->run(device);
	if (!finished) {
		ops->cancel(device, &urb);
		return -ETIMEDOUT;
	}
	return urb.status ? urb.status : (int)urb.actual;
}

int usbserve_attach(const struct usbserve_ops *ops, void *device,
		    uint8_t address)
{
	const uint8_t set_address[8] = { 0x00, 0x05, address };

	ops->reset(device, true);
	return usbserve_control(ops, device, set_address, NULL, 0) < 0 ? ERR_IO
								       : ERR_OK;
}

static int get_descriptor(const struct usbserve_ops *ops, void *device,
			  uint8_t type, uint8_t *data, uint16_t length)
{
	const uint8_t setup[8] = { 0x80,
				   0x06,
				   0,
				   type,
				   0,
				   0,
				   (uint8_t)length,
				   (uint8_t)(length >> 8) };

	return usbserve_control(ops, device, setup, data, length);
}

static void read_interfaces(struct rd *r, struct usbip_device *d)
{
	while (rd_remaining(r)) {
		uint8_t len = rd_u8(r), type = rd_u8(r);
		const uint8_t *body = len < 2 ? NULL : rd_bytes(r, len - 2U);

		if (!body)
			return;
		/* Only alternate setting 0 of each interface. */
		if (type != INTERFACE || len < 9 || body[1] ||
		    d->interfaces == USBIP_INTERFACES_MAX)
			continue;
		d->interface[d->interfaces].class = body[3];
		d->interface[d->interfaces].subclass = body[4];
		d->interface[d->interfaces].protocol = body[5];
		d->interfaces++;
	}
}

int usbserve_enumerate(const struct usbserve_ops *ops, void *device,
		       struct usbip_device *d)
{
	uint8_t data[CONFIGURATION_MAX];
	struct rd r;
	int n = get_descriptor(ops, device, DEVICE, data, DEVICE_SIZE);

	if (n != DEVICE_SIZE)
		return ERR_IO;
	r = rd_init(data, DEVICE_SIZE);
	rd_skip(&r, 4);
	d->class = rd_u8(&r);
	d->subclass = rd_u8(&r);
	d->protocol = rd_u8(&r);
	rd_skip(&r, 1);
	d->vendor = rd_le16(&r);
	d->product = rd_le16(&r);
	d->release = rd_le16(&r);
	rd_skip(&r, 3);
	d->configurations = rd_u8(&r);
	d->speed = ops->speed(device);
	d->interfaces = 0;
	n = get_descriptor(ops, device, CONFIGURATION, data, sizeof(data));
	if (n < 9)
		return ERR_IO;
	r = rd_init(data, (size_t)n);
	read_interfaces(&r, d);
	d->configuration = data[5];
	return ERR_OK;
}

int usbserve_endpoints(const struct usbserve_ops *ops, void *device,
		       struct usbserve_endpoint *list, int max)
{
	uint8_t data[CONFIGURATION_MAX], interface = 0, alternate = 0;
	int count = 0;
	int n = get_descriptor(ops, device, CONFIGURATION, data, sizeof(data));
	struct rd r = rd_init(data, n < 0 ? 0 : (size_t)n);

	if (n < 9)
		return ERR_IO;
	while (rd_remaining(&r)) {
		uint8_t len = rd_u8(&r), type = rd_u8(&r);
		const uint8_t *body = len < 2 ? NULL : rd_bytes(&r, len - 2U);

		if (!body)
			break;
		if (type == INTERFACE && len >= 9) {
			interface = body[0];
			alternate = body[1];
		}
		if (type != ENDPOINT || len < 7 || alternate || count == max)
			continue;
		list[count++] = (struct usbserve_endpoint){
			.address = body[0],
			.type = body[1] & 3,
			.interval = body[4],
			.interface = interface,
			.packet = (uint16_t)(body[2] | body[3] << 8),
		};
	}
	return count;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "usbserve/usbip_wire.h"

#include <stdio.h>
#include <string.h>

#include "base/wire.h"

void usbip_wire_op_encode(const struct usbip_op *op,
			  uint8_t data[USBIP_OP_HEADER_SIZE])
{
	struct wr w = wr_init(data, USBIP_OP_HEADER_SIZE);

	wr_be32(&w, (uint32_t)op->version << 16 | op->code);
	wr_be32(&w, op->status);
}

void usbip_wire_op_decode(struct usbip_op *op,
			  const uint8_t data[USBIP_OP_HEADER_SIZE])
{
	struct rd r = rd_init(data, USBIP_OP_HEADER_SIZE);

	op->version = rd_be16(&r);
	op->code = rd_be16(&r);
	op->status = rd_be32(&r);
}

static void encode_text(struct wr *w, const char *text, size_t size)
{
	size_t len = strnlen(text, size - 1);

	wr_bytes(w, text, len);
	wr_fill(w, 0, size - len);
}

static void decode_text(struct rd *r, char *text, size_t size)
{
	const char *p = (const char *)rd_bytes(r, size);

	snprintf(text, size, "%.*s", p ? (int)size - 1 : 0, p ? p : "");
}

void usbip_wire_device_encode(const struct usbip_device *d,
			      uint8_t data[USBIP_DEVICE_SIZE])
{
	struct wr w = wr_init(data, USBIP_DEVICE_SIZE);

	encode_text(&w, d->path, USBIP_PATH_SIZE);
	encode_text(&w, d->busid, USBIP_BUSID_SIZE);
	wr_be32(&w, d->busnum);
	wr_be32(&w, d->devnum);
	wr_be32(&w, d->speed);
	wr_be16(&w, d->vendor);
	wr_be16(&w, d->product);
	wr_be16(&w, d->release);
	wr_u8(&w, d->class);
	wr_u8(&w, d->subclass);
	wr_u8(&w, d->protocol);
	wr_u8(&w, d->configuration);
	wr_u8(&w, d->configurations);
	wr_u8(&w, d->interfaces);
}

void usbip_wire_device_decode(struct usbip_device *d,
			      const uint8_t data[USBIP_DEVICE_SIZE])
{
	struct rd r = rd_init(data, USBIP_DEVICE_SIZE);

	decode_text(&r, d->path, USBIP_PATH_SIZE);
	decode_text(&r, d->busid, USBIP_BUSID_SIZE);
	d->busnum = rd_be32(&r);
	d->devnum = rd_be32(&r);
	d->speed = rd_be32(&r);
	d->vendor = rd_be16(&r);
	d->product = rd_be16(&r);
	d->release = rd_be16(&r);
	d->class = rd_u8(&r);
	d->subclass = rd_u8(&r);
	d->protocol = rd_u8(&r);
	d->configuration = rd_u8(&r);
	d->configurations = rd_u8(&r);
	d->interfaces = rd_u8(&r);
}

void usbip_wire_interface_encode(const struct usbip_interface *i,
				 uint8_t data[USBIP_INTERFACE_SIZE])
{
	data[0] = i->class;
	data[1] = i->subclass;
	data[2] = i->protocol;
	data[3] = 0;
}

void usbip_wire_interface_decode(struct usbip_interface *i,
				 const uint8_t data[USBIP_INTERFACE_SIZE])
{
	i->class = data[0];
	i->subclass = data[1];
	i->protocol = data[2];
}

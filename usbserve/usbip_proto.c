#include "usbserve/usbip_proto.h"

#include <string.h>

#include "base/err.h"
#include "base/wire.h"

void usbip_op_encode(const struct usbip_op *op,
		     uint8_t data[USBIP_OP_HEADER_SIZE])
{
	struct wr w = wr_init(data, USBIP_OP_HEADER_SIZE);

	wr_be16(&w, op->version);
	wr_be16(&w, op->code);
	wr_be32(&w, op->status);
}

void usbip_op_decode(struct usbip_op *op,
		     const uint8_t data[USBIP_OP_HEADER_SIZE])
{
	struct rd r = rd_init(data, USBIP_OP_HEADER_SIZE);

	op->version = rd_be16(&r);
	op->code = rd_be16(&r);
	op->status = rd_be32(&r);
}

static void put_text(struct wr *w, const char *text, size_t size)
{
	size_t len = strnlen(text, size - 1);

	wr_bytes(w, text, len);
	wr_fill(w, 0, size - len);
}

static void get_text(struct rd *r, char *text, size_t size)
{
	memcpy(text, rd_bytes(r, size), size);
	text[size - 1] = '\0';
}

void usbip_device_encode(const struct usbip_device *d,
			 uint8_t data[USBIP_DEVICE_SIZE])
{
	struct wr w = wr_init(data, USBIP_DEVICE_SIZE);

	put_text(&w, d->path, USBIP_PATH_SIZE);
	put_text(&w, d->busid, USBIP_BUSID_SIZE);
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

void usbip_device_decode(struct usbip_device *d,
			 const uint8_t data[USBIP_DEVICE_SIZE])
{
	struct rd r = rd_init(data, USBIP_DEVICE_SIZE);

	get_text(&r, d->path, USBIP_PATH_SIZE);
	get_text(&r, d->busid, USBIP_BUSID_SIZE);
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

void usbip_interface_encode(const struct usbip_interface *i,
			    uint8_t data[USBIP_INTERFACE_SIZE])
{
	data[0] = i->class;
	data[1] = i->subclass;
	data[2] = i->protocol;
	data[3] = 0;
}

void usbip_interface_decode(struct usbip_interface *i,
			    const uint8_t data[USBIP_INTERFACE_SIZE])
{
	i->class = data[0];
	i->subclass = data[1];
	i->protocol = data[2];
}

void usbip_urb_encode(const struct usbip_urb *u,
		      uint8_t data[USBIP_HEADER_SIZE])
{
	struct wr w = wr_init(data, USBIP_HEADER_SIZE);
	uint32_t body[5] = { 0 };
	uint8_t setup[8] = { 0 };

	switch (u->command) {
	case USBIP_CMD_SUBMIT:
		body[0] = u->submit.flags;
		body[1] = u->submit.length;
		body[2] = u->submit.start_frame;
		body[3] = u->submit.packets;
		body[4] = u->submit.interval;
		memcpy(setup, u->submit.setup, sizeof(setup));
		break;
	case USBIP_RET_SUBMIT: /* no start frame, packets nor errors */
		body[0] = (uint32_t)u->ret_submit.status;
		body[1] = u->ret_submit.actual;
		break;
	case USBIP_CMD_UNLINK:
		body[0] = u->unlink;
		break;
	default: /* USBIP_RET_UNLINK */
		body[0] = (uint32_t)u->ret_unlink;
		break;
	}
	wr_be32(&w, u->command);
	wr_be32(&w, u->seqnum);
	wr_be32(&w, u->devid);
	wr_be32(&w, u->direction);
	wr_be32(&w, u->endpoint);
	for (size_t i = 0; i < sizeof(body) / sizeof(body[0]); i++)
		wr_be32(&w, body[i]);
	wr_bytes(&w, setup, sizeof(setup));
}

int usbip_urb_decode(struct usbip_urb *u, const uint8_t data[USBIP_HEADER_SIZE])
{
	struct rd r = rd_init(data, USBIP_HEADER_SIZE);

	u->command = rd_be32(&r);
	u->seqnum = rd_be32(&r);
	u->devid = rd_be32(&r);
	u->direction = rd_be32(&r);
	u->endpoint = rd_be32(&r);
	switch (u->command) {
	case USBIP_CMD_SUBMIT:
		u->submit.flags = rd_be32(&r);
		u->submit.length = rd_be32(&r);
		u->submit.start_frame = rd_be32(&r);
		u->submit.packets = rd_be32(&r);
		u->submit.interval = rd_be32(&r);
		memcpy(u->submit.setup, rd_bytes(&r, 8), 8);
		return ERR_OK;
	case USBIP_RET_SUBMIT:
		u->ret_submit.status = (int32_t)rd_be32(&r);
		u->ret_submit.actual = rd_be32(&r);
		return ERR_OK;
	case USBIP_CMD_UNLINK:
		u->unlink = rd_be32(&r);
		return ERR_OK;
	case USBIP_RET_UNLINK:
		u->ret_unlink = (int32_t)rd_be32(&r);
		return ERR_OK;
	default:
		return ERR_INVALID;
	}
}

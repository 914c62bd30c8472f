/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The USB/IP 1.1.1 wire format, for client and server: encodes messages into
 * and decodes them from the caller's buffers, without I/O or state. Layouts as
 * in the Linux kernel's Documentation/usb/usbip_protocol.rst. All fields are
 * big endian except the setup packet.
 */
#ifndef TETHER_USBSERVE_USBIP_WIRE_H
#define TETHER_USBSERVE_USBIP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/wire.h"

enum {
	USBIP_PORT = 3240,
	USBIP_VERSION = 0x0111,
	USBIP_OP_REQ_DEVLIST = 0x8005,
	USBIP_OP_REP_DEVLIST = 0x0005,
	USBIP_OP_REQ_IMPORT = 0x8003,
	USBIP_OP_REP_IMPORT = 0x0003,
	USBIP_CMD_SUBMIT = 1,
	USBIP_CMD_UNLINK = 2,
	USBIP_RET_SUBMIT = 3,
	USBIP_RET_UNLINK = 4,
	USBIP_DIR_OUT = 0,
	USBIP_DIR_IN = 1,
};

enum {
	USBIP_OP_HEADER_SIZE = 8,
	USBIP_BUSID_SIZE = 32,
	USBIP_PATH_SIZE = 256,
	USBIP_DEVICE_SIZE = 312,
	USBIP_INTERFACE_SIZE = 4,
	USBIP_HEADER_SIZE = 48, /* of every CMD and RET message */
	USBIP_INTERFACES_MAX = 32,
	USBIP_NO_ISO = 0xffffffff, /* number_of_packets if not isochronous */
	USBIP_DEVICES_MAX = 1024,  /* accepted in a peer's list */
};

/* Linux's URB transfer flags, as CMD_SUBMIT carries them. */
enum { USBIP_ZERO_PACKET = 0x40 };

/* Linux's errno values, which replies carry negated as the status of a URB
 * (Documentation/driver-api/usb/error-codes.rst). Other systems number errno
 * differently. */
enum {
	USBIP_ENOENT = 2, /* unlinked */
	USBIP_ENODEV = 19,
	USBIP_EPIPE = 32, /* stall */
	USBIP_ETIME = 62, /* no answer on the bus */
	USBIP_EOVERFLOW = 75,
	USBIP_ECONNRESET = 104, /* unlinked */
	USBIP_ESHUTDOWN = 108,	/* unplugged or reset */
	USBIP_ETIMEDOUT = 110,
};

/* Status of an OP reply. */
enum {
	USBIP_ST_OK = 0,
	USBIP_ST_NA = 1,       /* usbnvme: another host uses the device */
	USBIP_ST_DEV_BUSY = 2, /* usbipd of Linux: the same */
	USBIP_ST_NODEV = 4,
};

struct usbip_op {
	uint16_t version, code;
	uint32_t status;
};

struct usbip_interface {
	uint8_t class, subclass, protocol;
};

/** A device in a list or an import reply. */
struct usbip_device {
	char path[USBIP_PATH_SIZE]; /* terminated when decoded */
	char busid[USBIP_BUSID_SIZE];
	uint32_t busnum, devnum, speed;
	uint16_t vendor, product, release;
	uint8_t class, subclass, protocol;
	uint8_t configuration, configurations;
	uint8_t interfaces; /* only present in a device list */
	struct usbip_interface interface[USBIP_INTERFACES_MAX];
};

/** Any of the four messages of an imported device. */
struct usbip_urb {
	uint32_t command, seqnum;
	uint32_t devid, direction, endpoint; /* zero in replies */
	union {
		struct {
			uint32_t flags, length, start_frame, packets, interval;
			uint8_t setup[8];
		} submit;
		struct {
			int32_t status;
			uint32_t actual;
		} ret_submit;
		uint32_t unlink;    /* seqnum of the URB to cancel */
		int32_t ret_unlink; /* status */
	};
};

/* In each function, `data` has exactly the bytes of the message. */
void usbip_wire_op_encode(const struct usbip_op *op,
			  uint8_t data[USBIP_OP_HEADER_SIZE]);
void usbip_wire_op_decode(struct usbip_op *op,
			  const uint8_t data[USBIP_OP_HEADER_SIZE]);

/** The fixed part, without the interfaces that follow it in a device list. */
void usbip_wire_device_encode(const struct usbip_device *d,
			      uint8_t data[USBIP_DEVICE_SIZE]);
void usbip_wire_device_decode(struct usbip_device *d,
			      const uint8_t data[USBIP_DEVICE_SIZE]);

void usbip_wire_interface_encode(const struct usbip_interface *i,
				 uint8_t data[USBIP_INTERFACE_SIZE]);
void usbip_wire_interface_decode(struct usbip_interface *i,
				 const uint8_t data[USBIP_INTERFACE_SIZE]);

/* Inline, because these two functions dominate the cost of a transfer. */
static inline void usbip_wire_urb_encode(const struct usbip_urb *u,
					 uint8_t data[USBIP_HEADER_SIZE])
{
	struct wr w = wr_init(data, USBIP_HEADER_SIZE);

	wr_be32(&w, u->command);
	wr_be32(&w, u->seqnum);
	wr_be32(&w, u->devid);
	wr_be32(&w, u->direction);
	wr_be32(&w, u->endpoint);
	switch (u->command) {
	case USBIP_CMD_SUBMIT:
		wr_be32(&w, u->submit.flags);
		wr_be32(&w, u->submit.length);
		wr_be32(&w, u->submit.start_frame);
		wr_be32(&w, u->submit.packets);
		wr_be32(&w, u->submit.interval);
		wr_bytes(&w, u->submit.setup, sizeof(u->submit.setup));
		return;
	case USBIP_RET_SUBMIT: /* start_frame, packets and errors are zero */
		wr_be32(&w, (uint32_t)u->ret_submit.status);
		wr_be32(&w, u->ret_submit.actual);
		wr_fill(&w, 0, 20);
		return;
	case USBIP_CMD_UNLINK:
		wr_be32(&w, u->unlink);
		break;
	default: /* USBIP_RET_UNLINK */
		wr_be32(&w, (uint32_t)u->ret_unlink);
		break;
	}
	wr_fill(&w, 0, 24);
}

/** Decode a message. ERR_INVALID: unknown command. */
static inline int usbip_wire_urb_decode(struct usbip_urb *u,
					const uint8_t data[USBIP_HEADER_SIZE])
{
	struct rd r = rd_init(data, USBIP_HEADER_SIZE);
	const uint8_t *setup;

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
		setup = rd_bytes(&r, sizeof(u->submit.setup));
		if (setup)
			memcpy(u->submit.setup, setup, sizeof(u->submit.setup));
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

#endif

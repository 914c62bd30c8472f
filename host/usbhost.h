/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One USB device as a host sees it: transfers to submit, a poll that moves
 * them. Backends (USB/IP; others can follow) embed struct usbhost and fill
 * its ops. Nothing here prints; `error` says what went wrong, for people.
 */
#ifndef TETHER_HOST_USBHOST_H
#define TETHER_HOST_USBHOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct usbhost;

enum { USBHOST_ERROR = 256, USBHOST_CONTROL_MS = 5000 };

/** A transfer. It and its data are the caller's, who leaves both alone from
 * submit() until done(). */
struct usbhost_transfer {
	uint8_t endpoint; /* address; 0x00 or 0x80: control */
	uint8_t setup[8]; /* control only */
	bool zero_packet; /* OUT: end a multiple of the packet size by a ZLP */
	uint8_t *data;
	uint32_t length; /* OUT: bytes in data; IN: room in data */
	uint32_t actual; /* bytes that went over */
	int status;	 /* 0, or a negative errno */
	void (*done)(struct usbhost_transfer *t); /* may submit it again */
	void *ctx;
	/* the backend's own */
	uint32_t seqnum;
	bool pending;
	struct usbhost_transfer *next;
};

struct usbhost_ops {
	/** Queue a transfer; it goes out with the next poll(). ERR_FULL: too
	 * many at once. ERR_IO: the device is gone. */
	int (*submit)(struct usbhost *h, struct usbhost_transfer *t);
	/** Take it back; done() is called before this returns. */
	void (*cancel)(struct usbhost *h, struct usbhost_transfer *t);
	/** The same with all of them, in USBHOST_CONTROL_MS altogether. One
	 * that is still pending then the system has not given back: it and its
	 * data have to stay where they are. */
	void (*cancel_all)(struct usbhost *h);
	/** Send what is queued; wait for completions for at most timeout_ms
	 * (0: do not wait) and call done() for each. ERR_IO: the device is
	 * gone; every transfer has been completed with -ENODEV. */
	int (*poll)(struct usbhost *h, int timeout_ms);
	/** As usbhost_claim(); NULL where nobody else can have it. */
	int (*claim)(struct usbhost *h, uint8_t configuration,
		     uint8_t interface);
	/** Give the device back and free the host. */
	void (*close)(struct usbhost *h);
};

struct usbhost {
	const struct usbhost_ops *ops;
	uint8_t configuration;	   /* as set by us; 0: not yet */
	char error[USBHOST_ERROR]; /* after an error: a sentence */
};

/** One control transfer, waited for. Bytes that went over, or a negative
 * enum err: ERR_IO (the device refused, or is gone), ERR_TIMEOUT. */
int usbhost_control(struct usbhost *h, const uint8_t setup[8], uint8_t *data,
		    uint16_t length);

/** GET_DESCRIPTOR, as usbhost_control(). */
int usbhost_get_descriptor(struct usbhost *h, uint8_t type, uint8_t index,
			   uint8_t *data, uint16_t length);

/** A string descriptor as ASCII text; other characters become "?". Empty
 * when index is 0 or the device has none. */
void usbhost_get_string(struct usbhost *h, uint8_t index, char *text,
			size_t cap);

/** See to it that the device is in this configuration, and that the interface
 * is ours alone. ERR_BUSY: another program has it; ERR_IO. */
int usbhost_claim(struct usbhost *h, uint8_t configuration, uint8_t interface);

#endif

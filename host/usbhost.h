/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's view of one USB device: callers submit transfers, and poll()
 * carries them out. Back ends embed struct usbhost and set its ops:
 * usbip_client.h and libusb_host.h. The module prints nothing. After an error,
 * `error` has a sentence for the user.
 */
#ifndef TETHER_HOST_USBHOST_H
#define TETHER_HOST_USBHOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct usbhost;

enum { USBHOST_ERROR = 256, USBHOST_CONTROL_MS = 5000 };

/** How a transfer ended. Each back end decodes what its library or its server
 * reports. No errno value is used here: the numbers differ between systems. */
enum usbhost_status {
	USBHOST_SUCCESS,
	USBHOST_STALL,	   /* the endpoint is halted, or refused a request */
	USBHOST_CANCELLED, /* by cancel() or cancel_all() */
	USBHOST_GONE,	   /* the device was unplugged or reset */
	USBHOST_OVERFLOW,  /* the device sent more than requested */
	USBHOST_NO_ANSWER, /* the device did not answer in time */
	USBHOST_FAILED,	   /* error on the bus, or a cause not known here */
};

/** The end of a sentence about a transfer: "the device stalled it". */
const char *usbhost_status_text(enum usbhost_status status);

/** A transfer. The caller owns it and its data, and does not touch either from
 * submit() until done(). */
struct usbhost_transfer {
	uint8_t endpoint; /* address; 0x00 or 0x80: control */
	uint8_t setup[8]; /* control only */
	bool zero_packet; /* OUT: add a ZLP after a full last packet */
	uint8_t *data;
	uint32_t length; /* OUT: bytes in data; IN: room in data */
	uint32_t actual; /* bytes transferred */
	enum usbhost_status status;
	void (*done)(struct usbhost_transfer *t); /* may submit it again */
	void *ctx;
	/* Private to the back end: */
	uint32_t seqnum;
	bool pending;
	struct usbhost_transfer *next;
};

struct usbhost_ops {
	/** Queue a transfer; the next poll() sends it. ERR_FULL: too many in
	 * flight. ERR_LENGTH: too long for a control transfer. ERR_IO: the
	 * device is gone. */
	int (*submit)(struct usbhost *h, struct usbhost_transfer *t);
	/** Cancel a transfer; done() is called before this returns. */
	void (*cancel)(struct usbhost *h, struct usbhost_transfer *t);
	/** Cancel all transfers within USBHOST_CONTROL_MS in total. A transfer
	 * that is still pending afterwards is in use by the system: it and its
	 * data must stay allocated. */
	void (*cancel_all)(struct usbhost *h);
	/** Send queued transfers, wait at most timeout_ms (0: do not wait) for
	 * completions and call done() for each. ERR_IO: the device is gone;
	 * every transfer has completed with USBHOST_GONE. */
	int (*poll)(struct usbhost *h, int timeout_ms);
	/** Implements usbhost_claim(). NULL: no other program can use the
	 * device. */
	int (*claim)(struct usbhost *h, uint8_t configuration,
		     uint8_t interface);
	/** Release the device and free the host. */
	void (*close)(struct usbhost *h);
};

struct usbhost {
	const struct usbhost_ops *ops;
	uint8_t configuration;	   /* set by this host; 0: not yet */
	char error[USBHOST_ERROR]; /* a sentence about the last error */
};

/** Run one control transfer to completion. Returns the bytes of data
 * transferred. ERR_IO: the device stalled it or is gone. ERR_TIMEOUT: no
 * response within USBHOST_CONTROL_MS. */
int usbhost_control(struct usbhost *h, const uint8_t setup[8], uint8_t *data,
		    uint16_t length);

/** Send GET_DESCRIPTOR. Returns as usbhost_control(). */
int usbhost_get_descriptor(struct usbhost *h, uint8_t type, uint8_t index,
			   uint8_t *data, uint16_t length);

/** Read a string descriptor as ASCII text; other characters become "?". Empty
 * if index is 0 or the device has no such string. */
void usbhost_get_string(struct usbhost *h, uint8_t index, char *text,
			size_t cap);

/** Set the configuration, and claim the interface for this host alone.
 * ERR_BUSY: another program uses the interface. ERR_IO, ERR_TIMEOUT. */
int usbhost_claim(struct usbhost *h, uint8_t configuration, uint8_t interface);

#endif

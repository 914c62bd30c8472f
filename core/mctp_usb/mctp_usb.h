/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MCTP over USB (DSP0283): the framing between USB bulk transfers and MCTP
 * packets, for v1.0 (whole packets of at most 255 bytes in transfers of at
 * most 512) and v1.1 (packets of up to 8191 bytes that may span transfers).
 * It owns no transfer buffer and starts no transfer.
 */
#ifndef TETHER_MCTP_USB_MCTP_USB_H
#define TETHER_MCTP_USB_MCTP_USB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/config.h"
#include "base/err.h"

struct mctp;

enum {
	MCTP_USB_CLASS = 0x14,
	MCTP_USB_SUBCLASS_1_0 = 0x00,
	MCTP_USB_SUBCLASS_1_1 = 0x02,
	MCTP_USB_PROTOCOL = 0x01,
	MCTP_USB_HEADER_SIZE = 4,
	MCTP_USB_TRANSFER_1_0 = 512, /* largest v1.0 transfer */
	MCTP_USB_PACKET_1_1 = 8191,  /* largest packet with this header */
	MCTP_USB_MTU_MIN = 68,	     /* MCTP packets, without this header */
	MCTP_USB_MTU_1_0 = 251,
	MCTP_USB_MTU_1_1 = MCTP_USB_PACKET_1_1 - MCTP_USB_HEADER_SIZE,
};

/* What can be left of a packet: no more than a message and its headers. */
enum {
	MCTP_USB_REST = MCTP_MESSAGE_MAX + 8 < MCTP_USB_PACKET_1_1
				? MCTP_MESSAGE_MAX + 8
				: MCTP_USB_PACKET_1_1
};

enum mctp_usb_version { MCTP_USB_1_0, MCTP_USB_1_1 };

enum mctp_usb_counter {
	MCTP_USB_RX_TRANSFERS,
	MCTP_USB_RX_BYTES,
	MCTP_USB_TX_TRANSFERS,
	MCTP_USB_TX_BYTES,
	MCTP_USB_DROP_ID,	 /* header id is not 1A B4 */
	MCTP_USB_DROP_LENGTH,	 /* header length out of range */
	MCTP_USB_DROP_TRUNCATED, /* transfer ended inside a packet */
	MCTP_USB_COUNTERS,
};

struct mctp_usb {
	struct mctp *mctp;
	enum mctp_usb_version version;
	uint8_t length_high; /* bits of the length in the third byte */
	bool packing;
	bool dropping;	 /* until the transfer ends */
	uint16_t rx_run; /* v1.0: bytes of this transfer so far */
	uint16_t held;	 /* bytes of a split packet in span[] */
	uint16_t sent;	 /* bytes of the current packet already out */
	/* What is left of a packet whose message was withdrawn */
	uint16_t rest_at, rest_end;
	uint32_t count[MCTP_USB_COUNTERS];
	uint8_t span[MCTP_USB_PACKET_1_1];
	uint8_t rest[MCTP_USB_REST];
};

/** Start over `m`, whose MTU becomes the largest of the version. */
void mctp_usb_init(struct mctp_usb *u, struct mctp *m,
		   enum mctp_usb_version version);

/** Several packets in one IN transfer (default) or one in each. */
void mctp_usb_set_packing(struct mctp_usb *u, bool on);

/** Packet size with MCTP header: 68 to 251, or to 8187. ERR_INVALID. */
int mctp_usb_set_mtu(struct mctp_usb *u, uint16_t mtu);

/**
 * Take bytes received on bulk OUT. They need not be a whole transfer: `end`
 * says that it ended here, as a short or zero-length USB packet shows. A v1.0
 * transfer also ends after 512 bytes. What is malformed costs the rest of its
 * transfer only.
 */
void mctp_usb_rx(struct mctp_usb *u, const uint8_t *data, size_t len, bool end,
		 uint32_t now_ms);

/**
 * Fill an IN transfer with what is waiting: at most cap bytes, for v1.0 512
 * at least. Returns its length, 0 when nothing waits.
 */
size_t mctp_usb_poll(struct mctp_usb *u, uint8_t *transfer, size_t cap);

/**
 * Whether an IN transfer of len bytes needs a zero-length packet behind it:
 * a multiple of the packet size mps, unless it fills what a v1.0 host asks
 * for.
 */
bool mctp_usb_needs_zlp(const struct mctp_usb *u, size_t len, uint16_t mps);

/** Forget half packets: the USB device was reset or detached. */
void mctp_usb_reset(struct mctp_usb *u);

/** Name of a counter, as mctp_counter_name(). */
const char *mctp_usb_counter_name(enum mctp_usb_counter c);

#endif

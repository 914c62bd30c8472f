/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MCTP over USB (DSP0283): framing between USB bulk transfers and MCTP packets.
 * v1.0 sends whole packets of up to 255 bytes in transfers of up to 512 bytes.
 * v1.1 sends packets of up to 8191 bytes, which may span transfers. The caller
 * owns the transfer buffers and starts the transfers.
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
	MCTP_USB_PACKET_1_1 = 8191,  /* largest packet, USB header included */
	MCTP_USB_MTU_MIN = 68,	     /* MCTP packet, without the USB header */
	MCTP_USB_MTU_1_0 = 251,
	MCTP_USB_MTU_1_1 = MCTP_USB_PACKET_1_1 - MCTP_USB_HEADER_SIZE,
};

/*
 * Sizes of buffers for one packet: both headers and a whole message.
 * MCTP_USB_SPAN has room for one byte more, with which the packet is too long
 * for every message. What follows that byte changes nothing and is not stored.
 */
enum {
	MCTP_USB_REST = MCTP_MESSAGE_MAX + 8 < MCTP_USB_PACKET_1_1
				? MCTP_MESSAGE_MAX + 8
				: MCTP_USB_PACKET_1_1,
	MCTP_USB_SPAN = MCTP_USB_REST < MCTP_USB_PACKET_1_1
				? MCTP_USB_REST + 1
				: MCTP_USB_PACKET_1_1
};

enum mctp_usb_version { MCTP_USB_1_0, MCTP_USB_1_1 };

enum mctp_usb_counter {
	MCTP_USB_RX_TRANSFERS,
	MCTP_USB_RX_BYTES,
	MCTP_USB_TX_TRANSFERS,
	MCTP_USB_TX_BYTES,
	MCTP_USB_DROP_ID,	 /* DMTF id in the header is not 1AB4h */
	MCTP_USB_DROP_LENGTH,	 /* header length out of range */
	MCTP_USB_DROP_TRUNCATED, /* transfer ended inside a packet */
	MCTP_USB_COUNTERS,
};

struct mctp_usb {
	struct mctp *mctp;
	enum mctp_usb_version version;
	uint8_t length_high; /* bits of the length in the third byte */
	bool packing;
	bool dropping;	 /* ignore data until the transfer ends */
	uint16_t rx_run; /* v1.0: bytes received of this transfer */
	uint16_t held;	 /* bytes received of the split packet in span[] */
	uint16_t sent;	 /* bytes sent of the current packet */
	/* rest[] holds the unsent part of a packet whose message was
	 * withdrawn */
	uint16_t rest_at, rest_end;
	uint32_t count[MCTP_USB_COUNTERS];
	uint8_t span[MCTP_USB_SPAN];
	uint8_t rest[MCTP_USB_REST];
};

/** Initialize for endpoint m, and set its MTU to the version's maximum. */
void mctp_usb_init(struct mctp_usb *u, struct mctp *m,
		   enum mctp_usb_version version);

/** Allow several packets in an IN transfer (default: on). */
void mctp_usb_set_packing(struct mctp_usb *u, bool on);

/** Set the packet size, MCTP header included: 68 to 251 bytes, v1.1 to 8187.
 * ERR_INVALID: out of range. */
int mctp_usb_set_mtu(struct mctp_usb *u, uint16_t mtu);

/**
 * Process bytes received on bulk OUT: a whole transfer or a part. end: the
 * transfer ended after these bytes, with a short or zero-length USB packet. A
 * v1.0 transfer also ends after 512 bytes. A malformed header drops the data up
 * to the end of the transfer.
 */
void mctp_usb_rx(struct mctp_usb *u, const uint8_t *data, size_t len, bool end,
		 uint32_t now_ms);

/**
 * Fill an IN transfer with waiting packets, up to cap bytes; v1.0 needs a cap
 * of at least 512. Returns the length in bytes; 0: no packet is waiting.
 */
size_t mctp_usb_poll(struct mctp_usb *u, uint8_t *transfer, size_t cap);

/**
 * Whether an IN transfer of len bytes must be followed by a zero-length packet.
 * True if len is a multiple of mps, the endpoint's packet size. Exception: 512
 * bytes in v1.0, because a v1.0 host requests at most 512 bytes.
 */
bool mctp_usb_needs_zlp(const struct mctp_usb *u, size_t len, uint16_t mps);

/** Handle a USB reset or detach: drop split packets. */
void mctp_usb_reset(struct mctp_usb *u);

/** Name of a counter for output, such as "usb-drop-id". */
const char *mctp_usb_counter_name(enum mctp_usb_counter c);

#endif

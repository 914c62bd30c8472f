/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Captures the MCTP packets in the transfers of a USB device, as a host or a
 * bus analyzer sees them: the device's endpoints are learned from its
 * configuration descriptor. For the emulated host of nucleo-emu.
 */
#ifndef TETHER_CAPTURE_CAPTURE_USB_H
#define TETHER_CAPTURE_CAPTURE_USB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/capture.h"
#include "mctp_usb/mctp_usb.h"

/** One direction of the MCTP interface. */
struct capture_usb_direction {
	struct capture_usb *owner;
	uint8_t endpoint; /* address; 0: not known */
	struct mctp_tap tap;
	struct mctp mctp; /* finds packets; handles none */
	struct mctp_usb usb;
};

struct capture_usb {
	struct capture *capture;
	struct capture_usb_direction out, in;
};

/** Store the packets in capture, which must stay valid. Do not move *u
 * afterwards. */
void capture_usb_init(struct capture_usb *u, struct capture *capture);

/** Learn the MCTP endpoints from the data of a completed GET_DESCRIPTOR
 * (configuration). Other requests, and a descriptor without an MCTP interface,
 * change nothing. */
void capture_usb_control(struct capture_usb *u, const uint8_t setup[8],
			 const uint8_t *data, size_t len);

/** Store the packets of a completed bulk transfer. end: as in mctp_usb_rx().
 * Transfers of other endpoints are ignored. */
void capture_usb_transfer(struct capture_usb *u, uint8_t endpoint,
			  const uint8_t *data, size_t len, bool end);

#endif

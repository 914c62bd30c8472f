/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TinyUSB's device core, with one check more. Version 0.18 answers a standard
 * request whose direction bit is wrong by receiving the host's data into what
 * it meant to send: a descriptor, or a variable that is off the stack by then.
 * No standard request that is served here carries data from the host, so one
 * that does is refused (USB 2.0 9.2.7: request error, STALL).
 */
#include "tusb_option.h"

#define tud_control_xfer usbd_checked_control_xfer
#include "device/usbd.c"
#undef tud_control_xfer

bool tud_control_xfer(uint8_t rhport, tusb_control_request_t const *request,
		      void *buffer, uint16_t len);

bool usbd_checked_control_xfer(uint8_t rhport,
			       tusb_control_request_t const *request,
			       void *buffer, uint16_t len)
{
	if (request->bmRequestType_bit.direction == TUSB_DIR_OUT &&
	    request->wLength) {
		/* Here, as not every caller looks at what is returned. */
		dcd_edpt_stall(rhport, 0);
		dcd_edpt_stall(rhport, TUSB_DIR_IN_MASK);
		return false;
	}
	return tud_control_xfer(rhport, request, buffer, len);
}

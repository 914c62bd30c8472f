/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TinyUSB's device core with an additional check. If the direction bit of a
 * standard request is wrong, TinyUSB 0.18 writes the host's data to the buffer
 * of the response: a descriptor, or a stack variable that no longer exists. No
 * supported standard request carries data from the host, so this file stalls
 * each request that does (USB 2.0 9.2.7).
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
		/* Stall here, as some callers ignore the result. */
		dcd_edpt_stall(rhport, 0);
		dcd_edpt_stall(rhport, TUSB_DIR_IN_MASK);
		return false;
	}
	return tud_control_xfer(rhport, request, buffer, len);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "usb/mctp_class.h"

#include <string.h>

#include "tusb.h"
#include "device/usbd_pvt.h"

#include "device/device.h"
#include "mctp_usb/mctp_usb.h"

/* Buffer sizes in bytes: the largest transfers of DSP0283 v1.1. */
#ifndef MCTP_CLASS_IN_SIZE
#define MCTP_CLASS_IN_SIZE 8192
#endif
#ifndef MCTP_CLASS_OUT_SIZE
#define MCTP_CLASS_OUT_SIZE 512
#endif

/* Largest IN transfer: one byte less than the buffer, so that a full transfer
 * needs no zero-length packet. */
enum { IN_ROOM = MCTP_CLASS_IN_SIZE - 1, CACHE_LINE = 64 };

static struct {
	struct device *device;
	uint8_t ep_out, ep_in; /* 0 while not configured */
	uint16_t packet;       /* packet size of the bulk endpoints */
	uint16_t out_room;     /* length of OUT transfers */
	bool out_halted, in_halted;
	bool in_busy, zlp;
	uint8_t out, in;    /* index of the next buffer */
	uint16_t in_filled; /* bytes waiting in in_buffer[in] */
} class;

CFG_TUD_MEM_SECTION static uint8_t
	TU_ATTR_ALIGNED(CACHE_LINE) out_buffer[2][MCTP_CLASS_OUT_SIZE];
CFG_TUD_MEM_SECTION static uint8_t
	TU_ATTR_ALIGNED(CACHE_LINE) in_buffer[2][MCTP_CLASS_IN_SIZE];

static void arm_out(void)
{
	(void)usbd_edpt_xfer(0, class.ep_out, out_buffer[class.out],
			     class.out_room);
}

/* v1.0: receive one USB packet at a time, because a host may omit the
 * zero-length packet at the end of a transfer. v1.1: a short packet ends each
 * transfer. */
static uint16_t out_room(void)
{
	bool const span = class.device->usb.version == MCTP_USB_1_1;

	return span && MCTP_CLASS_OUT_SIZE > MCTP_USB_TRANSFER_1_0
		       ? MCTP_CLASS_OUT_SIZE
		       : class.packet;
}

static void fill_in(void)
{
	if (!class.in_filled)
		class.in_filled = (uint16_t)device_tx(
			class.device, in_buffer[class.in], IN_ROOM);
}

static void start_in(void)
{
	if (class.in_busy || class.in_halted || !class.ep_in)
		return;
	if (class.zlp) {
		class.zlp = false;
		class.in_busy = usbd_edpt_xfer(0, class.ep_in, NULL, 0);
		return;
	}
	fill_in();
	if (!class.in_filled)
		return;
	class.zlp = mctp_usb_needs_zlp(&class.device->usb, class.in_filled,
				       class.packet);
	class.in_busy = usbd_edpt_xfer(0, class.ep_in, in_buffer[class.in],
				       class.in_filled);
	class.in ^= 1;
	class.in_filled = 0;
	fill_in();
}

void mctp_class_poll(void)
{
	start_in();
}

static void class_init(void)
{
}

static bool class_deinit(void)
{
	return true;
}

static void class_reset(uint8_t rhport)
{
	(void)rhport;
	class.ep_out = class.ep_in = 0;
	class.out_halted = class.in_halted = false;
	class.in_busy = class.zlp = false;
	class.in_filled = 0;
	device_reset(class.device);
}

static uint16_t class_open(uint8_t rhport, tusb_desc_interface_t const *desc,
			   uint16_t max_len)
{
	uint16_t const len = sizeof(tusb_desc_interface_t) +
			     2 * sizeof(tusb_desc_endpoint_t);
	tusb_desc_endpoint_t const *ep;

	if (desc->bInterfaceClass != MCTP_USB_CLASS || max_len < len)
		return 0;
	ep = (tusb_desc_endpoint_t const *)(void const *)tu_desc_next(desc);
	class.packet = tu_edpt_packet_size(ep);
	if (!usbd_open_edpt_pair(rhport, (uint8_t const *)ep, 2, TUSB_XFER_BULK,
				 &class.ep_out, &class.ep_in))
		return 0;
	class.out_room = out_room();
	arm_out();
	return len;
}

/* Setting the halt feature aborts the endpoint's transfer. After clearing it,
 * start a new OUT transfer here; mctp_class_poll() starts the next IN
 * transfer. */
static void handle_halt(tusb_control_request_t const *request)
{
	bool const halt = request->bRequest == TUSB_REQ_SET_FEATURE;
	uint8_t const ep = tu_u16_low(request->wIndex);

	if (ep == class.ep_out) {
		if (!halt && class.out_halted)
			arm_out();
		class.out_halted = halt;
	} else if (ep == class.ep_in) {
		if (halt)
			class.in_busy = class.zlp = false;
		class.in_halted = halt;
	}
}

static bool class_control(uint8_t rhport, uint8_t stage,
			  tusb_control_request_t const *request)
{
	(void)rhport;
	if (stage != CONTROL_STAGE_SETUP ||
	    request->bmRequestType_bit.recipient != TUSB_REQ_RCPT_ENDPOINT ||
	    request->bmRequestType_bit.type != TUSB_REQ_TYPE_STANDARD ||
	    request->wValue != TUSB_REQ_FEATURE_EDPT_HALT)
		return false; /* TinyUSB handles or stalls the request */
	handle_halt(request);
	return true;
}

static bool class_xfer(uint8_t rhport, uint8_t ep_addr, xfer_result_t result,
		       uint32_t len)
{
	(void)rhport;
	if (ep_addr == class.ep_out) {
		uint8_t const *data = out_buffer[class.out];

		class.out ^= 1;
		arm_out();
		if (result == XFER_RESULT_SUCCESS)
			device_rx(class.device, data, len,
				  len < class.out_room);
	} else if (ep_addr == class.ep_in) {
		class.in_busy = false;
		start_in();
	}
	return true;
}

usbd_class_driver_t const *usbd_app_driver_get_cb(uint8_t *count)
{
	static usbd_class_driver_t const driver = {
		.name = "MCTP",
		.init = class_init,
		.deinit = class_deinit,
		.reset = class_reset,
		.open = class_open,
		.control_xfer_cb = class_control,
		.xfer_cb = class_xfer,
	};

	*count = 1;
	return &driver;
}

void mctp_class_start(struct device *d)
{
	memset(&class, 0, sizeof(class));
	class.device = d;
}

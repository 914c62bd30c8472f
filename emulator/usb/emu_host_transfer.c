/* SPDX-License-Identifier: Apache-2.0 */
/* The transactions of control, bulk and interrupt transfers. */
#include <errno.h>
#include <string.h>

#include "emulator/usb/emu_host_core.h"

enum {
	EP0_PACKET = 64,
	SET_ADDRESS = 5,
	GET_DESCRIPTOR = 6,
	SET_CONFIGURATION = 9,
	SET_INTERFACE = 11,
	CLEAR_FEATURE = 1,
	INTERFACE_RECIPIENT = 1,
	ENDPOINT_RECIPIENT = 2,
	CONFIGURATION_DESCRIPTOR = 2,
	INTERFACE_DESCRIPTOR = 4,
	ENDPOINT_DESCRIPTOR = 5,
};

/* Approximate time of a packet with its overhead on the bus. */
static uint64_t wire_ps(const struct emu_host *h, uint32_t len)
{
	if (dwc2_is_high_speed(h->device))
		return EMU_US / 2 + len * UINT64_C(17000);
	return 5 * EMU_US + len * UINT64_C(700000);
}

static bool sets_address(const struct usbserve_urb *u)
{
	return u->setup[0] == 0 && u->setup[1] == SET_ADDRESS;
}

/* Whether the device answers to the address that the host uses. During the
 * status stage of SET_ADDRESS, the device may have the old or the new
 * address. */
static bool is_addressed(struct emu_host *h)
{
	const struct usbserve_urb *u = h->control.urbs.head;

	if (u && h->stage == EMU_HOST_STATUS && sets_address(u))
		return true;
	return dwc2_address(h->device) == h->address;
}

static int to_status(enum dwc2_answer a)
{
	return a == DWC2_STALL ? -EPIPE : -EPROTO;
}

/* Note the interface of each endpoint in a configuration descriptor. */
static void note_interfaces(struct emu_host *h, const uint8_t *data,
			    uint32_t len)
{
	uint8_t interface = 0;

	for (uint32_t at = 0; at + 2 < len && data[at] >= 2; at += data[at]) {
		const uint8_t *d = data + at;

		if (d[1] == INTERFACE_DESCRIPTOR)
			interface = d[2];
		else if (d[1] == ENDPOINT_DESCRIPTOR)
			h->interface_of[d[2] & 15][d[2] >> 7] =
				(uint8_t)(interface + 1);
	}
}

static void reset_toggles_of_interface(struct emu_host *h, uint8_t interface)
{
	for (unsigned int i = 1; i < EMU_HOST_PIPES; i++)
		for (unsigned int in = 0; in < 2; in++)
			if (h->interface_of[i][in] == interface + 1)
				h->pipe[i][in].toggle = false;
}

/* Reset the data toggles that a completed request resets, USB 2.0 9.1.1.5,
 * 9.4.5 and 9.4.10. */
static void reset_toggles(struct emu_host *h, const struct usbserve_urb *u)
{
	if (u->setup[0] == 0 && u->setup[1] == SET_CONFIGURATION) {
		for (unsigned int i = 1; i < 16; i++)
			h->pipe[i][0].toggle = h->pipe[i][1].toggle = false;
	} else if (u->setup[0] == ENDPOINT_RECIPIENT &&
		   u->setup[1] == CLEAR_FEATURE && (u->setup[4] & 15)) {
		emu_host_pipe_of(h, u->setup[4])->toggle = false;
	} else if (u->setup[0] == INTERFACE_RECIPIENT &&
		   u->setup[1] == SET_INTERFACE) {
		reset_toggles_of_interface(h, u->setup[4]);
	}
}

static void end_control(struct emu_host *h, int status)
{
	struct usbserve_urb *u = h->control.urbs.head;

	h->stage = EMU_HOST_IDLE;
	if (!status) {
		reset_toggles(h, u);
		if (u->setup[0] == 0x80 && u->setup[1] == GET_DESCRIPTOR &&
		    u->setup[3] == CONFIGURATION_DESCRIPTOR)
			note_interfaces(h, u->data, u->actual);
		if (sets_address(u))
			h->address = u->setup[2];
	}
	emu_host_complete(h, &h->control, u, status);
}

static void receive_control_data(struct emu_host *h, struct usbserve_urb *u,
				 const uint8_t *data, uint32_t len)
{
	if (len > u->length - u->actual) {
		end_control(h, -EOVERFLOW);
		return;
	}
	memcpy(u->data + u->actual, data, len);
	u->actual += len;
	if (len < EP0_PACKET || u->actual == emu_host_setup_length(u)) {
		h->stage = EMU_HOST_STATUS;
		h->control.toggle = true;
	}
}

static enum dwc2_answer run_data_stage(struct emu_host *h, uint32_t *len)
{
	struct usbserve_urb *u = h->control.urbs.head;
	uint8_t data[DWC2_PACKET_MAX];
	enum dwc2_answer a;

	if (emu_host_is_control_in(u)) {
		a = dwc2_in(h->device, 0, h->control.toggle, data, len);
		if (a == DWC2_ACK) {
			h->control.toggle = !h->control.toggle;
			receive_control_data(h, u, data, *len);
		}
		return a;
	}
	*len = u->length - u->actual;
	if (*len > EP0_PACKET)
		*len = EP0_PACKET;
	a = dwc2_out(h->device, 0, h->control.toggle, u->data + u->actual,
		     *len);
	if (a == DWC2_ACK) {
		h->control.toggle = !h->control.toggle;
		u->actual += *len;
		if (u->actual == u->length) {
			h->stage = EMU_HOST_STATUS;
			h->control.toggle = true;
		}
	}
	return a;
}

/* The status stage is a DATA1 packet in the opposite direction. */
static enum dwc2_answer run_status_stage(struct emu_host *h)
{
	struct usbserve_urb *u = h->control.urbs.head;
	bool in = emu_host_is_control_in(u) && emu_host_setup_length(u);
	uint8_t data[DWC2_PACKET_MAX];
	uint32_t len = 0;
	enum dwc2_answer a;

	if (in)
		a = dwc2_out(h->device, 0, true, NULL, 0);
	else
		a = dwc2_in(h->device, 0, true, data, &len);
	if (a == DWC2_ACK)
		end_control(h, len ? -EPROTO : 0);
	return a;
}

static enum dwc2_answer run_setup_stage(struct emu_host *h,
					const struct usbserve_urb *u)
{
	enum dwc2_answer a = dwc2_setup(h->device, u->setup);

	if (a != DWC2_ACK)
		h->stage = EMU_HOST_SETUP;
	else
		h->stage = emu_host_setup_length(u) ? EMU_HOST_DATA
						    : EMU_HOST_STATUS;
	h->control.toggle = true;
	/* No handshake: the receive FIFO is full. Send it again later. */
	return a == DWC2_NOTHING ? DWC2_NAK : a;
}

/* One transaction of the control pipe. Returns its time; 0: it has to wait. */
static uint64_t run_control(struct emu_host *h)
{
	struct usbserve_urb *u = h->control.urbs.head;
	enum dwc2_answer a;
	uint32_t len = 0;

	if (!u)
		return 0;
	if (!is_addressed(h)) {
		end_control(h, -EPROTO);
		return wire_ps(h, 0);
	}
	switch (h->stage) {
	case EMU_HOST_IDLE:
	case EMU_HOST_SETUP:
		a = run_setup_stage(h, u);
		len = 8;
		break;
	case EMU_HOST_DATA:
		a = run_data_stage(h, &len);
		break;
	default:
		a = run_status_stage(h);
	}
	h->transactions += a == DWC2_ACK;
	if (a == DWC2_NAK)
		return 0;
	if (a != DWC2_ACK)
		end_control(h, to_status(a));
	return wire_ps(h, len);
}

/* --- bulk and interrupt --- */

static uint64_t run_out(struct emu_host *h, unsigned int ep)
{
	struct emu_host_pipe *p = &h->pipe[ep][0];
	struct usbserve_urb *u = p->urbs.head;
	uint32_t packet = dwc2_packet_size(h->device, ep, false), len;
	enum dwc2_answer a;

	len = u->length - u->actual;
	if (packet && len > packet)
		len = packet;
	a = dwc2_out(h->device, ep, p->toggle, u->data + u->actual, len);
	if (a == DWC2_NAK)
		return 0;
	if (a != DWC2_ACK) {
		emu_host_complete(h, p, u, to_status(a));
		return wire_ps(h, 0);
	}
	p->toggle = !p->toggle;
	u->actual += len;
	h->bytes_out += len;
	h->transactions++;
	if (u->actual == u->length) {
		/* A full last packet may need a zero-length packet after it. */
		if (u->zero_packet && len == packet && len)
			u->zero_packet = false;
		else
			emu_host_complete(h, p, u, 0);
	}
	return wire_ps(h, len);
}

static uint64_t run_in(struct emu_host *h, unsigned int ep)
{
	struct emu_host_pipe *p = &h->pipe[ep][1];
	struct usbserve_urb *u = p->urbs.head;
	uint32_t packet = dwc2_packet_size(h->device, ep, true), len = 0;
	uint8_t data[DWC2_PACKET_MAX];
	enum dwc2_answer a = dwc2_in(h->device, ep, p->toggle, data, &len);

	if (a == DWC2_NAK)
		return 0;
	if (a != DWC2_ACK) {
		emu_host_complete(h, p, u, to_status(a));
		return wire_ps(h, 0);
	}
	p->toggle = !p->toggle;
	h->bytes_in += len;
	h->transactions++;
	if (len > u->length - u->actual) {
		emu_host_complete(h, p, u, -EOVERFLOW);
		return wire_ps(h, len);
	}
	memcpy(u->data + u->actual, data, len);
	u->actual += len;
	if (len < packet || u->actual == u->length)
		emu_host_complete(h, p, u, 0);
	return wire_ps(h, len);
}

uint64_t emu_host_run_pipes(struct emu_host *h)
{
	uint64_t time = run_control(h);

	for (unsigned int ep = 1; ep < DWC2_ENDPOINTS; ep++) {
		if (h->emu->failed)
			return 0;
		if (h->pipe[ep][0].urbs.head && is_addressed(h))
			time += run_out(h, ep);
		if (h->pipe[ep][1].urbs.head && is_addressed(h))
			time += run_in(h, ep);
	}
	return time;
}

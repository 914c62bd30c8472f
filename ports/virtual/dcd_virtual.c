/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/virtual/dcd_virtual.h"

#include <errno.h>
#include <string.h>

#include "tusb.h"
#include "device/dcd.h"

#include "usb/usb_device.h"
#include "usbserve/urb_queue.h"

enum { ENDPOINTS = 16, EP0_PACKET = 64, TICK_MS = 100 };

/* One direction of an endpoint. */
struct endpoint {
	uint16_t packet; /* wMaxPacketSize; 0: closed */
	bool halted;
	bool armed; /* the device has armed a transfer */
	uint8_t *buffer;
	uint32_t length, done; /* of the armed transfer */
	struct urb_queue urbs; /* submitted by the host */
};

enum stage { IDLE, DATA, STATUS };

static struct {
	enum usbserve_speed speed;
	bool attached;
	enum stage stage; /* of the first control transfer in the queue */
	struct urb_queue control;
	struct endpoint ep[ENDPOINTS][2];
	uint32_t (*now_ms)(void);
} bus;

static struct endpoint *find_endpoint(uint8_t address)
{
	return &bus.ep[tu_edpt_number(address)][tu_edpt_dir(address)];
}

static void complete_urb(struct urb_queue *q, struct usbserve_urb *u,
			 int status)
{
	urb_queue_remove(q, u);
	u->status = status;
	u->complete(u);
}

static void complete_all(struct urb_queue *q, int status)
{
	while (q->head)
		complete_urb(q, q->head, status);
}

static uint32_t min32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void finish_device_transfer(struct endpoint *e, uint8_t address)
{
	e->armed = false;
	dcd_event_xfer_complete(0, address, e->done, XFER_RESULT_SUCCESS, true);
}

/* --- bulk and interrupt --- */

/* Move data of one URB into the armed transfer. true: the URB is complete. */
static bool move_out(struct endpoint *e, uint8_t address,
		     struct usbserve_urb *u)
{
	uint32_t n = min32(e->length - e->done, u->length - u->actual);
	bool ends;

	if (n)
		memcpy(e->buffer + e->done, u->data + u->actual, n);
	e->done += n;
	u->actual += n;
	/* A short packet ends the transfer: the URB's last packet, or a ZLP
	 * after it. */
	ends = u->actual == u->length &&
	       (u->length % e->packet || !u->length || (!n && u->zero_packet));
	if (ends || e->done == e->length)
		finish_device_transfer(e, address);
	return u->actual == u->length && (ends || !u->zero_packet);
}

static void run_out(struct endpoint *e, uint8_t address)
{
	while (e->armed && e->urbs.head) {
		struct usbserve_urb *u = e->urbs.head;

		if (move_out(e, address, u))
			complete_urb(&e->urbs, u, 0);
	}
}

/* Move data of the armed transfer into one URB. Returns the status of the URB
 * if it is complete, otherwise 1. */
static int move_in(struct endpoint *e, uint8_t address, struct usbserve_urb *u)
{
	uint32_t left = e->length - e->done, room = u->length - u->actual;
	uint32_t n = min32(left, room);
	bool short_packet;

	if (n)
		memcpy(u->data + u->actual, e->buffer + e->done, n);
	u->actual += n;
	e->done += n;
	if (n < left) /* the URB is full: a truncated packet is an error */
		return n % e->packet ? -EOVERFLOW : 0;
	short_packet = !e->length || e->length % e->packet;
	finish_device_transfer(e, address);
	return short_packet || u->actual == u->length ? 0 : 1;
}

static void run_in(struct endpoint *e, uint8_t address)
{
	while (e->armed && e->urbs.head) {
		struct usbserve_urb *u = e->urbs.head;
		int status = move_in(e, address, u);

		if (status <= 0)
			complete_urb(&e->urbs, u, status);
	}
}

static void run_endpoint(uint8_t address)
{
	struct endpoint *e = find_endpoint(address);

	if (e->halted)
		complete_all(&e->urbs, -EPIPE);
	else if (address & TUSB_DIR_IN_MASK)
		run_in(e, address);
	else
		run_out(e, address);
}

/* --- control --- */

static uint16_t setup_length(const struct usbserve_urb *u)
{
	return (uint16_t)(u->setup[6] | u->setup[7] << 8);
}

static bool setup_is_in(const struct usbserve_urb *u)
{
	return u->setup[0] & TUSB_DIR_IN_MASK;
}

/* Call it only after the stack has finished the previous control transfer. */
static bool start_control(void)
{
	struct usbserve_urb *u = bus.control.head;

	if (!u || bus.stage != IDLE)
		return false;
	/* A SETUP packet cancels the transfers that are armed on endpoint 0. */
	bus.ep[0][TUSB_DIR_OUT].armed = false;
	bus.ep[0][TUSB_DIR_IN].armed = false;
	bus.stage = setup_length(u) ? DATA : STATUS;
	dcd_event_setup_received(0, u->setup, true);
	return true;
}

static void end_control(int status)
{
	bus.stage = IDLE;
	complete_urb(&bus.control, bus.control.head, status);
}

static void control_data(struct usbserve_urb *u, struct endpoint *e, uint8_t in)
{
	uint32_t n;

	if (in && e->length > u->length - u->actual) {
		end_control(-EOVERFLOW);
		return;
	}
	n = in ? e->length : min32(e->length, u->length - u->actual);
	if (n && in)
		memcpy(u->data + u->actual, e->buffer, n);
	else if (n)
		memcpy(e->buffer, u->data + u->actual, n);
	u->actual += n;
	e->done = n;
	if (u->actual == setup_length(u) || n < EP0_PACKET)
		bus.stage = STATUS;
	finish_device_transfer(e, in ? TUSB_DIR_IN_MASK : 0);
}

static void run_control(void)
{
	struct usbserve_urb *u = bus.control.head;

	while (u && bus.stage != IDLE) {
		bool in = setup_is_in(u) && setup_length(u);
		/* The status stage has the opposite direction. */
		uint8_t dir = (uint8_t)(bus.stage == STATUS ? !in : in);
		struct endpoint *e = &bus.ep[0][dir];

		if (!e->armed)
			return;
		if (bus.stage == DATA) {
			control_data(u, e, dir);
			u = bus.control.head;
			continue;
		}
		e->done = 0;
		finish_device_transfer(e, dir ? TUSB_DIR_IN_MASK : 0);
		end_control(0);
		u = bus.control.head;
	}
}

/* --- usbserve.h, for the host --- */

static void submit(void *device, struct usbserve_urb *u)
{
	uint8_t number = tu_edpt_number(u->endpoint);
	int status = 0;

	(void)device;
	u->actual = 0;
	if (!bus.attached)
		status = -ESHUTDOWN;
	else if (u->endpoint & 0x70 ||
		 (number && !find_endpoint(u->endpoint)->packet))
		status = -EPIPE; /* no such endpoint */
	else if (!number && !setup_is_in(u) && u->length != setup_length(u))
		status = -EINVAL;
	if (status) {
		u->status = status;
		u->complete(u);
	} else if (!number) {
		urb_queue_push(&bus.control, u);
	} else {
		urb_queue_push(&find_endpoint(u->endpoint)->urbs, u);
		run_endpoint(u->endpoint);
	}
}

static void cancel(void *device, struct usbserve_urb *u)
{
	(void)device;
	if (tu_edpt_number(u->endpoint)) {
		complete_urb(&find_endpoint(u->endpoint)->urbs, u, -ECONNRESET);
		return;
	}
	if (u == bus.control.head)
		bus.stage = IDLE;
	complete_urb(&bus.control, u, -ECONNRESET);
}

static void close_endpoints(int status)
{
	for (unsigned int i = 1; i < ENDPOINTS; i++) {
		for (uint8_t dir = 0; dir < 2; dir++) {
			struct endpoint *e = &bus.ep[i][dir];

			complete_all(&e->urbs, status);
			memset(e, 0, sizeof(*e));
		}
	}
}

static void reset(void *device, bool attached)
{
	tusb_speed_t speed =
		bus.speed == USBSERVE_HIGH ? TUSB_SPEED_HIGH : TUSB_SPEED_FULL;

	(void)device;
	bus.stage = IDLE;
	complete_all(&bus.control, -ESHUTDOWN);
	close_endpoints(-ESHUTDOWN);
	bus.ep[0][TUSB_DIR_OUT].armed = false;
	bus.ep[0][TUSB_DIR_IN].armed = false;
	/* Handle the completions from before the reset. */
	while (tud_task_event_ready())
		(void)usb_device_poll(bus.now_ms());
	if (attached) {
		dcd_event_bus_reset(0, speed, true);
		(void)usb_device_poll(bus.now_ms());
	} else if (bus.attached) {
		dcd_event_bus_signal(0, DCD_EVENT_UNPLUGGED, true);
		(void)usb_device_poll(bus.now_ms());
	}
	bus.attached = attached;
}

static int run(void *device)
{
	(void)device;
	do {
		while (usb_device_poll(bus.now_ms()))
			;
	} while (start_control());
	return TICK_MS;
}

static enum usbserve_speed speed_of(void *device)
{
	(void)device;
	return bus.speed;
}

const struct usbserve_ops dcd_virtual_ops = {
	.submit = submit,
	.cancel = cancel,
	.reset = reset,
	.run = run,
	.speed = speed_of,
};

void dcd_virtual_set_clock(uint32_t (*now_ms)(void))
{
	bus.now_ms = now_ms;
}

/* --- dcd.h, for TinyUSB --- */

bool dcd_init(uint8_t rhport, const tusb_rhport_init_t *init)
{
	(void)rhport;
	bus.speed =
		init->speed == TUSB_SPEED_HIGH ? USBSERVE_HIGH : USBSERVE_FULL;
	bus.ep[0][TUSB_DIR_OUT].packet = EP0_PACKET;
	bus.ep[0][TUSB_DIR_IN].packet = EP0_PACKET;
	return true;
}

bool dcd_deinit(uint8_t rhport)
{
	(void)rhport;
	return true;
}

/* No interrupts: all events come from the event loop. */
void dcd_int_handler(uint8_t rhport)
{
	(void)rhport;
}

void dcd_int_enable(uint8_t rhport)
{
	(void)rhport;
}

void dcd_int_disable(uint8_t rhport)
{
	(void)rhport;
}

void dcd_set_address(uint8_t rhport, uint8_t address)
{
	(void)address; /* one device on the bus: only do the status stage */
	(void)dcd_edpt_xfer(rhport, TUSB_DIR_IN_MASK, NULL, 0);
}

void dcd_remote_wakeup(uint8_t rhport)
{
	(void)rhport;
}

void dcd_connect(uint8_t rhport)
{
	(void)rhport;
}

void dcd_disconnect(uint8_t rhport)
{
	(void)rhport;
}

void dcd_sof_enable(uint8_t rhport, bool on)
{
	(void)rhport;
	(void)on;
}

bool dcd_edpt_open(uint8_t rhport, tusb_desc_endpoint_t const *desc)
{
	struct endpoint *e = find_endpoint(desc->bEndpointAddress);

	(void)rhport;
	memset(e, 0, sizeof(*e));
	e->packet = tu_edpt_packet_size(desc);
	return true;
}

void dcd_edpt_close_all(uint8_t rhport)
{
	(void)rhport;
	close_endpoints(-ESHUTDOWN);
}

void dcd_edpt_close(uint8_t rhport, uint8_t address)
{
	struct endpoint *e = find_endpoint(address);

	(void)rhport;
	complete_all(&e->urbs, -ESHUTDOWN);
	memset(e, 0, sizeof(*e));
}

bool dcd_edpt_xfer(uint8_t rhport, uint8_t address, uint8_t *buffer,
		   uint16_t total)
{
	struct endpoint *e = find_endpoint(address);

	(void)rhport;
	if (!e->packet || (e->armed && tu_edpt_number(address)))
		return false;
	e->armed = true;
	e->buffer = buffer;
	e->length = total;
	e->done = 0;
	if (tu_edpt_number(address))
		run_endpoint(address);
	else
		run_control();
	return true;
}

void dcd_edpt_stall(uint8_t rhport, uint8_t address)
{
	struct endpoint *e = find_endpoint(address);

	(void)rhport;
	if (!tu_edpt_number(address)) {
		if (bus.stage != IDLE)
			end_control(-EPIPE);
		return;
	}
	e->armed = false;
	e->halted = true;
	complete_all(&e->urbs, -EPIPE);
}

void dcd_edpt_clear_stall(uint8_t rhport, uint8_t address)
{
	(void)rhport;
	find_endpoint(address)->halted = false;
}

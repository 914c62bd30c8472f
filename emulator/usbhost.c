/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/usbhost.h"

#include <errno.h>
#include <string.h>

enum {
	EP0_PACKET = 64,
	SET_ADDRESS = 5,
	SET_CONFIGURATION = 9,
	CLEAR_FEATURE = 1,
	ENDPOINT_RECIPIENT = 2,
	CONTROL_PATIENCE_MS = 5000, /* USB 2.0, 9.2.6.1 */
	SLICE_US = 50,
	BURST_MS = 20, /* of the wall clock */
	TICK_MS = 10,
};

/* --- queues --- */

static void record(struct usbhost *h, const char *what,
		   const struct usbserve_urb *u);

static void complete(struct usbhost *h, struct usbhost_queue *q,
		     struct usbserve_urb *u, int status)
{
	urb_queue_remove(&q->urbs, u);
	q->zlp_due = false;
	u->status = status;
	record(h, "done", u);
	u->complete(u);
}

static void flush(struct usbhost *h, struct usbhost_queue *q, int status)
{
	while (q->urbs.head)
		complete(h, q, q->urbs.head, status);
}

static struct usbhost_queue *queue_of(struct usbhost *h, uint8_t endpoint)
{
	if (!(endpoint & 15))
		return &h->control;
	return &h->queue[endpoint & 15][endpoint >> 7];
}

bool usbhost_idle(const struct usbhost *h)
{
	if (h->control.urbs.head)
		return false;
	for (unsigned int i = 1; i < 16; i++)
		if (h->queue[i][0].urbs.head || h->queue[i][1].urbs.head)
			return false;
	return true;
}

/* --- the record of a live run, which script.c plays --- */

static void record_hex(FILE *f, const uint8_t *data, uint32_t len)
{
	putc(' ', f);
	for (uint32_t i = 0; i < len; i++)
		fprintf(f, "%02x", data[i]);
	if (!len)
		putc('-', f);
}

/* The number of an URB; `from` NULL: a new one, in a free place. */
static unsigned int number(struct usbhost *h, const struct usbserve_urb *from,
			   const struct usbserve_urb *to)
{
	for (unsigned int i = 0; i < USBHOST_RECORDED; i++) {
		if (h->recorded[i].urb != from)
			continue;
		if (!from)
			h->recorded[i].number = h->records++;
		h->recorded[i].urb = to;
		return h->recorded[i].number;
	}
	return 0;
}

static void record(struct usbhost *h, const char *what,
		   const struct usbserve_urb *u)
{
	bool in = u->endpoint & 0x80 || u->setup[0] & 0x80;
	bool done = *what == 'd', fresh = *what == 's';

	if (!h->record)
		return;
	fprintf(h->record, "@%llu %s %u %02x %u %u",
		(unsigned long long)emu_now(&h->board->emu), what,
		number(h, fresh ? NULL : u, done ? NULL : u), u->endpoint,
		u->length, u->zero_packet);
	record_hex(h->record, u->setup, (u->endpoint & 15) ? 0 : 8);
	if (done) {
		fprintf(h->record, " %d", u->status);
		record_hex(h->record, u->data, in ? u->actual : 0);
	} else {
		record_hex(h->record, u->data, in ? 0 : u->length);
	}
	putc('\n', h->record);
}

/* --- transactions --- */

/* About what packets take on the wire. */
static uint64_t wire_ps(const struct usbhost *h, uint32_t len)
{
	if (dwc2_is_high_speed(h->board))
		return 500000 + len * UINT64_C(17000);
	return 5000000 + len * UINT64_C(700000);
}

static bool sets_address(const struct usbserve_urb *u)
{
	return u->setup[0] == 0 && u->setup[1] == SET_ADDRESS;
}

/* Does the device answer to the address that the host uses? */
static bool addressed(struct usbhost *h)
{
	const struct usbserve_urb *u = h->control.urbs.head;
	uint8_t device = h->board->dwc2.dcfg >> 4 & 0x7f;

	if (u && h->stage == USBHOST_STATUS && sets_address(u))
		return true;
	return device == h->address;
}

static int status_of(enum dwc2_answer a)
{
	return a == DWC2_STALL ? -EPIPE : -EPROTO;
}

static void toggles(struct usbhost *h, const struct usbserve_urb *u)
{
	if (u->setup[0] == 0 && u->setup[1] == SET_CONFIGURATION) {
		for (unsigned int i = 1; i < 16; i++)
			h->queue[i][0].toggle = h->queue[i][1].toggle = false;
	} else if (u->setup[0] == ENDPOINT_RECIPIENT &&
		   u->setup[1] == CLEAR_FEATURE && (u->setup[4] & 15)) {
		queue_of(h, u->setup[4])->toggle = false;
	}
}

static void end_control(struct usbhost *h, int status)
{
	struct usbserve_urb *u = h->control.urbs.head;

	h->stage = USBHOST_IDLE;
	if (!status) {
		toggles(h, u);
		if (sets_address(u))
			h->address = u->setup[2];
	}
	complete(h, &h->control, u, status);
}

static uint32_t setup_length(const struct usbserve_urb *u)
{
	return u->setup[6] | (uint32_t)u->setup[7] << 8;
}

static bool is_in(const struct usbserve_urb *u)
{
	return u->setup[0] & 0x80;
}

static void control_in(struct usbhost *h, struct usbserve_urb *u,
		       const uint8_t *data, uint32_t len)
{
	if (len > u->length - u->actual) {
		end_control(h, -EOVERFLOW);
		return;
	}
	memcpy(u->data + u->actual, data, len);
	u->actual += len;
	if (len < EP0_PACKET || u->actual == setup_length(u)) {
		h->stage = USBHOST_STATUS;
		h->control.toggle = true;
	}
}

static enum dwc2_answer control_data(struct usbhost *h, uint32_t *len)
{
	struct usbserve_urb *u = h->control.urbs.head;
	uint8_t data[DWC2_PACKET_MAX];
	enum dwc2_answer a;

	if (is_in(u)) {
		a = dwc2_in(h->board, 0, h->control.toggle, data, len);
		if (a == DWC2_ACK) {
			h->control.toggle = !h->control.toggle;
			control_in(h, u, data, *len);
		}
		return a;
	}
	*len = u->length - u->actual;
	if (*len > EP0_PACKET)
		*len = EP0_PACKET;
	a = dwc2_out(h->board, 0, h->control.toggle, u->data + u->actual, *len);
	if (a == DWC2_ACK) {
		h->control.toggle = !h->control.toggle;
		u->actual += *len;
		if (u->actual == u->length) {
			h->stage = USBHOST_STATUS;
			h->control.toggle = true;
		}
	}
	return a;
}

/* The status stage goes the other way, and is DATA1. */
static enum dwc2_answer control_status(struct usbhost *h)
{
	struct usbserve_urb *u = h->control.urbs.head;
	bool in = is_in(u) && setup_length(u);
	uint8_t data[DWC2_PACKET_MAX];
	uint32_t len = 0;
	enum dwc2_answer a;

	if (in)
		a = dwc2_out(h->board, 0, true, NULL, 0);
	else
		a = dwc2_in(h->board, 0, true, data, &len);
	if (a == DWC2_ACK)
		end_control(h, len ? -EPROTO : 0);
	return a;
}

/* One transaction of the control pipe; its time, 0: it has to wait. */
static uint64_t run_control(struct usbhost *h)
{
	struct usbserve_urb *u = h->control.urbs.head;
	enum dwc2_answer a;
	uint32_t len = 0;

	if (!u)
		return 0;
	if (!addressed(h)) {
		end_control(h, -EPROTO);
		return wire_ps(h, 0);
	}
	switch (h->stage) {
	case USBHOST_IDLE:
	case USBHOST_SETUP:
		a = dwc2_setup(h->board, u->setup);
		h->stage = a == DWC2_ACK ? setup_length(u) ? USBHOST_DATA
							   : USBHOST_STATUS
					 : USBHOST_SETUP;
		h->control.toggle = true;
		len = 8;
		if (a == DWC2_NOTHING) /* no room; later */
			return 0;
		break;
	case USBHOST_DATA:
		a = control_data(h, &len);
		break;
	default:
		a = control_status(h);
	}
	h->transactions += a == DWC2_ACK;
	if (a == DWC2_NAK)
		return 0;
	if (a != DWC2_ACK)
		end_control(h, status_of(a));
	return wire_ps(h, len);
}

/* --- bulk and interrupt --- */

static uint64_t run_out(struct usbhost *h, unsigned int ep)
{
	struct usbhost_queue *q = &h->queue[ep][0];
	struct usbserve_urb *u = q->urbs.head;
	uint32_t packet = dwc2_packet_size(h->board, ep, false), len;
	enum dwc2_answer a;

	len = u->length - u->actual;
	if (packet && len > packet)
		len = packet;
	a = dwc2_out(h->board, ep, q->toggle, u->data + u->actual, len);
	if (a == DWC2_NAK)
		return 0;
	if (a != DWC2_ACK) {
		complete(h, q, u, status_of(a));
		return wire_ps(h, 0);
	}
	q->toggle = !q->toggle;
	u->actual += len;
	h->bytes_out += len;
	h->transactions++;
	if (u->actual == u->length) {
		/* The end may need a packet of its own. */
		if (u->zero_packet && len == packet && len)
			u->zero_packet = false;
		else
			complete(h, q, u, 0);
	}
	return wire_ps(h, len);
}

static uint64_t run_in(struct usbhost *h, unsigned int ep)
{
	struct usbhost_queue *q = &h->queue[ep][1];
	struct usbserve_urb *u = q->urbs.head;
	uint32_t packet = dwc2_packet_size(h->board, ep, true), len = 0;
	uint8_t data[DWC2_PACKET_MAX];
	enum dwc2_answer a = dwc2_in(h->board, ep, q->toggle, data, &len);

	if (a == DWC2_NAK)
		return 0;
	if (a != DWC2_ACK) {
		complete(h, q, u, status_of(a));
		return wire_ps(h, 0);
	}
	q->toggle = !q->toggle;
	h->bytes_in += len;
	h->transactions++;
	if (len > u->length - u->actual) {
		complete(h, q, u, -EOVERFLOW);
		return wire_ps(h, len);
	}
	memcpy(u->data + u->actual, data, len);
	u->actual += len;
	if (len < packet || u->actual == u->length)
		complete(h, q, u, 0);
	return wire_ps(h, len);
}

bool usbhost_ready(const struct usbhost *h)
{
	return h->plugged && !h->reset_wanted && h->board->dwc2.link == DWC2_ON;
}

/* A transaction for each pipe that has something; then time passes. */
static void work(void *ctx)
{
	struct usbhost *h = ctx;
	uint64_t took;

	if (h->plugged && h->reset_wanted && dwc2_attached(h->board)) {
		h->reset_wanted = false;
		h->address = 0;
		dwc2_bus_reset(h->board, h->full_speed);
	}
	if (h->plugged && h->board->dwc2.link == DWC2_SUSPENDED &&
	    (h->board->dwc2.dctl & 1)) /* remote wake-up */
		dwc2_bus_resume(h->board);
	if (!usbhost_ready(h))
		return;
	took = run_control(h);
	for (unsigned int ep = 1; ep < DWC2_ENDPOINTS; ep++) {
		if (h->board->emu.failed)
			return;
		if (h->queue[ep][0].urbs.head && addressed(h))
			took += run_out(h, ep);
		if (h->queue[ep][1].urbs.head && addressed(h))
			took += run_in(h, ep);
	}
	if (took)
		emu_schedule(&h->board->emu, &h->work, took);
}

static void look(struct usbhost *h)
{
	if (!h->work.armed)
		emu_schedule(&h->board->emu, &h->work, EMU_US / 2);
}

static void changed(struct board *b)
{
	struct usbhost *h = b->host;

	if (!b->emu.attached_insns && dwc2_attached(b)) {
		b->emu.attached_insns = b->emu.insns;
		b->emu.attached_waited = b->emu.waited;
	}
	if (!dwc2_attached(b) && h->plugged && !h->reset_wanted) {
		/* The device let go of the bus: a reset, or SDIS. */
		h->reset_wanted = true;
		h->stage = USBHOST_IDLE;
		flush(h, &h->control, -ESHUTDOWN);
		for (unsigned int i = 1; i < 16; i++) {
			flush(h, &h->queue[i][0], -ESHUTDOWN);
			flush(h, &h->queue[i][1], -ESHUTDOWN);
		}
	}
	look(h);
}

void usbhost_init(struct usbhost *h, struct board *b, bool full_speed)
{
	memset(h, 0, sizeof(*h));
	h->board = b;
	h->full_speed = full_speed;
	h->work.fire = work;
	h->work.ctx = h;
	b->host = h;
	b->dwc2.changed = changed;
}

/* --- usbserve.h --- */

static void submit(void *device, struct usbserve_urb *u)
{
	struct usbhost *h = device;
	unsigned int ep = u->endpoint & 15;
	int status = 0;

	u->actual = 0;
	record(h, "submit", u);
	if (!h->plugged)
		status = -ESHUTDOWN;
	else if (u->endpoint & 0x70)
		status = -EPIPE;
	else if (ep >= DWC2_ENDPOINTS)
		status = -EPROTO; /* nobody answers there */
	else if (!ep && !is_in(u) && u->length != setup_length(u))
		status = -EINVAL;
	if (status) {
		u->status = status;
		record(h, "done", u);
		u->complete(u);
		return;
	}
	urb_queue_push(&queue_of(h, u->endpoint)->urbs, u);
	look(h);
}

static void cancel(void *device, struct usbserve_urb *u)
{
	struct usbhost *h = device;
	struct usbhost_queue *q = queue_of(h, u->endpoint);

	record(h, "cancel", u);
	if (q == &h->control && u == q->urbs.head)
		h->stage = USBHOST_IDLE;
	complete(h, q, u, -ECONNRESET);
}

static void reset(void *device, bool attached)
{
	struct usbhost *h = device;

	if (h->record)
		fprintf(h->record, "@%llu %s\n",
			(unsigned long long)emu_now(&h->board->emu),
			attached ? "attach" : "detach");
	h->stage = USBHOST_IDLE;
	flush(h, &h->control, -ESHUTDOWN);
	for (unsigned int i = 1; i < 16; i++) {
		flush(h, &h->queue[i][0], -ESHUTDOWN);
		flush(h, &h->queue[i][1], -ESHUTDOWN);
		h->queue[i][0].toggle = h->queue[i][1].toggle = false;
	}
	h->plugged = attached;
	h->reset_wanted = attached;
	if (!attached)
		dwc2_bus_suspend(h->board); /* all it can see: silence */
	look(h);
}

void usbhost_suspend(struct usbhost *h)
{
	dwc2_bus_suspend(h->board);
}

void usbhost_resume(struct usbhost *h)
{
	dwc2_bus_resume(h->board);
	look(h);
}

/* Has the device, or the wire, something to do at once? */
static bool active(const struct usbhost *h)
{
	return h->control.urbs.head || h->work.armed || !h->board->cpu.sleeping;
}

/* Until `wall`, and past it as long as there is something to do. */
static void run_to(struct usbhost *h, uint64_t wall, uint64_t started)
{
	struct board *b = h->board;
	uint64_t patience = emu_now(&b->emu) + CONTROL_PATIENCE_MS * EMU_MS;

	while (!b->emu.failed && !b->emu.ended) {
		uint64_t now = emu_now(&b->emu), end = now + SLICE_US * EMU_US;

		if (now >= wall && !active(h))
			return;
		if (h->control.urbs.head
			    ? now >= patience
			    : h->wall_ps() - started > BURST_MS * EMU_MS)
			return;
		cpu_run(b, now < wall && wall < end ? wall : end);
		if (emu_now(&b->emu) == now)
			return;
	}
}

/* Virtual time follows the wall clock. Where it came to be ahead, the clock is
 * set after it. */
static int run(void *device)
{
	struct usbhost *h = device;
	struct board *b = h->board;
	uint64_t clock = h->wall_ps(), now, next, left;

	run_to(h, h->wall_base_ps + clock, clock);
	clock = h->wall_ps();
	now = emu_now(&b->emu);
	if (now > h->wall_base_ps + clock)
		h->wall_base_ps = now - clock;
	if (active(h))
		return 0;
	next = emu_next(&b->emu);
	left = next > now ? (next - now) / EMU_MS + 1 : 0;
	return left < TICK_MS ? (int)left : TICK_MS;
}

static enum usbserve_speed speed_of(void *device)
{
	const struct usbhost *h = device;

	return dwc2_is_high_speed(h->board) ? USBSERVE_HIGH : USBSERVE_FULL;
}

const struct usbserve_ops usbhost_ops = {
	.submit = submit,
	.cancel = cancel,
	.reset = reset,
	.run = run,
	.speed = speed_of,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* The host controller: queues of URBs, the cable, and bus resets. */
#include "emulator/usb/emu_host.h"

#include <errno.h>
#include <string.h>

#include "capture/capture_usb.h"
#include "emulator/cpu/cpu.h"
#include "emulator/usb/emu_host_core.h"

/* --- pipes --- */

/* Transfers that failed may have moved data before. */
static void capture(struct capture_usb *c, const struct usbserve_urb *u)
{
	if (!(u->endpoint & 15))
		capture_usb_control(c, u->setup, u->data, u->actual);
	else
		capture_usb_transfer(c, u->endpoint, u->data, u->actual,
				     !(u->endpoint & 0x80) ||
					     u->actual < u->length);
}

void emu_host_complete(struct emu_host *h, struct emu_host_pipe *p,
		       struct usbserve_urb *u, int status)
{
	urb_queue_remove(&p->urbs, u);
	u->status = status;
	emu_host_record_urb(h, EMU_HOST_DONE, u);
	if (h->capture && u->actual)
		capture(h->capture, u);
	u->complete(u);
}

struct emu_host_pipe *emu_host_pipe_of(struct emu_host *h, uint8_t endpoint)
{
	if (!(endpoint & 15))
		return &h->control;
	return &h->pipe[endpoint & 15][endpoint >> 7];
}

static void flush(struct emu_host *h, struct emu_host_pipe *p)
{
	while (p->urbs.head)
		emu_host_complete(h, p, p->urbs.head, -ESHUTDOWN);
}

static void flush_all(struct emu_host *h)
{
	h->stage = EMU_HOST_IDLE;
	flush(h, &h->control);
	for (unsigned int i = 1; i < EMU_HOST_PIPES; i++) {
		flush(h, &h->pipe[i][0]);
		flush(h, &h->pipe[i][1]);
	}
}

bool emu_host_idle(const struct emu_host *h)
{
	if (h->control.urbs.head)
		return false;
	for (unsigned int i = 1; i < EMU_HOST_PIPES; i++)
		if (h->pipe[i][0].urbs.head || h->pipe[i][1].urbs.head)
			return false;
	return true;
}

bool emu_host_ready(const struct emu_host *h)
{
	return h->plugged && !h->reset_wanted && h->device->link == DWC2_ON;
}

/* --- the bus --- */

/* Reset or resume the bus if that is due, then serve each pipe once. */
static void work(void *ctx)
{
	struct emu_host *h = ctx;
	uint64_t time;

	if (h->plugged && h->reset_wanted && dwc2_attached(h->device)) {
		h->reset_wanted = false;
		h->address = 0;
		dwc2_bus_reset(h->device, h->full_speed);
	}
	if (h->plugged && dwc2_wants_wakeup(h->device))
		dwc2_bus_resume(h->device);
	if (!emu_host_ready(h))
		return;
	time = emu_host_run_pipes(h);
	if (time && !h->emu->failed)
		emu_schedule(h->emu, &h->work, time);
}

static void schedule_work(struct emu_host *h)
{
	if (!h->work.armed)
		emu_schedule(h->emu, &h->work, EMU_US / 2);
}

/* Handle a change of the device: a packet may succeed now, or the pull-up is
 * off after a reset or DCTL.SDIS. */
static void on_device_changed(void *ctx)
{
	struct emu_host *h = ctx;
	bool attached = dwc2_attached(h->device);

	if (!h->emu->attached_insns && attached) {
		h->emu->attached_insns = h->emu->insns;
		h->emu->attached_waited = h->emu->waited;
	}
	if (!attached && h->plugged && !h->reset_wanted) {
		h->reset_wanted = true;
		flush_all(h);
	}
	schedule_work(h);
}

void emu_host_init(struct emu_host *h, struct cpu *c, bool full_speed)
{
	memset(h, 0, sizeof(*h));
	h->cpu = c;
	h->emu = &c->machine->emu;
	h->device = bus_state(&c->machine->bus, &dwc2_peripheral);
	h->full_speed = full_speed;
	h->work.fire = work;
	h->work.ctx = h;
	h->device->changed =
		(struct emu_signal){ .fire = on_device_changed, .ctx = h };
}

void emu_host_suspend(struct emu_host *h)
{
	dwc2_bus_suspend(h->device);
}

void emu_host_resume(struct emu_host *h)
{
	dwc2_bus_resume(h->device);
	schedule_work(h);
}

/* --- usbserve.h --- */

/* Return the error of a URB that must not be queued, or 0. */
static int check_urb(const struct emu_host *h, const struct usbserve_urb *u)
{
	unsigned int ep = u->endpoint & 15;

	if (!h->plugged)
		return -ESHUTDOWN;
	if (u->endpoint & 0x70)
		return -EPIPE;
	if (ep >= DWC2_ENDPOINTS)
		return -EPROTO; /* no endpoint answers */
	if (!ep && !emu_host_is_control_in(u) &&
	    u->length != emu_host_setup_length(u))
		return -EINVAL;
	return 0;
}

static void submit(void *device, struct usbserve_urb *u)
{
	struct emu_host *h = device;

	u->actual = 0;
	emu_host_record_urb(h, EMU_HOST_SUBMIT, u);
	u->status = check_urb(h, u);
	if (u->status) {
		emu_host_record_urb(h, EMU_HOST_DONE, u);
		u->complete(u);
		return;
	}
	urb_queue_push(&emu_host_pipe_of(h, u->endpoint)->urbs, u);
	schedule_work(h);
}

static void cancel(void *device, struct usbserve_urb *u)
{
	struct emu_host *h = device;
	struct emu_host_pipe *p = emu_host_pipe_of(h, u->endpoint);

	emu_host_record_urb(h, EMU_HOST_CANCEL, u);
	if (p == &h->control && u == p->urbs.head)
		h->stage = EMU_HOST_IDLE;
	emu_host_complete(h, p, u, -ECONNRESET);
}

/* Plug the cable in and reset the bus, or unplug it. */
static void reset(void *device, bool attached)
{
	struct emu_host *h = device;

	emu_host_record_cable(h, attached);
	flush_all(h);
	for (unsigned int i = 1; i < EMU_HOST_PIPES; i++)
		h->pipe[i][0].toggle = h->pipe[i][1].toggle = false;
	h->plugged = attached;
	h->reset_wanted = attached;
	if (!attached)
		dwc2_bus_suspend(h->device);
	schedule_work(h);
}

static enum usbserve_speed speed_of(void *device)
{
	const struct emu_host *h = device;

	return dwc2_is_high_speed(h->device) ? USBSERVE_HIGH : USBSERVE_FULL;
}

const struct usbserve_ops emu_host_ops = {
	.submit = submit,
	.cancel = cancel,
	.reset = reset,
	.run = emu_host_run,
	.speed = speed_of,
};

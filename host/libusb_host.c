/* SPDX-License-Identifier: Apache-2.0 */
#include "host/libusb_host.h"

#include <libusb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/printable.h"
#include "mctp_usb/mctp_usb.h"
#include "posix/advice.h"
#include "posix/clock.h"

/*
 * Whether the system adds a ZLP to a transfer at its place in the queue. Linux
 * does. libusb for macOS also accepts LIBUSB_TRANSFER_ADD_ZERO_PACKET, but
 * sends the ZLP when the transfer has completed, behind those that are queued
 * by then.
 */
#ifndef LIBUSB_HOST_ADDS_ZLP
#ifdef __linux__
#define LIBUSB_HOST_ADDS_ZLP 1
#else
#define LIBUSB_HOST_ADDS_ZLP 0
#endif
#endif

enum {
	TRANSFERS = 192, /* transport_usb.c: 64 IN, 64 OUT, and their ZLPs */
	CONTROL_MAX = 4096,
	INTERFACES = 32,
};

struct lane {
	struct libusb_transfer *usb;
	struct usbhost_transfer *transfer; /* NULL: free */
	struct libusb_host *host;
	bool is_zlp; /* sends the ZLP behind the data of another lane */
	bool is_control;
	uint8_t control[LIBUSB_CONTROL_SETUP_SIZE + CONTROL_MAX];
};

struct libusb_host {
	struct usbhost host;
	libusb_context *context;
	libusb_device_handle *handle;
	bool gone;
	uint32_t claimed, detached; /* one bit per interface */
	struct lane lane[TRANSFERS];
};

static struct libusb_host *host_of(struct usbhost *h)
{
	return (struct libusb_host *)(void *)h;
}

static const char *describe(int status)
{
	return status == LIBUSB_ERROR_NO_DEVICE
		       ? "the device is gone. Plug it in again"
		       : libusb_strerror((enum libusb_error)status);
}

static int explain(struct libusb_host *u, const char *what, int status)
{
	snprintf(u->host.error, sizeof(u->host.error), "%s: %s", what,
		 describe(status));
	return ERR_IO;
}

static enum usbhost_status map_status(enum libusb_transfer_status status)
{
	switch (status) {
	case LIBUSB_TRANSFER_COMPLETED:
		return USBHOST_SUCCESS;
	case LIBUSB_TRANSFER_STALL:
		return USBHOST_STALL;
	case LIBUSB_TRANSFER_CANCELLED:
		return USBHOST_CANCELLED;
	case LIBUSB_TRANSFER_NO_DEVICE:
		return USBHOST_GONE;
	case LIBUSB_TRANSFER_OVERFLOW:
		return USBHOST_OVERFLOW;
	case LIBUSB_TRANSFER_TIMED_OUT:
		return USBHOST_NO_ANSWER;
	default:
		return USBHOST_FAILED;
	}
}

/* A transfer with a ZLP of its own has two parts, counted in seqnum. */
static void finish_part(struct usbhost_transfer *t)
{
	if (--t->seqnum)
		return;
	t->pending = false;
	t->done(t);
}

static void LIBUSB_CALL complete_lane(struct libusb_transfer *usb)
{
	struct lane *l = usb->user_data;
	struct libusb_host *u = l->host;
	struct usbhost_transfer *t = l->transfer;

	l->transfer = NULL;
	if (usb->status == LIBUSB_TRANSFER_NO_DEVICE && !u->gone) {
		u->gone = true;
		(void)explain(u, "USB", LIBUSB_ERROR_NO_DEVICE);
	}
	/* The first failure counts: a ZLP behind a stalled transfer fails, too.
	 */
	if (t->status == USBHOST_SUCCESS)
		t->status = map_status(usb->status);
	if (!l->is_zlp)
		t->actual = (uint32_t)usb->actual_length;
	if (l->is_control && t->data && (t->setup[0] & 0x80))
		memcpy(t->data, l->control + LIBUSB_CONTROL_SETUP_SIZE,
		       t->actual);
	finish_part(t);
}

static struct lane *find_free_lane(struct libusb_host *u)
{
	struct lane *l = u->lane;

	while (l < u->lane + TRANSFERS && l->transfer)
		l++;
	if (l == u->lane + TRANSFERS)
		return NULL;
	if (!l->usb)
		l->usb = libusb_alloc_transfer(0);
	l->host = u;
	l->is_zlp = l->is_control = false;
	return l->usb ? l : NULL;
}

static void fill_control(struct lane *l, const struct usbhost_transfer *t)
{
	memcpy(l->control, t->setup, sizeof(t->setup));
	if (!(t->setup[0] & 0x80) && t->length)
		memcpy(l->control + LIBUSB_CONTROL_SETUP_SIZE, t->data,
		       t->length);
	libusb_fill_control_transfer(l->usb, l->host->handle, l->control,
				     complete_lane, l, 0);
}

/* Whether this program must queue a ZLP behind the transfer. */
static bool needs_own_zlp(struct libusb_host *u,
			  const struct usbhost_transfer *t)
{
	int packet;

	if (LIBUSB_HOST_ADDS_ZLP || !t->zero_packet || t->endpoint & 0x80 ||
	    !t->length)
		return false;
	packet = libusb_get_max_packet_size(libusb_get_device(u->handle),
					    t->endpoint);
	return packet > 0 && !(t->length % (uint32_t)packet);
}

/* Start a lane that has been filled. Returns a status of libusb. */
static int start_lane(struct lane *l, struct usbhost_transfer *t)
{
	int status;

	l->transfer = t;
	status = libusb_submit_transfer(l->usb);
	if (status)
		l->transfer = NULL;
	else
		t->seqnum++;
	return status;
}

/* Reserve a lane for the ZLP before any data is queued, so that the ZLP cannot
 * lack one. Returns NULL if all are in use. */
static struct lane *prepare_zlp(struct libusb_host *u, struct lane *data,
				struct usbhost_transfer *t)
{
	static uint8_t none;
	struct lane *l;

	data->transfer = t; /* not free */
	l = find_free_lane(u);
	data->transfer = NULL;
	if (!l)
		return NULL;
	l->is_zlp = true;
	libusb_fill_bulk_transfer(l->usb, u->handle, t->endpoint, &none, 0,
				  complete_lane, l, 0);
	l->usb->flags = 0;
	return l;
}

/* Queue a bulk transfer, with its ZLP directly behind its data. */
static int start_bulk(struct libusb_host *u, struct lane *l,
		      struct usbhost_transfer *t, int *status)
{
	bool out = !(t->endpoint & 0x80);
	struct lane *z = NULL;

	libusb_fill_bulk_transfer(l->usb, u->handle, t->endpoint, t->data,
				  (int)t->length, complete_lane, l, 0);
	l->usb->flags = LIBUSB_HOST_ADDS_ZLP && t->zero_packet && out
				? LIBUSB_TRANSFER_ADD_ZERO_PACKET
				: 0;
	if (needs_own_zlp(u, t)) {
		z = prepare_zlp(u, l, t);
		if (!z)
			return ERR_FULL;
	}
	*status = start_lane(l, t);
	/* The data is under way: its completion reports the failed ZLP. */
	if (!*status && z && start_lane(z, t))
		t->status = USBHOST_FAILED;
	return ERR_OK;
}

static int submit(struct usbhost *h, struct usbhost_transfer *t)
{
	struct libusb_host *u = host_of(h);
	struct lane *l = u->gone ? NULL : find_free_lane(u);
	int status = 0, err = ERR_OK;

	if (!l)
		return u->gone ? ERR_IO : ERR_FULL;
	t->seqnum = 0;
	t->status = USBHOST_SUCCESS;
	l->is_control = !(t->endpoint & 0x0f);
	if (l->is_control && t->length > CONTROL_MAX)
		return ERR_LENGTH;
	if (l->is_control) {
		fill_control(l, t);
		status = start_lane(l, t);
	} else {
		err = start_bulk(u, l, t, &status);
	}
	t->pending = !err && !status;
	if (!status)
		return err;
	u->gone |= status == LIBUSB_ERROR_NO_DEVICE;
	return explain(u, "cannot start a transfer", status);
}

static int handle_events(struct libusb_host *u, int timeout_ms)
{
	struct timeval tv = { timeout_ms / 1000, timeout_ms % 1000 * 1000L };
	int status =
		libusb_handle_events_timeout_completed(u->context, &tv, NULL);

	if (status && status != LIBUSB_ERROR_INTERRUPTED)
		return explain(u, "cannot wait for USB events", status);
	return ERR_OK;
}

/* Cancel a transfer, or all of them (NULL), within one deadline. */
static void cancel_lanes(struct libusb_host *u,
			 const struct usbhost_transfer *t)
{
	uint32_t start = clock_now_ms();
	struct lane *l, *end = u->lane + TRANSFERS;

	for (l = u->lane; l < end; l++)
		if (l->transfer && (!t || l->transfer == t))
			(void)libusb_cancel_transfer(l->usb);
	for (l = u->lane; l < end; l++)
		while (l->transfer && (!t || l->transfer == t) &&
		       clock_now_ms() - start < USBHOST_CONTROL_MS)
			if (handle_events(u, 100))
				return;
}

static void cancel(struct usbhost *h, struct usbhost_transfer *t)
{
	cancel_lanes(host_of(h), t);
}

static void cancel_all(struct usbhost *h)
{
	cancel_lanes(host_of(h), NULL);
}

static int poll_host(struct usbhost *h, int timeout_ms)
{
	struct libusb_host *u = host_of(h);
	int err = handle_events(u, u->gone ? 0 : timeout_ms);

	return u->gone ? ERR_IO : err;
}

/* libusb reports an interface or device that another program uses as BUSY on
 * Linux and as ACCESS on macOS. Permission was checked when the device was
 * opened. */
static bool is_in_use(int status)
{
	return status == LIBUSB_ERROR_BUSY || status == LIBUSB_ERROR_ACCESS;
}

static int report_in_use(struct libusb_host *u, uint8_t interface)
{
	snprintf(u->host.error, sizeof(u->host.error),
		 "interface %u is in use by another program. End it and try "
		 "again",
		 interface);
	return ERR_BUSY;
}

static int claim(struct usbhost *h, uint8_t configuration, uint8_t interface)
{
	struct libusb_host *u = host_of(h);
	int now = 0, status = libusb_get_configuration(u->handle, &now);

	if (!status && now != configuration)
		status = libusb_set_configuration(u->handle, configuration);
	if (is_in_use(status))
		return report_in_use(u, interface);
	if (status)
		return explain(u, "cannot configure the device", status);
	if (interface >= INTERFACES)
		return explain(u, "cannot claim the interface",
			       LIBUSB_ERROR_NOT_FOUND);
	/* Do not use libusb's automatic detach: on release it would also bind a
	 * driver where none was bound before. */
	if (libusb_kernel_driver_active(u->handle, interface) == 1 &&
	    !libusb_detach_kernel_driver(u->handle, interface))
		u->detached |= UINT32_C(1) << interface;
	status = libusb_claim_interface(u->handle, interface);
	if (is_in_use(status))
		return report_in_use(u, interface);
	if (status)
		return explain(u, "cannot claim the interface", status);
	u->claimed |= UINT32_C(1) << interface;
	return ERR_OK;
}

static void close_host(struct usbhost *h)
{
	struct libusb_host *u = host_of(h);

	bool stuck = false;

	cancel_all(h);
	for (int i = 0; i < INTERFACES; i++)
		if (u->claimed & UINT32_C(1) << i)
			(void)libusb_release_interface(u->handle, i);
	/* Attach drivers after all interfaces are released, as a driver may
	 * need several interfaces. */
	for (int i = 0; i < INTERFACES; i++)
		if (u->detached & UINT32_C(1) << i)
			(void)libusb_attach_kernel_driver(u->handle, i);
	/* libusb still owns transfers that the system did not return. */
	for (struct lane *l = u->lane; l < u->lane + TRANSFERS; l++)
		if (l->transfer)
			stuck = true;
		else
			libusb_free_transfer(l->usb);
	libusb_close(u->handle);
	if (stuck)
		return;
	libusb_exit(u->context);
	free(u);
}

static const struct usbhost_ops ops = {
	.submit = submit,
	.cancel = cancel,
	.cancel_all = cancel_all,
	.poll = poll_host,
	.claim = claim,
	.close = close_host,
};

/* --- listing --- */

static void read_interfaces(libusb_device *device, struct libusb_host_device *d)
{
	struct libusb_config_descriptor *c;

	if (libusb_get_active_config_descriptor(device, &c))
		return;
	d->configuration = c->bConfigurationValue;
	for (int i = 0; i < c->bNumInterfaces; i++) {
		const struct libusb_interface_descriptor *s =
			c->interface[i].altsetting;
		uint8_t n = d->interfaces;

		if (c->interface[i].num_altsetting <= 0)
			continue;
		d->mctp |= s->bInterfaceClass == MCTP_USB_CLASS;
		if (n == LIBUSB_HOST_INTERFACES)
			continue;
		d->interface[n].number = s->bInterfaceNumber;
		d->interface[n].class = s->bInterfaceClass;
		d->interface[n].subclass = s->bInterfaceSubClass;
		d->interface[n].protocol = s->bInterfaceProtocol;
		d->interfaces++;
	}
	libusb_free_config_descriptor(c);
}

static uint32_t map_speed(int speed)
{
	switch (speed) {
	case LIBUSB_SPEED_LOW:
		return 1500;
	case LIBUSB_SPEED_FULL:
		return 12000;
	case LIBUSB_SPEED_HIGH:
		return 480000;
	case LIBUSB_SPEED_SUPER:
		return 5000000;
	case LIBUSB_SPEED_SUPER_PLUS:
		return 10000000;
	default:
		return 0;
	}
}

static void read_string(libusb_device_handle *handle, uint8_t index,
			char text[LIBUSB_HOST_SERIAL])
{
	if (index && libusb_get_string_descriptor_ascii(handle, index,
							(unsigned char *)text,
							LIBUSB_HOST_SERIAL) < 0)
		text[0] = '\0';
	(void)printable(text);
}

static void read_strings(libusb_device *device,
			 const struct libusb_device_descriptor *desc,
			 struct libusb_host_device *d)
{
	libusb_device_handle *handle;
	int status = libusb_open(device, &handle);

	d->denied = status == LIBUSB_ERROR_ACCESS;
	if (status)
		return;
	read_string(handle, desc->iSerialNumber, d->serial);
	read_string(handle, desc->iManufacturer, d->maker);
	read_string(handle, desc->iProduct, d->name);
	libusb_close(handle);
}

/* Read a device into *d. false: the device is a hub, or was unplugged. */
static bool read_device(libusb_device *device, struct libusb_host_device *d)
{
	struct libusb_device_descriptor desc;
	int depth;

	memset(d, 0, sizeof(*d));
	if (libusb_get_device_descriptor(device, &desc) ||
	    desc.bDeviceClass == LIBUSB_CLASS_HUB)
		return false;
	d->vendor = desc.idVendor;
	d->product = desc.idProduct;
	d->bus = libusb_get_bus_number(device);
	d->address = libusb_get_device_address(device);
	depth = libusb_get_port_numbers(device, d->port, LIBUSB_HOST_PORTS);
	d->depth = depth > 0 ? (uint8_t)depth : 0;
	d->kbps = map_speed(libusb_get_device_speed(device));
	read_interfaces(device, d);
	read_strings(device, &desc, d);
	return true;
}

static int fail(char *error, size_t cap, const char *what, int status)
{
	snprintf(error, cap, "%s: %s", what, describe(status));
	return ERR_IO;
}

int libusb_host_list(struct libusb_host_device **devices, char *error,
		     size_t cap)
{
	libusb_context *context;
	libusb_device **list;
	ssize_t n;
	int found = 0, status = libusb_init(&context);

	if (status)
		return fail(error, cap, "cannot start libusb", status);
	n = libusb_get_device_list(context, &list);
	if (n < 0) {
		libusb_exit(context);
		return fail(error, cap, "cannot list USB devices", (int)n);
	}
	*devices = calloc((size_t)n + 1, sizeof(**devices));
	for (ssize_t i = 0; *devices && i < n; i++)
		if (read_device(list[i], *devices + found))
			found++;
	libusb_free_device_list(list, 1);
	libusb_exit(context);
	if (!*devices)
		return fail(error, cap, "cannot list USB devices",
			    LIBUSB_ERROR_NO_MEM);
	return found;
}

/* --- opening --- */

static int open_device(struct libusb_host *u,
		       const struct libusb_host_device *d)
{
	libusb_device **list;
	ssize_t n = libusb_get_device_list(u->context, &list);
	int status = n < 0 ? (int)n : LIBUSB_ERROR_NO_DEVICE;

	for (ssize_t i = 0; i < n; i++)
		if (libusb_get_bus_number(list[i]) == d->bus &&
		    libusb_get_device_address(list[i]) == d->address)
			status = libusb_open(list[i], &u->handle);
	if (n >= 0)
		libusb_free_device_list(list, 1);
	return status;
}

struct usbhost *libusb_host_open(const struct libusb_host_device *d,
				 char *error, size_t cap)
{
	struct libusb_host *u = calloc(1, sizeof(*u));
	int status = u ? libusb_init(&u->context) : LIBUSB_ERROR_NO_MEM;
	char advice[ADVICE_TEXT];

	if (!status) {
		status = open_device(u, d);
		if (!status) {
			u->host.ops = &ops;
			return &u->host;
		}
		libusb_exit(u->context);
	}
	free(u);
	if (status == LIBUSB_ERROR_ACCESS)
		snprintf(error, cap,
			 "no permission to open the USB device. To fix it, %s",
			 advice_text(ADVICE_USB_PERMISSION, NULL, advice));
	else
		(void)fail(error, cap, "cannot open the USB device", status);
	return NULL;
}

void libusb_host_place(const struct libusb_host_device *d, char *text,
		       size_t cap)
{
	int n = snprintf(text, cap, "%u", d->bus);

	for (uint8_t i = 0; i < d->depth && (size_t)n < cap; i++)
		n += snprintf(text + n, cap - (size_t)n, "%c%u", i ? '.' : '-',
			      d->port[i]);
}

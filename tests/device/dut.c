/* SPDX-License-Identifier: Apache-2.0 */
#include "device/dut.h"

#include <errno.h>
#include <string.h>

#include "ports/process/process.h"
#include "ports/virtual/dcd_virtual.h"
#include "ports/virtual/virtual.h"
#include "usbserve/enumerate.h"

enum { USB_HEADER = 4, HEADERS = 8, TRANSFER = 512 };

static const struct usbserve_ops *const ops = &dcd_virtual_ops;
static uint32_t clock_ms;
static uint8_t next_tag;
static bool attached, with_pldm;
static dut_transfer carrier;
static void *carrier_ctx;
/* Unread bytes of the last IN transfer. */
static uint8_t transfer[TRANSFER + DUT_PACKET_MAX];
static size_t transfer_len, transfer_at;

static uint32_t now_ms(void)
{
	return clock_ms;
}

struct device *dut_start(enum mctp_usb_version version, enum usb_speed speed)
{
	static struct process process;
	struct device *d;
	const struct process_options options = {
		.uid_given = true,
		.dsp0283 = version,
		.speed = speed,
		.packing = true,
		.pldm_file = with_pldm,
		.log_level = LOG_LEVEL_INFO,
		.vendor = 0xccde,
		.manufacturer = "Maker",
		.product_name = "Product",
	};

	if (attached)
		dut_detach();
	process.options = options;
	drive_init_default(&process.model);
	for (uint8_t i = 0; i < DEVICE_ID_SIZE; i++)
		process.options.uid[i] = i;
	clock_ms = 1000;
	next_tag = 0;
	transfer_len = transfer_at = 0;
	d = process_create_device(&process, 0);
	return d && !virtual_start(d, &process.options, now_ms) ? d : NULL;
}

void dut_set_pldm(bool on)
{
	with_pldm = on;
}

bool dut_attach(void)
{
	static const uint8_t set_configuration[8] = { 0x00, 0x09, 1 };

	transfer_len = transfer_at = 0;
	attached = true;
	return !usbserve_attach(ops, NULL, 1) &&
	       dut_control(set_configuration, NULL, 0) == 0;
}

void dut_detach(void)
{
	attached = false;
	ops->reset(NULL, false);
}

void dut_wait(uint32_t ms)
{
	clock_ms += ms;
	(void)ops->run(NULL);
}

int dut_control(const uint8_t setup[8], uint8_t *data, uint16_t len)
{
	return usbserve_control(ops, NULL, setup, data, len);
}

static void done(struct usbserve_urb *urb)
{
	*(bool *)urb->owner = true;
}

static int run_urb(uint8_t endpoint, uint8_t *data, size_t len)
{
	bool finished = false;
	struct usbserve_urb urb = {
		.endpoint = endpoint,
		.data = data,
		.length = (uint32_t)len,
		.complete = done,
		.owner = &finished,
	};

	if (carrier)
		return carrier(carrier_ctx, endpoint, data, len);
	ops->submit(NULL, &urb);
	(void)ops->run(NULL);
	if (!finished) {
		ops->cancel(NULL, &urb);
		return -EAGAIN;
	}
	return urb.status ? urb.status : (int)urb.actual;
}

void dut_use(dut_transfer fn, void *ctx)
{
	carrier = fn;
	carrier_ctx = ctx;
	transfer_len = transfer_at = 0;
	next_tag = 0;
}

int dut_out(uint8_t endpoint, const uint8_t *data, size_t len)
{
	int n = run_urb(endpoint, (uint8_t *)(uintptr_t)data, len);

	return n < 0 ? n : 0;
}

int dut_in(uint8_t endpoint, uint8_t *data, size_t cap)
{
	return run_urb(endpoint | 0x80, data, cap);
}

size_t dut_split(struct dut_packet *p, size_t max, const uint8_t *msg,
		 size_t len, uint8_t dest, uint8_t tag, size_t unit)
{
	size_t n = 0;

	for (size_t at = 0; at < len && n < max; at += unit, n++) {
		size_t body = len - at < unit ? len - at : unit;
		uint8_t flags = (uint8_t)(0x08 | tag | (n & 3) << 4);

		if (!at)
			flags |= 0x80;
		if (at + body == len)
			flags |= 0x40;
		p[n].len = body + HEADERS;
		memcpy(p[n].data,
		       (const uint8_t[]){ 0x1a, 0xb4, 0, (uint8_t)p[n].len, 1,
					  dest, DUT_SOURCE, flags },
		       HEADERS);
		memcpy(p[n].data + HEADERS, msg + at, body);
	}
	return n;
}

int dut_send(const struct dut_packet *p, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int err = dut_out(USB_EP_MCTP_OUT, p[i].data, p[i].len);

		if (err)
			return err;
	}
	return 0;
}

/* Append another transfer to the unread bytes: in DSP0283 v1.1, a packet may
 * span transfers. */
static bool fetch(void)
{
	int n;

	transfer_len -= transfer_at;
	memmove(transfer, transfer + transfer_at, transfer_len);
	transfer_at = 0;
	n = dut_in(USB_EP_MCTP_IN, transfer + transfer_len, TRANSFER);
	if (n > 0)
		transfer_len += (size_t)n;
	return n > 0;
}

static bool has(size_t len)
{
	while (transfer_len - transfer_at < len)
		if (!fetch())
			return false;
	return true;
}

/* Return the next packet from its MCTP header on, or NULL if there is none. */
static const uint8_t *next_packet(size_t *len)
{
	const uint8_t *p;

	if (!has(HEADERS))
		return NULL;
	p = transfer + transfer_at;
	if (p[0] != 0x1a || p[1] != 0xb4 || p[2] || p[3] <= HEADERS ||
	    !has(p[3])) {
		transfer_at = transfer_len;
		return NULL;
	}
	p = transfer + transfer_at; /* fetch() may have moved the bytes */
	transfer_at += p[3];
	*len = p[3] - (size_t)USB_HEADER;
	return p + USB_HEADER;
}

int dut_receive(uint8_t *msg, size_t cap, uint8_t *header)
{
	size_t got = 0, len;
	const uint8_t *p;
	uint8_t expect = 0;

	while ((p = next_packet(&len))) {
		bool first = p[3] & 0x80;

		if (first)
			got = 0;
		else if ((p[3] & 0x30) != expect)
			return -1;
		if (len - 4 > cap - got)
			return -1;
		memcpy(msg + got, p + 4, len - 4);
		got += len - 4;
		memcpy(header, p, 4);
		expect = (uint8_t)((p[3] + 0x10) & 0x30);
		if (p[3] & 0x40)
			return (int)got;
	}
	return -1;
}

int dut_exchange(const uint8_t *request, size_t len, uint8_t dest,
		 uint8_t *answer, size_t cap)
{
	static struct dut_packet p[1025];
	uint8_t tag = next_tag++ & 7, header[4];
	size_t n = dut_split(p, 1025, request, len, dest, tag, 64);
	int got;

	if (dut_send(p, n))
		return -1;
	/* Requests of the device, such as its PLDM events, have the tag owner
	 * bit. */
	do
		got = dut_receive(answer, cap, header);
	while (got >= 0 && header[3] & MCTP_TAG_OWNER);
	if (got >= 0 && (header[3] & 0x0f) != tag)
		return -1;
	return got;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host of a CDC-ECM device that ignores the first notification that the
 * network is connected. Like a driver, this host sends nothing before it gets
 * another notification. Then it sends an ARP request for 192.168.7.2 and waits
 * for the answer. The kernel's driver must not be bound.
 *
 * usage: deaf_host VENDOR PRODUCT   (hex)
 * exit: 0 answered, 1 failed
 */
#include <stdio.h>
#include <string.h>

#include "base/wire.h"
#include "../patience.h"
#include "usb_program.h"

/* CDC 1.2, 6.3. NOTIFICATION: size of the header of a notification, from
 * bmRequestType on. */
enum { NOTIFICATION_IN = 0xa1, NETWORK_CONNECTION = 0, NOTIFICATION = 8 };
/* Longer than the time until tetherd re-enumerates the device, so that a
 * re-enumeration ends the transfer first. */
enum { TIMEOUT_MS = 30000 };
enum { FRAME_MIN = 60, FRAME_MAX = 1514, ARP = 0x0806, REQUEST = 1, REPLY = 2 };
enum { CONTROL = 0, DATA = 1, DATA_ALTERNATE = 1 };

static const uint8_t mac[6] = { 0x02, 1, 2, 3, 4, 5 };
static const uint8_t host[4] = { 192, 168, 7, 1 },
		     board[4] = { 192, 168, 7, 2 };

struct endpoints {
	uint8_t notify, in, out;
	uint16_t notify_size;
};

static void take_endpoint(struct endpoints *e,
			  const struct libusb_endpoint_descriptor *d)
{
	bool in = d->bEndpointAddress & LIBUSB_ENDPOINT_IN;

	if ((d->bmAttributes & 3) == LIBUSB_TRANSFER_TYPE_INTERRUPT) {
		e->notify = d->bEndpointAddress;
		e->notify_size = d->wMaxPacketSize;
	} else if (in) {
		e->in = d->bEndpointAddress;
	} else {
		e->out = d->bEndpointAddress;
	}
}

static bool find_endpoints(libusb_device_handle *h, struct endpoints *e)
{
	struct libusb_config_descriptor *c;

	memset(e, 0, sizeof(*e));
	if (libusb_get_active_config_descriptor(libusb_get_device(h), &c))
		return false;
	for (int i = 0; i < c->bNumInterfaces; i++)
		for (int a = 0; a < c->interface[i].num_altsetting; a++) {
			const struct libusb_interface_descriptor *d =
				&c->interface[i].altsetting[a];

			for (int n = 0; n < d->bNumEndpoints; n++)
				take_endpoint(e, &d->endpoint[n]);
		}
	libusb_free_config_descriptor(c);
	return e->notify && e->in && e->out && e->notify_size <= 64;
}

/* Wait for the next notification that the network is connected. */
static int wait_connected(libusb_device_handle *h, const struct endpoints *e)
{
	uint8_t n[64];
	int len, err;

	do {
		err = libusb_interrupt_transfer(h, e->notify, n, e->notify_size,
						&len, patience_ms(TIMEOUT_MS));
		if (err)
			return err;
	} while (len < NOTIFICATION || n[0] != NOTIFICATION_IN ||
		 n[1] != NETWORK_CONNECTION || !n[2]);
	return 0;
}

static void who_has_board(uint8_t frame[FRAME_MIN])
{
	struct wr w = wr_init(frame, FRAME_MIN);

	memset(frame, 0, FRAME_MIN);
	for (int i = 0; i < 6; i++)
		wr_u8(&w, 0xff);
	wr_bytes(&w, mac, sizeof(mac));
	wr_be16(&w, ARP);
	wr_be16(&w, 1); /* Ethernet */
	wr_be16(&w, 0x0800);
	wr_u8(&w, sizeof(mac));
	wr_u8(&w, sizeof(host));
	wr_be16(&w, REQUEST);
	wr_bytes(&w, mac, sizeof(mac));
	wr_bytes(&w, host, sizeof(host));
	(void)wr_space(&w, sizeof(mac));
	wr_bytes(&w, board, sizeof(board));
}

static bool is_answer(const uint8_t *frame, int len)
{
	struct rd r = rd_init(frame, (size_t)len);
	const uint8_t *to = rd_bytes(&r, 6), *from;
	uint16_t type, operation;

	rd_skip(&r, 6);
	type = rd_be16(&r);
	rd_skip(&r, 6);
	operation = rd_be16(&r);
	rd_skip(&r, 6);
	from = rd_bytes(&r, 4);
	return to && from && type == ARP && operation == REPLY &&
	       !memcmp(to, mac, sizeof(mac)) &&
	       !memcmp(from, board, sizeof(board));
}

static int ask(libusb_device_handle *h, const struct endpoints *e)
{
	uint8_t frame[FRAME_MAX];
	int len, err;

	who_has_board(frame);
	err = libusb_bulk_transfer(h, e->out, frame, FRAME_MIN, &len,
				   patience_ms(TIMEOUT_MS));
	/* Skip frames that the board sends by itself before the answer. */
	while (!err) {
		err = libusb_bulk_transfer(h, e->in, frame, sizeof(frame), &len,
					   patience_ms(TIMEOUT_MS));
		if (!err && is_answer(frame, len))
			return 0;
	}
	return err;
}

static int run(libusb_device_handle *h)
{
	struct endpoints e;
	int err;

	/* The kernel does not configure the device: the test has disabled the
	 * probing of new devices. */
	err = libusb_set_configuration(h, 1);
	if (err)
		return usb_program_fail("configuration 1", err);
	if (!find_endpoints(h, &e))
		return usb_program_fail("endpoints", 0);
	err = libusb_claim_interface(h, CONTROL);
	if (!err)
		err = libusb_claim_interface(h, DATA);
	if (!err)
		err = libusb_set_interface_alt_setting(h, DATA, DATA_ALTERNATE);
	if (err)
		return usb_program_fail("the interfaces", err);
	err = wait_connected(h, &e);
	if (err)
		return usb_program_fail("the notification that is forgotten",
					err);
	err = wait_connected(h, &e);
	if (err)
		return usb_program_fail("another notification", err);
	err = ask(h, &e);
	return err ? usb_program_fail("ARP", err) : 0;
}

int main(int argc, char **argv)
{
	return usb_program(argc, argv, run);
}

/* The vector corpus through the core alone, and through the USB device. */
#include <stdio.h>
#include <string.h>

#include "device/dut.h"
#include "device/vectors.h"

enum { UNIT = 64 };

/* Straight to the endpoint, below USB and its framing. */
static int ask_handler(void *ctx, const uint8_t *request, size_t len,
		       uint8_t dest, uint8_t *answer, size_t cap)
{
	static uint8_t tag;
	struct device *d = ctx;
	struct mctp_packet p = { 0 };
	size_t got = 0, n = 0;
	bool any = false;

	for (size_t at = 0; at < len; at += UNIT, n++) {
		size_t body = len - at < UNIT ? len - at : UNIT;
		uint8_t packet[4 + UNIT] = { 1, dest, DUT_SOURCE };

		packet[3] = (uint8_t)(0x08 | (tag & 7) | (n & 3) << 4 |
				      (at ? 0 : 0x80) |
				      (at + body == len ? 0x40 : 0));
		memcpy(packet + 4, request + at, body);
		mctp_rx(&d->mctp, packet, body + 4, 0);
	}
	tag++;
	device_poll(d);
	while (mctp_tx_peek(&d->mctp, &p)) {
		any = true;
		if (p.len > cap - got)
			return -1;
		memcpy(answer + got, p.body, p.len);
		got += p.len;
		mctp_tx_consume(&d->mctp, &p);
	}
	return any ? (int)got : -1;
}

static int ask_device(void *ctx, const uint8_t *request, size_t len,
		      uint8_t dest, uint8_t *answer, size_t cap)
{
	(void)ctx;
	return dut_exchange(request, len, dest, answer, cap);
}

int main(int argc, char **argv)
{
	struct vector_result all = { 0 };
	int bad = 0;

	for (int i = 1; i < argc; i++) {
		struct vector_result handler = { 0 }, usb = { 0 };
		struct device *d = dut_start(MCTP_USB_1_0, USB_SPEED_HIGH);

		if (!d || vectors_run(argv[i], ask_handler, d, &handler))
			bad = 1;
		if (!dut_start(MCTP_USB_1_0, USB_SPEED_HIGH) || !dut_attach() ||
		    vectors_run(argv[i], ask_device, NULL, &usb))
			bad = 1;
		printf("%s: handler %u of %u, USB %u of %u\n", argv[i],
		       handler.run - handler.failed, handler.run,
		       usb.run - usb.failed, usb.run);
		all.run += handler.run + usb.run;
		all.failed += handler.failed + usb.failed;
	}
	printf("%u vectors, %u failed\n", all.run, all.failed);
	return bad || all.failed || !all.run;
}

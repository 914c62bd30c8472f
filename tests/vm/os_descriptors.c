/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends the requests of a Windows host to a new device: it reads string
 * descriptor EEh, and then the compatible IDs by the vendor code in this string
 * ("Microsoft OS Descriptors", version 1.0). Prints a line for each function:
 * the first interface, compatible ID, sub-compatible ID ("-": none).
 *
 * usage: os_descriptors VENDOR PRODUCT   (hex)
 * exit: 0, 1 failed, 3 the device has none
 */
#include <stdio.h>
#include <string.h>

#include "base/wire.h"
#include "../patience.h"
#include "usb_program.h"

enum { TIMEOUT_MS = 10000, STRING = 0xee, COMPATIBLE_ID = 4, NONE = 3 };
enum { HEADER = 16, SECTION = 24, ID = 8 };

/* Return the vendor code; 0: the device has no string descriptor EEh; -1: the
 * descriptor is malformed. */
static int vendor_code(libusb_device_handle *h)
{
	static const char sign[] = "MSFT100";
	uint8_t s[255];
	int n = libusb_control_transfer(h, LIBUSB_ENDPOINT_IN,
					LIBUSB_REQUEST_GET_DESCRIPTOR,
					LIBUSB_DT_STRING << 8 | STRING, 0, s,
					sizeof(s), patience_ms(TIMEOUT_MS));

	if (n == LIBUSB_ERROR_PIPE)
		return 0;
	if (n != 18 || s[0] != 18 || s[1] != LIBUSB_DT_STRING || s[17])
		return -1;
	for (size_t i = 0; i < 7; i++)
		if (s[2 + 2 * i] != (uint8_t)sign[i] || s[3 + 2 * i])
			return -1;
	return s[16];
}

static void print_id(struct rd *r)
{
	const uint8_t *id = rd_bytes(r, ID);
	int n = 0;

	while (id && n < ID && id[n])
		n++;
	printf(" %.*s", n ? n : 1, n ? (const char *)id : "-");
}

static int print_ids(libusb_device_handle *h, int code)
{
	uint8_t data[HEADER + 16 * SECTION];
	int n = libusb_control_transfer(
		h, LIBUSB_ENDPOINT_IN | LIBUSB_REQUEST_TYPE_VENDOR,
		(uint8_t)code, 0, COMPATIBLE_ID, data, sizeof(data),
		patience_ms(TIMEOUT_MS));
	struct rd r = rd_init(data, n > 0 ? (size_t)n : 0);
	uint32_t length;
	uint16_t version, index;
	uint8_t count;

	if (n < 0)
		return usb_program_fail("compatible ids", n);
	length = rd_le32(&r);
	version = rd_le16(&r);
	index = rd_le16(&r);
	count = rd_u8(&r);
	rd_skip(&r, 7);
	if (length != (uint32_t)n || version != 0x0100 ||
	    index != COMPATIBLE_ID || HEADER + count * SECTION != n)
		return usb_program_fail("compatible ids", 0);
	while (count--) {
		printf("%u", rd_u8(&r));
		rd_skip(&r, 1);
		print_id(&r);
		print_id(&r);
		rd_skip(&r, 6);
		printf("\n");
	}
	return 0;
}

static int run(libusb_device_handle *h)
{
	int code = vendor_code(h);

	if (code < 0)
		return usb_program_fail("string EEh", 0);
	return code ? print_ids(h, code) : NONE;
}

int main(int argc, char **argv)
{
	return usb_program(argc, argv, run);
}

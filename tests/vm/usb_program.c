/* SPDX-License-Identifier: Apache-2.0 */
#include "usb_program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int usb_program_fail(const char *what, int result)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what,
		result < 0 ? libusb_strerror(result) : "not as specified");
	return 1;
}

int usb_program(int argc, char **argv, int (*run)(libusb_device_handle *h))
{
	libusb_device_handle *h;
	int status;

	if (argc != 3) {
		fprintf(stderr, "usage: %s VENDOR PRODUCT\n",
			program_invocation_short_name);
		return 2;
	}
	if (libusb_init(NULL))
		return usb_program_fail("libusb", 0);
	h = libusb_open_device_with_vid_pid(
		NULL, (uint16_t)strtoul(argv[1], NULL, 16),
		(uint16_t)strtoul(argv[2], NULL, 16));
	if (!h)
		return usb_program_fail("the device", LIBUSB_ERROR_NO_DEVICE);
	status = run(h);
	libusb_close(h);
	libusb_exit(NULL);
	return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the programs share that talk to one USB device of a test machine:
 * NAME VENDOR PRODUCT, in hex.
 */
#ifndef TETHER_TESTS_VM_USB_PROGRAM_H
#define TETHER_TESTS_VM_USB_PROGRAM_H

#include <libusb.h>

/** Say what failed: libusb's reason of a negative result. Returns 1. */
int usb_program_fail(const char *what, int result);

/** A whole main(): opens the device, runs, closes it. Returns what run()
 * returned, 1 failed, 2 usage. */
int usb_program(int argc, char **argv, int (*run)(libusb_device_handle *h));

#endif

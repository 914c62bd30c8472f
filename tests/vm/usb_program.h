/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The main program of tools that use one USB device of a test machine. Their
 * arguments are VENDOR and PRODUCT in hex.
 */
#ifndef TETHER_TESTS_VM_USB_PROGRAM_H
#define TETHER_TESTS_VM_USB_PROGRAM_H

#include <libusb.h>

/** Print what failed and, for a negative result, libusb's reason. Returns 1. */
int usb_program_fail(const char *what, int result);

/** Implement main(): open the device, call run(), and close the device. Returns
 * the result of run(), 1 if the device cannot be opened, or 2 for bad
 * arguments. */
int usb_program(int argc, char **argv, int (*run)(libusb_device_handle *h));

#endif

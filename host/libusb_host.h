/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The USB devices of this machine through libusb: lists them, and opens one as
 * a struct usbhost for use without a kernel driver. A claimed interface is
 * detached from its kernel driver, and attached again when the device is
 * closed. Other interfaces keep their drivers.
 */
#ifndef TETHER_HOST_LIBUSB_HOST_H
#define TETHER_HOST_LIBUSB_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/usbhost.h"

enum {
	LIBUSB_HOST_SERIAL = 64,
	LIBUSB_HOST_PORTS = 7,
	LIBUSB_HOST_PLACE = 32,
	LIBUSB_HOST_INTERFACES = 16,
};

struct libusb_host_device {
	uint16_t vendor, product;
	uint8_t bus, address;
	uint8_t depth, port[LIBUSB_HOST_PORTS]; /* ports from the root hub on */
	bool mctp;				/* has an MCTP interface */
	bool denied;				/* no permission to open it */
	char serial[LIBUSB_HOST_SERIAL];	/* empty: none, or denied */
	char maker[LIBUSB_HOST_SERIAL], name[LIBUSB_HOST_SERIAL];
	uint32_t kbps;	       /* 480000 at high speed; 0: not known */
	uint8_t configuration; /* active bConfigurationValue; 0: none */
	uint8_t interfaces;    /* with their alternate setting 0 */
	struct {
		uint8_t number, class, subclass, protocol;
	} interface[LIBUSB_HOST_INTERFACES];
};

/** List the devices except hubs. *devices is allocated by malloc() for the
 * caller. Returns their number, or ERR_IO with a sentence in error. */
int libusb_host_list(struct libusb_host_device **devices, char *error,
		     size_t cap);

/** Format the bus and port path as Linux does: "1-2.1". */
void libusb_host_place(const struct libusb_host_device *d, char *text,
		       size_t cap);

/** Open a device of the list. NULL with a sentence in error. */
struct usbhost *libusb_host_open(const struct libusb_host_device *d,
				 char *error, size_t cap);

#endif

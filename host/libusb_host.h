/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The USB devices of this machine, by libusb: listed, and opened as a struct
 * usbhost for whoever has no kernel driver for what the device does. Only the
 * interfaces that are claimed are taken from a kernel driver, and it gets
 * them back at the end.
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
	uint8_t depth, port[LIBUSB_HOST_PORTS]; /* way from the root hub */
	bool mctp;				/* it has an MCTP interface */
	bool denied;				/* no permission to open it */
	char serial[LIBUSB_HOST_SERIAL]; /* empty: none, or it is denied */
	char maker[LIBUSB_HOST_SERIAL], name[LIBUSB_HOST_SERIAL]; /* as well */
	uint32_t kbps;	       /* 480000 at high speed; 0: not known */
	uint8_t configuration; /* the active one's number, 0: none */
	uint8_t interfaces;    /* its interfaces, their setting 0 */
	struct {
		uint8_t number, class, subclass, protocol;
	} interface[LIBUSB_HOST_INTERFACES];
};

/** The devices but hubs. *devices is malloc()ed, the caller's. Returns their
 * number, or ERR_IO with a sentence in error. */
int libusb_host_list(struct libusb_host_device **devices, char *error,
		     size_t cap);

/** Where it is, as Linux names it: "1-2.1". */
void libusb_host_place(const struct libusb_host_device *d, char *text,
		       size_t cap);

/** Open one of the list. NULL with a sentence in error. */
struct usbhost *libusb_host_open(const struct libusb_host_device *d,
				 char *error, size_t cap);

#endif

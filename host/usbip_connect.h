/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first part of the USB/IP client, before a device is imported. It connects
 * to a server and exchanges one request and its reply, which must be complete
 * within 5 s. It checks every length that the server sends, and replaces
 * characters of names that are not printable.
 *
 * Each function returns ERR_OK, or ERR_IO with a sentence of `cap` bytes in
 * error, unless it says otherwise.
 */
#ifndef TETHER_HOST_USBIP_CONNECT_H
#define TETHER_HOST_USBIP_CONNECT_H

#include <stddef.h>
#include <stdint.h>

#include "usbserve/usbip_wire.h"

/** Connect. Returns a blocking socket, or ERR_IO. */
int usbip_connect_open(const char *host, const char *port, char *error,
		       size_t cap);

/** Request the import of a device. ERR_BUSY: another host uses it. */
int usbip_connect_import(int fd, const char *busid, struct usbip_device *d,
			 char *error, size_t cap);

/** Request the device list. *devices is allocated by malloc() for the caller.
 * Returns the number of devices, or ERR_IO. */
int usbip_connect_read_list(int fd, struct usbip_device **devices, char *error,
			    size_t cap);

#endif

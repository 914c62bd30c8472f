/* SPDX-License-Identifier: Apache-2.0 */
/*
 * USB/IP 1.1.1 client: lists the devices of a server, and imports one as a
 * struct usbhost. It checks every length that a server sends against the
 * request. One system call sends or receives many transfers.
 */
#ifndef TETHER_HOST_USBIP_CLIENT_H
#define TETHER_HOST_USBIP_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "host/usbhost.h"
#include "usbserve/usbip_wire.h"

enum { USBIP_CLIENT_TRANSFERS = 1024 }; /* in flight at once */

/**
 * List the devices of a server. *devices is allocated by malloc() for the
 * caller. Returns the number of devices, or ERR_IO with a sentence in error.
 */
int usbip_client_list(const char *host, const char *port,
		      struct usbip_device **devices, char *error, size_t cap);

/** Connect and import a device. NULL with a sentence in error; errno is EBUSY
 * if another host uses the device, else another error. */
struct usbhost *usbip_client_open(const char *host, const char *port,
				  const char *busid, char *error, size_t cap);

/** Import over fd, a connected socket that the client now owns. */
struct usbhost *usbip_client_import(int fd, const char *busid, char *error,
				    size_t cap);

#endif

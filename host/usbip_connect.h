/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first part of the USB/IP client, before a device is imported. It connects
 * to a server and exchanges OP requests and replies, each with a time limit of
 * 5 s. It checks every length that the server sends.
 *
 * Each function returns ERR_OK, or ERR_IO with a sentence of `cap` bytes in
 * error, unless it says otherwise.
 */
#ifndef TETHER_HOST_USBIP_CONNECT_H
#define TETHER_HOST_USBIP_CONNECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "usbserve/usbip_wire.h"

/** Connect. Returns a blocking socket, or ERR_IO. */
int usbip_connect_open(const char *host, const char *port, char *error,
		       size_t cap);

/** Send a request with this code and check the header of the reply. busid: the
 * device of an import request; otherwise NULL. */
int usbip_connect_request(int fd, uint16_t code, const char *busid, char *error,
			  size_t cap);

/** Read the device that follows the header of a reply. `listed`: also read its
 * interfaces, which only a device list has. */
int usbip_connect_read_device(int fd, struct usbip_device *d, bool listed,
			      char *error, size_t cap);

/** Request the device list. *devices is allocated by malloc() for the caller.
 * Returns the number of devices, or ERR_IO. */
int usbip_connect_read_list(int fd, struct usbip_device **devices, char *error,
			    size_t cap);

#endif

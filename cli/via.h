/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds and opens the device of a verb: the device of --via, else of
 * TETHER_VIA, else the only MCTP device on USB or at the USB/IP server of this
 * machine.
 */
#ifndef TETHER_CLI_VIA_H
#define TETHER_CLI_VIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/libusb_host.h"
#include "host/transport.h"
#include "host/usbhost.h"

struct cli;

enum { VIA_PATH = 256 };

enum via_kind {
	VIA_ANY, /* not given */
	VIA_USB,
	VIA_USBIP,
	VIA_MCTP,
	VIA_SERIAL
};

/** The parts of --via. A part that is not given is -1 or empty. */
struct via {
	enum via_kind kind;
	int vendor, product;
	char serial[LIBUSB_HOST_SERIAL];
	char host[128], port[8], busid[32];
	uint32_t network;
	uint8_t eid;
	char path[VIA_PATH]; /* of a serial port */
	uint32_t baud;	     /* 0: as set */
};

/** Parse --via, or TETHER_VIA. Returns false after printing an error. */
bool via_parse(struct cli *c, struct via *v);

/** A USB device that --via may mean. */
struct via_device {
	char via[192]; /* --via value that names this device alone */
	uint16_t vendor, product;
	bool mctp;  /* true for USB/IP as well, whose list does not show MCTP */
	bool local; /* usb is filled in, else busid */
	char busid[32];
	struct libusb_host_device usb;
};

struct via_list {
	struct via_device *device; /* malloc()ed; the caller frees it */
	size_t count;
};

/** List the USB devices that match --via. Without --via, list those of this
 * machine and of its USB/IP server. Returns 0, or a negative value with a
 * message in error (CLI_ERROR bytes). */
int via_find(const struct via *v, struct via_list *all, char *error);

/** The device as a JSON object: via, ids and strings. The caller frees it. */
struct json_object *via_device_json(const struct via_device *d);

/** Open a device of the list. A device behind USB/IP has one host at a time, so
 * this waits up to --wait seconds until it is free, unless c is NULL. Returns
 * NULL with a message in error. */
struct usbhost *via_open_device(struct cli *c, const struct via *v,
				const struct via_device *d, char *error);

/** Before a function ("mctp", "log") of the USB device c->host is claimed: wait
 * until no other tether holds it, and hold it. Returns EXIT_OK, or EXIT_FAILED
 * after printing the error. */
int via_hold_function(struct cli *c, const char *function);

/*
 * Open the device of --via as a USB device, as an MCTP transport, or as an MCTP
 * endpoint with an EID. Each function returns EXIT_OK, or an exit code after
 * printing the error.
 */

/** Open the USB device as c->host. */
int via_open_usb(struct cli *c);

/** Open MCTP as c->transport, over USB, a serial port or the kernel's
 * sockets. */
int via_open_mctp(struct cli *c);

/** Like via_open_mctp(). Assign an EID to the endpoint if it has none, and
 * store its EID in *eid. */
int via_open_endpoint(struct cli *c, uint8_t *eid);

/** Close what the functions above opened, if anything. */
void via_close(struct cli *c);

#endif

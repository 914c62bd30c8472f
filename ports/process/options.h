/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of usbnvme, and the defaults of a device process. */
#ifndef TETHER_PORTS_PROCESS_OPTIONS_H
#define TETHER_PORTS_PROCESS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "base/uuid.h"
#include "mctp_usb/mctp_usb.h"
#include "usb/descriptors.h"

enum { OPTIONS_DEVICES_MAX = 64, OPTIONS_ADDRESS = 64 };

/* How the device meets its host. */
enum options_backend { OPTIONS_USBIP, OPTIONS_USBREDIR, OPTIONS_FUNCTIONFS };

struct options {
	enum options_backend backend;
	char address[OPTIONS_ADDRESS];
	uint16_t port;
	bool allow_remote;
	const char *usbredir, *functionfs;
	unsigned int count;
	const char *model;	     /* NULL: the default one */
	const char *state, *control; /* paths; NULL: none */
	uint8_t uid[DEVICE_ID_SIZE];
	bool uid_given;
	enum mctp_usb_version dsp0283;
	enum usb_speed speed;
	bool packing;
	bool pldm_file;
	enum log_level log_level;
	uint16_t vendor, product;
	const char *manufacturer, *product_name;
};

enum options_result { OPTIONS_RUN, OPTIONS_DONE, OPTIONS_WRONG };

/** Reads argv, which stays referenced. Prints help, version or what is wrong
 * with it. */
enum options_result options_parse(struct options *o, int argc, char **argv);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Parses the command line of usbnvme. */
#ifndef TETHER_PORTS_PROCESS_PROCESS_OPTIONS_H
#define TETHER_PORTS_PROCESS_PROCESS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "base/uuid.h"
#include "mctp_usb/mctp_usb.h"
#include "posix/cidr.h"
#include "usb/descriptors.h"

enum { PROCESS_DEVICES_MAX = 64, PROCESS_ADDRESS_MAX = 64 };

/* The connection of the device to its host. */
enum process_backend {
	PROCESS_USBIP,
	PROCESS_USBREDIR,
	PROCESS_FUNCTIONFS,
	PROCESS_SERIAL
};

struct process_options {
	enum process_backend backend;
	char address[PROCESS_ADDRESS_MAX];
	uint16_t port;
	bool allow_remote;
	struct cidr_list allow; /* networks of remote peers; empty: all */
	const char *usbredir, *functionfs;
	const char *serial; /* path of a serial port, or "pty" */
	uint32_t baud;	    /* of the serial port; 0: as set */
	unsigned int count;
	const char *model; /* path; NULL: the default model */
	const char *state, *scenario, *control; /* paths; NULL: not used */
	const char *pcap; /* path, or "-"; NULL: not used */
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

enum process_options_result {
	PROCESS_OPTIONS_OK,
	PROCESS_OPTIONS_EXIT,	 /* help or version was printed */
	PROCESS_OPTIONS_INVALID, /* an error was printed */
};

/** Parse argv into o, which keeps pointers into argv. */
enum process_options_result process_options_parse(struct process_options *o,
						  int argc, char **argv);

#endif

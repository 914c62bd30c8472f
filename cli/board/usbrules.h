/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Determines which systems have a driver that binds to a USB device. One table
 * lists the drivers. Another lists the rules of each driver, each with its
 * source. The verdict depends on the descriptors alone; this module does no
 * input or output.
 */
#ifndef TETHER_CLI_BOARD_USBRULES_H
#define TETHER_CLI_BOARD_USBRULES_H

#include <stdbool.h>
#include <stddef.h>

#include "host/usbdesc.h"

enum usbrules_system {
	USBRULES_MACOS,
	USBRULES_IPADOS,
	USBRULES_WINDOWS_10,
	USBRULES_WINDOWS_11,
	USBRULES_LINUX,
	USBRULES_SYSTEMS,
};

enum usbrules_purpose {
	USBRULES_NETWORK,
	USBRULES_SERIAL,
	USBRULES_MCTP,
	USBRULES_PURPOSES,
};

enum usbrules_answer {
	USBRULES_YES,
	USBRULES_DOUBT,	  /* binds, with a known problem */
	USBRULES_UNKNOWN, /* the descriptors do not show it */
	USBRULES_NO,
};

/** A device: its descriptors, and the data that other requests returned. */
struct usbrules_device {
	/* Its configurations in their order. Each has the device fields. */
	const struct usbdesc *usb;
	int configurations; /* that were read, at least 1 */
	/* Answer to GET_NTB_PARAMETERS (NCM 1.0, 6.2.1). */
	enum {
		USBRULES_NTB_UNKNOWN,
		USBRULES_NTB_NONE, /* the answer is too short */
		USBRULES_NTB,
	} ntb_known;
	uint16_t ndp_out_divisor;
	enum { USBRULES_ID_UNKNOWN, USBRULES_ID_NONE, USBRULES_ID } id_known;
	char compatible_id[9]; /* Microsoft's OS descriptors: "WINNCM" */
	const char *mac;       /* Ethernet MAC string; NULL: not read */
};

/** A rule that the device breaks, or that cannot be checked. All texts are
 * constant. */
struct usbrules_finding {
	enum usbrules_answer answer;
	const char *rule, *fix, *source;
	const char *symptom; /* what the user sees; NULL: nothing typical */
};

enum { USBRULES_FINDINGS = 16 };

/** The best driver of a system for a purpose. */
struct usbrules_verdict {
	enum usbrules_answer answer;
	const char *driver;   /* "cdc_ncm"; NULL: no driver */
	const char *function; /* "CDC-NCM" */
	int findings;
	struct usbrules_finding finding[USBRULES_FINDINGS];
};

/** Judge a device for one system and purpose. */
void usbrules_judge(const struct usbrules_device *d,
		    enum usbrules_system system, enum usbrules_purpose purpose,
		    struct usbrules_verdict *v);

/** Names for output: "macOS", "network", "yes". */
const char *usbrules_system_name(enum usbrules_system s);
const char *usbrules_purpose_name(enum usbrules_purpose p);
const char *usbrules_answer_name(enum usbrules_answer a);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The table of rules, and what a rule checks. A part of usbrules.h. */
#ifndef TETHER_CLI_BOARD_USBRULES_TABLE_H
#define TETHER_CLI_BOARD_USBRULES_TABLE_H

#include "cli/board/usbrules.h"

/* Sets of systems and of functions. */
enum {
	APPLE = 1 << USBRULES_MACOS | 1 << USBRULES_IPADOS,
	WINDOWS = 1 << USBRULES_WINDOWS_10 | 1 << USBRULES_WINDOWS_11,
	LINUX = 1 << USBRULES_LINUX,
	ALL = APPLE | WINDOWS | LINUX,
	NCM = 1 << 0,
	ECM = 1 << 1,
	RNDIS = 1 << 2,
	ACM = 1 << 3,
	MCTP = 1 << 4,
	EEM = 1 << 5,
	MBIM = 1 << 6,
	PHONET = 1 << 7,
	INTERRUPT = 3,
	BULK = 2,
};

/* The function of the device that a rule checks. */
struct usbrules_subject {
	const struct usbrules_device *device;
	const struct usbdesc *usb;
	const struct usbdesc_interface *control;
	const struct usbdesc_interface *idle; /* data interface, alternate 0 */
	const struct usbdesc_interface
		*data; /* data interface, the alternate with endpoints */
};

/** A rule of some systems for some functions; all texts are constant. */
struct usbrules_rule {
	int systems, functions;
	enum usbrules_answer (*check)(const struct usbrules_subject *s);
	const char *rule, *fix, *source, *symptom;
};

extern const struct usbrules_rule usbrules_rules[];
extern const size_t usbrules_rule_count;

/** Whether the interface is the control interface of RNDIS. */
bool usbrules_is_rndis(const struct usbdesc_interface *i);

#endif

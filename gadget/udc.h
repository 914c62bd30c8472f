/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists the USB device controllers (UDC) of the board from /sys/class/udc, and
 * chooses the controller that tetherd uses.
 */
#ifndef TETHER_GADGET_UDC_H
#define TETHER_GADGET_UDC_H

#include <stdbool.h>
#include <stdint.h>

#include "gadget/config.h"

enum { UDC_MAX = 4 };

struct udc {
	char name[CONFIG_NAME];
	char driver[CONFIG_NAME]; /* gadget driver that holds it; empty: free */
};

struct udc_list {
	struct udc udc[UDC_MAX]; /* sorted by name */
	uint8_t count;
	bool truncated; /* there are more, or a name is too long */
};

/** What a controller reports of the host. The signals differ between drivers:
 * see docs/hardware.md. */
struct udc_host {
	bool attached; /* the speed is known, and the state is not "not
			* attached". A charger is not a host */
	bool configured;
	bool suspended;
};

/** Read what a controller reports of the host. All false if it does not exist.
 */
void udc_read_host(struct udc_host *h, const char *root, const char *udc);

/** Read /sys/class/udc below root. */
void udc_scan(struct udc_list *l, const char *root);

/** The controller of that name; NULL: it does not exist. */
const struct udc *udc_find(const struct udc_list *l, const char *name);

/**
 * Choose the UDC that tetherd uses: the configured one, else the first by name,
 * else "". Call udc_find() for the result: a configured controller may not
 * exist yet, and some controllers do not exist while the port is in host role.
 * `wanted` is struct config's udc, empty for auto.
 */
const char *udc_choose(const struct udc_list *l, const char *wanted);

/** Name of the gadget driver that holds a controller; "": none. */
const char *udc_driver(const struct udc_list *l, const char *name);

#endif

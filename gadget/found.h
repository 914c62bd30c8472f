/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scans the board for gadgets, controllers, legacy modules, the role switch and
 * the serial number. The result is called the found state. A scan changes
 * nothing on the board. Items that do not fit into struct found are left out,
 * and `truncated` is set.
 */
#ifndef TETHER_GADGET_FOUND_H
#define TETHER_GADGET_FOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gadget/config.h"
#include "gadget/legacy_module.h"
#include "gadget/recipe.h"
#include "gadget/udc.h"

enum { FOUND_GADGETS = 6 };

/** Text for messages when `truncated` is set. */
#define FOUND_TRUNCATED                                                        \
	"more gadgets, USB device controllers or legacy modules exist, or "    \
	"longer names, than tetherd can look at. One of them may hold the "    \
	"controller. Remove what is not needed"

/** About 170 KiB. */
struct found {
	bool truncated;
	uint8_t gadgets;
	struct found_gadget gadget[FOUND_GADGETS];
	struct udc_list udcs;
	struct legacy_module_list modules;
	char role[32]; /* of the chosen controller's switch; empty: none */
	char serial[CONFIG_STRING]; /* see hardware_read_serial() */
};

struct found_env {
	const char *root; /* "" on a real system */
	const struct config *config;
	/** Write the IPv4 address of an interface as "address/prefix" into
	 * `out`. false: it has none. May be NULL. */
	bool (*address)(void *ctx, const char *ifname, char *out, size_t cap);
	void *ctx;
	/* Name of the gadget that tetherd removed last. If it exists, its
	 * removal was interrupted. NULL: none. */
	const char *taken_over;
};

/** Fill *f. A missing file is not an error: it means that the item does not
 * exist. */
void found_scan(struct found *f, const struct found_env *env);

#endif

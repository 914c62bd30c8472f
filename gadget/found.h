/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The found state: gadgets, controllers, legacy modules, role switch and serial
 * number, as they are on the board at the time of a scan. Only reads. What does
 * not fit into struct found is left out, and `truncated` is set.
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

/** What `truncated` means, for messages. */
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

/** Fill *f. A missing file means that the thing does not exist; it is no
 * error. */
void found_scan(struct found *f, const struct found_env *env);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Legacy gadget drivers: modules like g_ether that hold a UDC until they are
 * unloaded, and that configfs cannot remove.
 */
#ifndef TETHER_GADGET_LEGACY_MODULE_H
#define TETHER_GADGET_LEGACY_MODULE_H

#include <stdbool.h>
#include <stdint.h>

#include "gadget/address.h"
#include "gadget/udc.h"

enum { LEGACY_MODULE_MAX = 4, LEGACY_MODULE_NAME = 32 };

struct legacy_module {
	char name[LEGACY_MODULE_NAME];
	char host_addr[MAC_TEXT]; /* module parameter; empty: not given */
};

struct legacy_module_list {
	struct legacy_module module[LEGACY_MODULE_MAX];
	uint8_t count;
	bool truncated; /* more are loaded */
};

/** Read /proc/modules below root. */
void legacy_module_scan(struct legacy_module_list *l, const char *root);

/** Whether the module must be unloaded before tetherd can use the controller
 * `udc`: the module holds this controller, or none. A module without a
 * controller would bind to the next one that appears. */
bool legacy_module_blocks(const struct legacy_module *m,
			  const struct udc_list *udcs, const char *udc);

#endif

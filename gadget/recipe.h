/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a gadget in configfs as its recipe: the list of steps that would build
 * it. It accepts gadgets of other programs with any content.
 */
#ifndef TETHER_GADGET_RECIPE_H
#define TETHER_GADGET_RECIPE_H

#include <stdbool.h>

#include "gadget/address.h"
#include "gadget/config.h"
#include "gadget/steps.h"

enum { RECIPE_IFNAME = 16 };

struct found_gadget {
	char name[CONFIG_NAME];
	char udc[CONFIG_NAME];	    /* UDC it is bound to; empty: unbound */
	bool ours;		    /* has a function that tetherd made */
	char ifname[RECIPE_IFNAME]; /* interface of its first network function;
				     * empty: none */
	char host_addr[MAC_TEXT];   /* host's MAC of that function */
	bool taken_over; /* tetherd removed it before, perhaps incompletely */
	bool conflicts;	 /* its interface has an address in our subnet */
	struct steps recipe; /* incomplete if recipe.full */
};

/** Read the gadget in the folder `path`, whose last part is g->name, into
 * g->udc, ours, ifname, host_addr and recipe. The rest of *g is not changed. */
void recipe_read(struct found_gadget *g, const char *path);

#endif

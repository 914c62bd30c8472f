/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds the recipe of the wanted gadget, a list of steps, from the
 * configuration and the identity. Pure: no I/O.
 */
#ifndef TETHER_GADGET_BUILD_H
#define TETHER_GADGET_BUILD_H

#include "gadget/config.h"
#include "gadget/identity.h"
#include "gadget/steps.h"

/** Write the recipe into *s. It ends with the STEP_BIND to the UDC. */
void build_recipe(struct steps *s, const struct config *c,
		  const struct identity *id, const char *udc);

#endif

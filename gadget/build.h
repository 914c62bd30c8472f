/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recipe of the gadget that tetherd wants: configuration and identity to
 * steps. Pure.
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

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints a plan as readable text, for `tetherd check`.
 */
#ifndef TETHER_GADGET_PLAN_REPORT_H
#define TETHER_GADGET_PLAN_REPORT_H

#include "gadget/config.h"
#include "gadget/found.h"
#include "gadget/plan.h"

/** Print to stdout. Returns the exit status: 1 if the plan cannot be applied,
 * or leaves out a configured function. */
int plan_report_print(const struct plan *p, const struct config *c,
		      const struct found *f);

#endif

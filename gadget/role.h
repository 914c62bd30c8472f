/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The USB role switch of a controller, /sys/class/usb_role: host or device.
 *
 * A driver that registers both controller and switch (dwc2, chipidea) names the
 * switch after the controller, with "-role-switch" appended. Otherwise the
 * switch belongs to the controller's device or to one of its parents (dwc3
 * below its glue).
 *
 * In host role some controllers do not exist, and some switches have no visible
 * relation to a controller. So if there is at most one controller, a single
 * switch counts as its switch. `udcs` is the number of controllers.
 */
#ifndef TETHER_GADGET_ROLE_H
#define TETHER_GADGET_ROLE_H

#include <stdbool.h>
#include <stddef.h>

/** Path of the switch's folder. false: there is none, or more than one switch
 * may be the controller's. */
bool role_find(const char *root, const char *udc, int udcs, char *out,
	       size_t cap);

/** Current role: "host", "device" or "none"; "" if there is no switch. */
void role_read(const char *root, const char *udc, int udcs, char *out,
	       size_t cap);

/** Set the role. Returns 0, or -1 with errno; ENODEV: there is no switch. */
int role_set(const char *root, const char *udc, int udcs, const char *role);

#endif

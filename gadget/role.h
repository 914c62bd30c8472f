/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The role switch of a controller: host or device. Its name is the
 * controller's with "-role-switch" behind where one driver makes both (dwc2,
 * chipidea), else its device is the controller's or one above it (dwc3 below
 * its glue).
 */
#ifndef TETHER_GADGET_ROLE_H
#define TETHER_GADGET_ROLE_H

#include <stdbool.h>
#include <stddef.h>

/**
 * The folder of the switch below root + /sys/class/usb_role. In host role some
 * controllers are not to be seen, and some switches are no relation: with no
 * more than one controller the only switch is taken. false: there is none, or
 * it cannot be told which.
 */
bool role_find(const char *root, const char *udc, int udcs, char *out,
	       size_t cap);

/** What it is set to: "host", "device", "none"; "" where there is none. */
void role_read(const char *root, const char *udc, int udcs, char *out,
	       size_t cap);

/** Set it. 0, or -1 with errno; ENODEV: there is none. */
int role_set(const char *root, const char *udc, int udcs, const char *role);

#endif

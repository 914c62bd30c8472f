/* SPDX-License-Identifier: Apache-2.0 */
/* What Linux does with a device beyond the classes of its functions. A part of
 * usbrules.h. */
#ifndef TETHER_CLI_BOARD_USBRULES_LINUX_H
#define TETHER_CLI_BOARD_USBRULES_LINUX_H

#include "cli/board/usbrules.h"

/** Index of the configuration that usb_choose_configuration() selects. */
int usbrules_linux_configuration(const struct usbrules_device *d);

/** Judge a device by its vendor: drivers of Linux bind to products of this
 * vendor. The product lists of the drivers are not known here, so the answer is
 * USBRULES_UNKNOWN. Returns false if no driver does. */
bool usbrules_vendor(const struct usbrules_device *d,
		     enum usbrules_purpose purpose, struct usbrules_verdict *v);

#endif

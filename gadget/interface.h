/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network on the gadget's interface: its address, the DHCP server, and
 * whether a host is there. Part of the service, whose state it keeps.
 */
#ifndef TETHER_GADGET_INTERFACE_H
#define TETHER_GADGET_INTERFACE_H

#include "gadget/service.h"

/** Look, and do what is to be done; what fails is told to the service. */
void interface_update(struct service *s);

/** End the servers; address and interface stay. */
void interface_close(struct service *s);

#endif

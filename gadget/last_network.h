/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network function that a host used last, kept in
 * /var/lib/tether/network. `functions = auto` tries it first after the next
 * start. The file has one line, the name of the function, and is replaced
 * atomically. It is apart from the saved state, so that neither depends on the
 * other's content.
 */
#ifndef TETHER_GADGET_LAST_NETWORK_H
#define TETHER_GADGET_LAST_NETWORK_H

#include "gadget/function.h"

#define LAST_NETWORK_FILE "/var/lib/tether/network"

/** Load the function. ERR_NOT_FOUND: there is no file. ERR_INVALID: it does not
 * name a network function. ERR_IO with errno. After an error *out is ECM. */
int last_network_load(enum function *out, const char *path);

/** Store the function atomically, and create the folder. ERR_IO with errno: the
 * old file remains. */
int last_network_store(enum function network, const char *path);

#endif

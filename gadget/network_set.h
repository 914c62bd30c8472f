/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The actions of `functions = auto` on the board: exchange the network
 * function, remember the one that worked, and find out whether a switch would
 * interrupt the host. network_choice.h decides when to switch.
 */
#ifndef TETHER_GADGET_NETWORK_SET_H
#define TETHER_GADGET_NETWORK_SET_H

#include <stdbool.h>

#include "gadget/reconcile.h"

/** What the host may use beside the network. */
struct network_set_use {
	bool serial_open;  /* a program on the board has opened the port */
	bool mctp_request; /* one arrived since the last call */
};

/** With `functions = auto`, replace the network function in c->functions by the
 * one that is bound already, else by the one that worked last, else by ECM.
 * `log`: write one line that says which one and why. Does nothing with another
 * configuration. */
void network_set_begin(struct config *c, bool log);

/** Use another network function from the next pass on. ERR_INVALID: the
 * configuration is not `auto`, or `network` is not a network function. */
int network_set_switch(struct reconcile *r, enum function network);

/** Remember the bound network function, if it has changed. Logs a failure to
 * store it once. */
void network_set_remember(struct reconcile *r);

/** Find out what the host may use. Call it regularly: the serial port is
 * watched from the first call on. `attached` is false while there is no host;
 * the serial port is then not examined. */
struct network_set_use network_set_check_use(struct reconcile *r,
					     bool attached);

#endif

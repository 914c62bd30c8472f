/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receives the events of the `state` attribute of a USB device controller. An
 * event may be the only sign of a host that was exchanged: some controllers
 * report no disconnect, but every host resets the bus.
 */
#ifndef TETHER_GADGET_UDC_WATCH_H
#define TETHER_GADGET_UDC_WATCH_H

#include <stdbool.h>

#include "gadget/config.h"
#include "linux_sys/loop.h"

struct udc_watch {
	struct loop *loop;
	struct loop_source state; /* fd -1: not open */
	char udc[CONFIG_NAME];
	bool reset; /* the host reset the bus; cleared by the reader */
	bool stale; /* the state is of a gadget that is bound no more */
};

void udc_watch_init(struct udc_watch *w, struct loop *loop);

/** Watch this controller from now on; "": none. Does nothing if it is watched
 * already. */
void udc_watch_set(struct udc_watch *w, const char *udc);

/** Call before a gadget is unbound: the controller keeps the state of its last
 * host over the unbind and the next bind. w->stale is set until a host
 * enumerates the next gadget. */
void udc_watch_expect_bind(struct udc_watch *w);

#endif

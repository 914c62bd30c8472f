/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service owns the gadget and its network. It brings both to the configured
 * state at the start, and after every event that may have changed them.
 */
#ifndef TETHER_GADGET_SERVICE_H
#define TETHER_GADGET_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gadget/events.h"
#include "gadget/network.h"
#include "gadget/network_choice.h"
#include "gadget/reconcile.h"
#include "gadget/recovery.h"
#include "gadget/udc_watch.h"
#include "gadget/root_process.h"
#include "linux_sys/loop.h"

/** Large: keep it in static storage, zero before service_init(). */
struct service {
	struct reconcile reconcile;
	struct events events;
	struct network network;
	struct recovery recovery;
	struct network_choice choice; /* of functions = auto */
	enum function remembered;     /* as the one that worked; 0: none yet */
	struct udc_watch udc_watch;
	struct root_process root; /* changes the gadget */
	uint32_t binds; /* reconcile.binds at the last update of the network */
	bool ended;	/* down or restore succeeded: the program ends */
	struct loop *loop;
};

/** Load configuration and saved state, and open the kernel's event sockets.
 * config: the configuration file, NULL: CONFIG_FILE, which may be missing.
 * ERR_INVALID, ERR_IO, ERR_NOT_FOUND: `error` has a sentence. */
int service_init(struct service *s, struct loop *loop, const char *config,
		 char *error, size_t cap);

/** Make one pass: plan, apply, update the network. Does nothing while a retry
 * is delayed. */
void service_reconcile(struct service *s);

/** Handle changes and due timers. Call it after each turn of the loop. */
void service_turn(struct service *s);

/** How long the loop may wait, in ms; -1: forever. */
int service_timeout(const struct service *s);

/** Load the configuration again after SIGHUP. If the file has an error, the
 * running configuration stays. */
void service_reload(struct service *s);

/** Remove the gadget; with `restore` bring back the stock gadget. ERR_OK:
 * s->ended is true. Otherwise `error` has a sentence, and the service
 * continues. */
int service_down(struct service *s, bool restore, char *error, size_t cap);

/** Prepare the folders of the child processes and start the root process, which
 * makes every change from then on. Call it as root, before service_reconcile().
 * `lock` is that of the control socket. ERR_INVALID, ERR_IO: `error` has a
 * sentence. */
int service_start_root(struct service *s, int lock, char *error, size_t cap);

/** After the first pass, drop the rights of both processes that only the start
 * needs: the main process becomes the user tetherd. Errors like
 * service_start_root(). */
int service_drop_rights(struct service *s, char *error, size_t cap);

/** Whether the root process has ended, without which tetherd cannot work. */
bool service_is_broken(const struct service *s);

/** End the child processes and close the sockets. The gadget and its address
 * stay. */
void service_close(struct service *s);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Privilege separation. tetherd is two processes:
 *
 *   main process   serves the network, DHCP, events and verbs. It reads what
 *                  the host and the network send, so it has its own user and
 *                  few capabilities, and starts no program.
 *   root process   its child. It changes configfs, the role switch and the
 * saved state, and starts udhcpd and the FunctionFS program.
 *
 * The main process may be compromised. So it sends an action and one number,
 * but never a path, a name or a text: the root process takes all of these from
 * files that only root can write. Its answer is copied into the main process's
 * struct reconcile, which is a mirror of that of the root process.
 */
#ifndef TETHER_GADGET_ROOT_PROCESS_H
#define TETHER_GADGET_ROOT_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "gadget/root_action.h"
#include "linux_sys/loop.h"

/** A child process of the root process. */
enum root_child { ROOT_CHILD_SERVER, ROOT_CHILD_UDHCPD };

struct root_process {
	pid_t pid; /* 0: there is none, actions run in this process */
	struct loop_source source;
	/* Called in the main process when a child has ended unexpectedly. */
	void (*child_ended)(void *ctx, enum root_child child);
	/* Called in the main process when the kernel log reports a fault. */
	void (*fault)(void *ctx, enum events_fault fault);
	/* Called in the main process when usbnvme has got a request. */
	void (*mctp_request)(void *ctx);
	void *ctx;
	bool lost; /* the root process has ended: tetherd must end, too */
};

/** Start the root process, which serves until the main process closes its end.
 * Call it in a process of root that has no loop_source besides those of `loop`.
 * `mirror` is copied by fork(). The root process keeps `lock` open, so that no
 * other tetherd starts before it has ended. Returns 0, or -1 with errno. */
int root_process_start(struct root_process *p, struct reconcile *mirror,
		       struct loop *loop, int lock);

/** Let the root process do an action, or do it here if there is none. Returns
 * the result of the action: negative is an error, with a sentence in `error`.
 */
int root_process_ask(struct root_process *p, struct reconcile *mirror,
		     enum root_action action, char *error, size_t cap);

/** End the root process and its children, and wait for it. */
void root_process_end(struct root_process *p, struct loop *loop);

#endif

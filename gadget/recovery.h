/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recovery of a controller that dies while the gadget is bound. The kernel logs
 * that an endpoint does not stop; from then on nothing is received, although
 * the host is there. One re-enumeration brings the controller back. Decides
 * when to re-enumerate, with a back-off. Pure: no I/O.
 */
#ifndef TETHER_GADGET_RECOVERY_H
#define TETHER_GADGET_RECOVERY_H

#include <stdbool.h>
#include <stdint.h>

enum {
	RECOVERY_CHECK_MS = 2000,  /* from the message to the check */
	RECOVERY_FIRST_MS = 10000, /* between two recoveries, doubles */
	RECOVERY_MOST_MS = 600000,
	RECOVERY_CALM_MS = 3600000, /* the back-off starts again */
};

/** All zero at the start. */
struct recovery {
	uint64_t rx;	/* packets received when the kernel logged the fault */
	uint32_t at_ms; /* time of the check; 0: none is planned */
	uint32_t last_ms, backoff_ms; /* of the last recovery */
	uint32_t count;		      /* recoveries so far */
};

/** The kernel logged the fault. `rx` is the number of received packets. */
void recovery_report(struct recovery *r, uint32_t now_ms, uint64_t rx);

/** Whether to re-enumerate now. Not if packets arrive again, if the host is
 * gone (no carrier), or before the back-off has passed. */
bool recovery_poll(struct recovery *r, uint32_t now_ms, uint64_t rx,
		   bool carrier);

/** Time of the next recovery_poll() in terms of clock_now_ms(); 0: none. */
uint32_t recovery_due_ms(const struct recovery *r);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reconciles the board with the configuration: scans the found state, makes the
 * plan, applies its steps, and decides whether and when to retry.
 *
 * Stateless towards the system: every pass compares the configuration with what
 * configfs and sysfs contain now. So it does not matter which program changed
 * them.
 */
#ifndef TETHER_GADGET_RECONCILE_H
#define TETHER_GADGET_RECONCILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gadget/account.h"
#include "gadget/config.h"
#include "gadget/events.h"
#include "gadget/found.h"
#include "gadget/functionfs_server.h"
#include "gadget/identity.h"
#include "gadget/plan.h"
#include "gadget/rights.h"
#include "gadget/saved_state.h"
#include "gadget/serial_watch.h"

enum {
	/* Retries after a temporary error (EBUSY, ENODEV, EAGAIN): the delay
	 * starts at FIRST_MS and doubles up to RETRY_MS. The limit is a minute
	 * if each attempt unbinds the gadget of another program. */
	RECONCILE_RETRY_FIRST_MS = 10,
	RECONCILE_RETRY_MS = 5000,
	/* Attempts of the same plan after any other error, and the delay
	 * between them. */
	RECONCILE_ATTEMPTS = 2,
	RECONCILE_ATTEMPT_MS = 1000,
	/* Takeovers from other programs allowed in a minute. */
	RECONCILE_TAKEOVERS = 5,
	RECONCILE_MINUTE_MS = 60000,
	RECONCILE_VERIFY_MS = 1000, /* after a bind, see reconcile_verify() */
};

/** Advice for a unit that withholds the right to mount. */
#define RECONCILE_LINK_RIGHTS                                                  \
	"Link " RIGHTS_FOLDER                                                  \
	"/mctp.conf into /etc/systemd/system/tetherd.service.d and restart "   \
	"tetherd"

enum reconcile_phase {
	RECONCILE_WAITING, /* there is no UDC yet */
	RECONCILE_FAILED,  /* see why */
	RECONCILE_UP,	   /* the gadget is bound */
};

/** Large, because of found and plan. Times are those of clock_now_ms(); 0 means
 * that none is set. */
struct reconcile {
	/* Set by the owner. */
	struct events *events;
	struct config config;
	struct saved_state state;
	struct account account; /* user of the main process and of udhcpd */
	uint32_t started_ms;

	enum reconcile_phase phase;
	/* Reason for waiting or failure; if up, what is left out. */
	char why[PLAN_TEXT];
	bool mounts_refused;	/* FunctionFS cannot be mounted */
	bool network_only;	/* the kernel had no FIFO for other functions */
	struct config previous; /* configuration before the last reload */
	bool has_previous;	/* previous is valid: its gadget was up */
	uint32_t bound_ms;	/* time of the last bind */
	uint32_t binds;		/* passes that ended with a bound gadget */
	uint32_t retry_ms;	/* time of the next attempt */
	uint32_t backoff_ms;	/* delay before the last retry */
	uint32_t failed_checksum; /* of the plan that failed last */
	uint8_t attempts;	  /* of that plan */
	uint32_t verify_ms;	  /* time of reconcile_verify() */
	bool rebuilt;		  /* the last verification rebuilt the gadget */
	uint32_t takeover_ms[RECONCILE_TAKEOVERS], takeovers;
	bool reported_unsaved; /* a failure to store the state was logged */
	bool reported_network_unsaved; /* the same for the last network */
	struct serial_watch serial;
	char kernel_reason[EVENTS_LINE]; /* for the last failed step */
	struct functionfs_server functionfs;
	struct identity identity;
	struct steps steps; /* of down, restore and re-enumeration */
	struct found found;
	struct plan plan;
};

/** Scan and plan, without changing anything: fills r->found and r->plan. */
void reconcile_plan(struct reconcile *r);

/** Unload the legacy modules that block the UDC, after r->state is stored with
 * the MAC address that the host knows, and let the host detect the disconnect.
 * Returns the number of modules. */
int reconcile_unload_modules(struct reconcile *r);

/** Apply r->plan, and set phase, why and the times. */
void reconcile_apply(struct reconcile *r);

/** Whether the gadget is bound and the UDC reports it. A plan is then not
 * needed. */
bool reconcile_is_bound(const struct reconcile *r);

/** Whether a retry is scheduled for later. A pass must then wait: an attempt
 * that fails causes events, and each event would cause another attempt. */
bool reconcile_is_delayed(const struct reconcile *r);

/** Whether the scheduled retry is due. */
bool reconcile_is_retry_due(const struct reconcile *r);

/** Whether the gadget cannot be built: it does not fit, or its plan has failed
 * RECONCILE_ATTEMPTS times with an error that is not temporary. */
bool reconcile_has_given_up(const struct reconcile *r);

/** Whether reconcile_verify() is due. */
bool reconcile_is_verification_due(const struct reconcile *r);

/** Log r->why, which says what failed, and schedule a retry after retry_ms. */
void reconcile_fail(struct reconcile *r, uint32_t retry_ms);

/** Use the configuration `next` from the next pass on. If it fails and the
 * gadget is up now, the current configuration is used again. */
void reconcile_set_config(struct reconcile *r, const struct config *next);

/** The kernel reported that an endpoint has no FIFO: use the network function
 * alone. true: r->plan was applied again. */
bool reconcile_handle_no_fifo(struct reconcile *r);

/** Unbind and bind the gadget, so that the host enumerates it again. If another
 * program has changed the gadget, build it again instead. */
void reconcile_reenumerate(struct reconcile *r);

/**
 * Check once, RECONCILE_VERIFY_MS after a bind, whether the gadget is still as
 * it was built. A stock script that ran at the same time may have added parts,
 * which causes no event. Before that time, the function does nothing. true: the
 * gadget was built again.
 */
bool reconcile_verify(struct reconcile *r);

/** Plan the removal of our gadget. If `restore` is set, also plan the restore
 * of the saved stock gadget. ERR_NOT_FOUND: no gadget is saved; `error` has a
 * sentence. */
int reconcile_plan_down(struct reconcile *r, bool restore, char *error,
			size_t cap);

/** Apply the steps of reconcile_plan_down(). ERR_IO: a step failed and the
 * steps before it were undone; `error` has a sentence. */
int reconcile_apply_down(struct reconcile *r, char *error, size_t cap);

#endif

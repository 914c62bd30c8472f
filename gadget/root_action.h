/* SPDX-License-Identifier: Apache-2.0 */
/* The actions of the root process (root_process.h), and the reply to each. */
#ifndef TETHER_GADGET_ROOT_ACTION_H
#define TETHER_GADGET_ROOT_ACTION_H

#include <sys/types.h>

#include "gadget/reconcile.h"

/** Actions that the main process may request. */
enum root_action {
	ROOT_RECONCILE = 1, /* reconcile_plan(), reconcile_apply() */
	ROOT_NO_FIFO,	    /* reconcile_handle_no_fifo() */
	ROOT_REENUMERATE,   /* reconcile_reenumerate() */
	ROOT_VERIFY,	    /* reconcile_verify() */
	ROOT_RELOAD,	    /* load the configuration, reconcile_set_config() */
	ROOT_DOWN,	    /* reconcile_plan_down(), reconcile_apply_down() */
	ROOT_RESTORE,	    /* the same, and restore the stock gadget */
	ROOT_START_UDHCPD,  /* on the interface of the gadget */
	ROOT_END_UDHCPD,
	/* functions = auto, see network_set.h */
	ROOT_USE_ECM,
	ROOT_USE_NCM,
	ROOT_REMEMBER_NETWORK,
	ROOT_WATCH_SERIAL, /* network_set_check_use() without a host */
	ROOT_CHECK_SERIAL, /* with a host; 1: the port is open */
	ROOT_FINISH_START, /* drop what only the start needs */
	ROOT_ACTIONS
};

struct root_state {
	struct reconcile *reconcile;
	pid_t udhcpd; /* 0: not running */
};

/** What the main process may know of the struct reconcile of the root process.
 * The members have the names of those that they are copied from. */
struct root_reply {
	int result;
	char error[PLAN_TEXT];
	enum reconcile_phase phase;
	char why[PLAN_TEXT];
	struct config config;
	struct identity identity;
	bool network_only, truncated;
	uint32_t bound_ms, binds, retry_ms, verify_ms;
	unsigned int functions, networks; /* of the plan */
	enum plan_result result_of_plan;
	uint8_t attempts;
	struct fifo_plan fifo;
	char udc[CONFIG_NAME], role[32], migrated[CONFIG_NAME];
};

/** Do an action. An unknown one is refused with ERR_UNSUPPORTED. */
void root_action_do(struct root_state *s, enum root_action action,
		    struct root_reply *reply);

/** Copy a reply into the mirror of the main process. */
void root_action_take_reply(const struct root_reply *reply,
			    struct reconcile *mirror);

/** End the child processes, and remove the control socket. */
void root_action_finish(struct root_state *s);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service: brings the gadget and its network to what is configured, and
 * again whenever something changed. It keeps no idea of what happened, only
 * looks at what is so; so it does not matter who changed it.
 */
#ifndef TETHER_GADGET_SERVICE_H
#define TETHER_GADGET_SERVICE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "gadget/config.h"
#include "gadget/dhcp_socket.h"
#include "gadget/events.h"
#include "gadget/plan.h"
#include "gadget/silence.h"
#include "gadget/state.h"
#include "linux_sys/loop.h"

enum {
	SERVICE_RETRY_MS = 5000, /* after an error that may pass; the first
				  * times sooner, doubled from: */
	SERVICE_RETRY_FIRST_MS = 10,
	SERVICE_TAKEOVERS = 5, /* in a minute; more is a fight */
	SERVICE_MINUTE_MS = 60000,
	SERVICE_TRIES = 2, /* of the same plan, where the error will not pass */
	SERVICE_AGAIN_MS = 1000,  /* between the two */
	SERVICE_VERIFY_MS = 1000, /* after binding */
};

#define SERVICE_CONFIG "/etc/tether/tetherd.conf"
#define SERVICE_STATE "/var/lib/tether/state"

enum service_phase { SERVICE_WAITING, SERVICE_FAILED, SERVICE_UP };

struct service {
	const char *config_path, *state_path;
	struct config config;
	struct config previous; /* what worked before a reload */
	bool has_previous;
	struct state state;
	struct identity identity;
	struct loop *loop;
	struct events events;
	struct dhcp_socket dhcp;
	enum service_phase phase;
	char why[PLAN_TEXT];   /* of WAITING and FAILED; of UP: what is left out
				*/
	bool has_failed_state; /* the state could not be saved; said once */
	bool network_only;     /* the kernel had no FIFO for the rest */
	bool carrier;
	bool ended; /* down or restore was asked for: the program ends */
	char ifname[16];
	char conflict[64]; /* who has our network; empty: nobody */
	struct silence silence;
	uint32_t retry_ms;	       /* a time that is waited for; 0: none */
	uint32_t backoff_ms;	       /* of the next retry */
	uint32_t failed_sum;	       /* of the plan that failed last, and */
	uint8_t tries;		       /* how often; 0: never */
	uint32_t verify_ms;	       /* when it is looked at again; 0: not */
	bool rebuilt;		       /* after such a look */
	uint32_t bound_ms, started_ms; /* clock_now_ms() */
	uint32_t takeover_ms[SERVICE_TAKEOVERS], takeovers;
	pid_t udhcpd;
};

/** The two large structs are the program's, one of each. */
extern struct found service_found;
extern struct plan service_plan;

/** Take over configuration and state; opens the events. ERR_INVALID, ERR_IO
 * with a sentence in `error`. */
int service_init(struct service *s, struct loop *loop, char *error, size_t cap);

/** Look, and do what is to be done. */
void service_reconcile(struct service *s);

/** s->why is so: said, and tried again after that time. */
void service_fail(struct service *s, uint32_t retry_ms);

/** Look, and only fill service_plan. */
void service_plan_only(struct service *s);

/** A child ended: bury it. What it served is looked at. */
void service_children(struct service *s);

/** After each turn of the loop: what changed, and which times are over. */
void service_turn(struct service *s);

/** How long the loop may wait, in ms; -1: for ever. */
int service_timeout(const struct service *s);

/** Read the configuration again; what is wrong keeps the old one. */
void service_reload(struct service *s);

/** Remove the gadget; with `restore` put the stock one back. ERR_OK: s->ended
 * is then true. Else an error with a sentence, and all is as before. */
int service_down(struct service *s, bool restore, char *error, size_t cap);

/** The program ends: the gadget and its address stay. */
void service_close(struct service *s);

#endif

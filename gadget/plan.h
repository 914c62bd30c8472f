/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has to be done: configuration and what was found to an ordered list of
 * steps. Pure.
 *
 * The gadget that is in the way goes first (down, unbound, removed wholly: an
 * interface lives until its function's folder is gone), then the host gets
 * time to see an empty cable, then ours is built and bound. Where ours is
 * there already, nothing is done.
 */
#ifndef TETHER_GADGET_PLAN_H
#define TETHER_GADGET_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gadget/config.h"
#include "gadget/fifo.h"
#include "gadget/found.h"
#include "gadget/state.h"
#include "gadget/steps.h"

enum { PLAN_TEXT = 320, PLAN_PAUSE_MS = 500 };

enum plan_result {
	PLAN_OK,
	PLAN_UNCHANGED, /* all is as wanted, bound as well */
	PLAN_NO_UDC,	/* no controller; wait for it. the steps remove ours,
			 * and modules that would take it */
	/* These and what follows: nothing can be done. */
	PLAN_HELD,	/* by something that cannot be removed, see text */
	PLAN_TOO_LARGE, /* a gadget in the way has too many parts */
	PLAN_NO_FIFO,	/* not even one function fits */
};

/** What the device says of itself. */
struct identity {
	char serial[CONFIG_STRING];
	uint8_t mac[MAC_SIZE], host_mac[MAC_SIZE];
};

struct plan {
	enum plan_result result;
	char text[PLAN_TEXT];	/* for people: why not, or what is left out */
	unsigned int functions; /* that fit; may be fewer than configured */
	char udc[CONFIG_NAME];
	struct steps steps;
	struct steps wanted; /* the gadget alone, ended by its STEP_BIND */
	/* The gadget of others that gives way and should be kept for
	 * restore; NULL: none. Points into found. */
	const struct found_gadget *stock;
	struct fifo_plan fifo;
	/* Of a gadget of our name that is not as wanted: the first part that is
	 * not, in the gadgets' folder. NULL: there is none, or nothing. */
	const char *differs;
};

/** Serial and addresses: the configured ones, else the saved, for the host's
 * also that of the stock gadget or module, else derived from the serial. Both
 * sides differ. */
void identity_choose(struct identity *id, const struct config *c,
		     const struct state *s, const struct found *f);

/** f may be large: it is only read. fifos of plan_udc()'s controller. */
void plan_make(struct plan *p, const struct config *c,
	       const struct identity *id, const struct found *f,
	       const struct fifos *fifos);

/** The steps that remove all that is ours. */
void plan_down(struct steps *s, const struct found *f);

/** Those, and then the stock gadget, bound to its controller; where that one
 * is not there (its name may have changed), to the first. ERR_NOT_FOUND: none
 * was kept. */
int plan_restore(struct steps *s, const struct state *state,
		 const struct found *f);

/** The controller to use, "": none is there. */
const char *plan_udc(const struct config *c, const struct found *f);

#endif

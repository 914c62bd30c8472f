/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the plan: compares the configuration with the found state, and lists
 * the steps from the found state to the wanted state. Pure: no I/O.
 *
 * The steps first free the UDC: they set the interface down, unbind the gadget
 * that holds the UDC, and remove it. They remove it completely, because a
 * network interface exists until the folder of its function is removed. Then
 * they keep the device off the bus for PLAN_PAUSE_MS, so that the host detects
 * the disconnect. Last, they build and bind the wanted gadget. If the wanted
 * gadget is already bound, there are no steps.
 */
#ifndef TETHER_GADGET_PLAN_H
#define TETHER_GADGET_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gadget/config.h"
#include "gadget/fifo.h"
#include "gadget/found.h"
#include "gadget/identity.h"
#include "gadget/saved_state.h"
#include "gadget/steps.h"

enum { PLAN_TEXT = 480, PLAN_PAUSE_MS = 500 };

enum plan_result {
	PLAN_OK,	/* apply the steps */
	PLAN_UNCHANGED, /* the wanted gadget is already bound */
	PLAN_NO_UDC,	/* wait for the UDC. The steps remove our gadget, and
			   modules that would bind to the UDC */
	/* The rest are refusals: the steps must not be applied. */
	PLAN_HELD,	/* the UDC or the gadget's name is in use, see text */
	PLAN_TOO_LARGE, /* a gadget to remove does not fit into the list */
	PLAN_NO_FIFO,	/* no function fits into the FIFOs */
};

struct plan {
	enum plan_result result;
	char text[PLAN_TEXT]; /* sentences: why the plan cannot be applied, or
				 which functions it leaves out */
	/* Functions that fit; may be fewer than configured. */
	unsigned int functions;
	/* Network functions that fit, alone at least: those between which
	 * `functions = auto` may choose. */
	unsigned int networks;
	char udc[CONFIG_NAME]; /* empty: it does not exist */
	struct steps steps;
	struct steps wanted; /* recipe of the wanted gadget */
	/* Gadget of another program that the steps remove and that should be
	 * saved for restore; NULL: none. Points into struct found. */
	const struct found_gadget *stock;
	struct fifo_plan fifo;
	/* Path of the first difference between an existing gadget of our name
	 * and the wanted one; NULL: no such gadget, or no difference. */
	const char *differs;
};

/** Fill *p. `fifos` are those of the chosen UDC. *f must outlive *p. */
void plan_make(struct plan *p, const struct config *c,
	       const struct identity *id, const struct found *f,
	       const struct fifos *fifos);

/** List the steps that remove every gadget that has a function of tetherd. */
void plan_down(struct steps *s, const struct found *f);

/** List the steps of plan_down(), then the steps that build the saved stock
 * gadget and bind it to its UDC. If that UDC does not exist (a kernel update
 * may rename it), bind the gadget to the UDC of udc_choose(). ERR_NOT_FOUND: no
 * gadget is saved. ERR_FULL: too many steps. */
int plan_restore(struct steps *s, const struct saved_state *state,
		 const struct found *f);

#endif

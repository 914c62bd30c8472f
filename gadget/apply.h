/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Applies a list of steps as one transaction. If a step fails, the module
 * undoes the completed steps in reverse order, each by its inverse. So the
 * result is either the wanted state or the previous state.
 */
#ifndef TETHER_GADGET_APPLY_H
#define TETHER_GADGET_APPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "gadget/steps.h"

/** The callbacks that execute steps. On a real system, step is
 * configfs_step(). */
struct step_doer {
	/** Execute one step. Returns 0, or -1 with errno. */
	int (*step)(void *ctx, enum step_op op, const char *path,
		    const char *value);
	void *ctx;
	/** Called when a step failed, before anything is undone. May be NULL.
	 */
	void (*failed)(void *ctx);
};

struct apply_result {
	size_t failed;	   /* index of the step that failed */
	int error;	   /* errno of that step */
	size_t not_undone; /* steps whose inverse failed as well */
};

/** Apply the list. Returns ERR_OK, or ERR_IO with *r filled. */
int apply_steps(const struct steps *s, const struct step_doer *d,
		struct apply_result *r);

#endif

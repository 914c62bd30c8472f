/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps applied: in order, and where one fails, what was done is undone by the
 * inverses in reverse order. So the end is the wanted state or the one before.
 */
#ifndef TETHER_GADGET_CONFIGFS_H
#define TETHER_GADGET_CONFIGFS_H

#include <stdbool.h>
#include <stddef.h>

#include "gadget/steps.h"

/** Who does a step: 0, or -1 with errno. failed(), where it is not NULL, is
 * told of one that ends the list, before anything is undone. */
struct step_doer {
	int (*step)(void *ctx, enum step_op op, const char *path,
		    const char *value);
	void *ctx;
	void (*failed)(void *ctx);
};

struct apply_result {
	size_t failed;	   /* number of the step, where it did */
	int error;	   /* its errno */
	size_t not_undone; /* steps of the way back that failed as well */
};

/** ERR_OK, or ERR_IO with *r filled. */
int steps_apply(const struct steps *s, const struct step_doer *d,
		struct apply_result *r);

/** The doer of a real system: files below root + GADGET_FOLDER. What is no
 * file is done by the functions here; NULL: such a step does nothing. */
struct configfs {
	const char *root;
	int (*net_up)(const char *ifname, const char *address);
	int (*net_down)(const char *ifname);
	int (*unload)(const char *module);
	int (*serve)(const char *instance, bool begin);
};

/** A step_doer.step; ctx is a struct configfs. */
int configfs_step(void *ctx, enum step_op op, const char *path,
		  const char *value);

#endif

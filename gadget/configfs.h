/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Executes steps on a real system. System calls change the files of configfs.
 * The callbacks of struct configfs do everything else.
 */
#ifndef TETHER_GADGET_CONFIGFS_H
#define TETHER_GADGET_CONFIGFS_H

#include "gadget/steps.h"

struct configfs {
	const char *root; /* "" on a real system; prefix of GADGET_FOLDER */
	/* The functions return 0, or -1 with errno. NULL: the step does
	 * nothing. */
	int (*net_up)(const char *ifname, const char *address);
	int (*net_down)(const char *ifname);
	int (*unload)(const char *module);
	/* Mount a FunctionFS instance and start the program that serves it.
	 * program NULL: end the program. */
	int (*serve)(void *ctx, const char *instance, const char *program);
	void *ctx; /* of serve */
};

/** Implements step of struct step_doer; ctx is a struct configfs. */
int configfs_step(void *ctx, enum step_op op, const char *path,
		  const char *value);

#endif

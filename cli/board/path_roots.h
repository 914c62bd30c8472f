/* SPDX-License-Identifier: Apache-2.0 */
/* Checks that a path stays below allowed folders, through all symbolic links.
 */
#ifndef TETHER_CLI_BOARD_PATH_ROOTS_H
#define TETHER_CLI_BOARD_PATH_ROOTS_H

#include "cli/text.h"

enum { PATH_ROOTS = 16 };

struct path_roots {
	int roots;
	struct text root[PATH_ROOTS]; /* resolved, without / at the end */
};

/** Allow a folder and everything below it. Returns false if it does not exist,
 * or after PATH_ROOTS folders. */
bool path_roots_allow(struct path_roots *w, const char *folder);
void path_roots_free(struct path_roots *w);

/** Resolve a path, whose last components need not exist, into `real`. Returns
 * false if it leads out of all folders, or ends in a dangling link. */
bool path_roots_check(const struct path_roots *w, const char *path,
		      struct text *real);

#endif

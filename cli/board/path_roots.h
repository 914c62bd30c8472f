/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a path stays below the folders that somebody allowed. */
#ifndef TETHER_CLI_BOARD_PATH_ROOTS_H
#define TETHER_CLI_BOARD_PATH_ROOTS_H

#include "cli/text.h"

enum { PATH_ROOTS = 16 };

struct path_roots {
	int roots;
	struct text root[PATH_ROOTS]; /* without links, without / at the end */
};

/** Allow what is below a folder. false: there is none, or too many. */
bool path_roots_allow(struct path_roots *w, const char *folder);
void path_roots_free(struct path_roots *w);

/** The path without links, in `real`; its last names need not exist. false:
 * it leads outside of all roots, or to a link that leads nowhere. */
bool path_roots_check(const struct path_roots *w, const char *path,
		      struct text *real);

#endif

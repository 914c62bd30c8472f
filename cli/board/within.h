/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a path stays below the folders that somebody allowed. */
#ifndef TETHER_CLI_BOARD_WITHIN_H
#define TETHER_CLI_BOARD_WITHIN_H

#include "cli/text.h"

enum { WITHIN_ROOTS = 16 };

struct within {
	int roots;
	struct text
		root[WITHIN_ROOTS]; /* without links, without / at the end */
};

/** Allow what is below a folder. false: there is none, or too many. */
bool within_add(struct within *w, const char *folder);
void within_free(struct within *w);

/** The path without links, in `real`; its last names need not exist. false:
 * it leads outside of all roots, or to a link that leads nowhere. */
bool within_check(const struct within *w, const char *path, struct text *real);

#endif

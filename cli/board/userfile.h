/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the user that tether edits: whole or not at all. */
#ifndef TETHER_CLI_BOARD_USERFILE_H
#define TETHER_CLI_BOARD_USERFILE_H

#include "cli/text.h"

/** Where a path leads when it is a symbolic link, link by link; the last
 * one's target need not exist. 0, or -1 with errno set. */
int userfile_follow(const char *path, struct text *real);

/** Replace a file, mode 600, behind its symbolic links: written beside it,
 * synced, renamed. A folder that is missing is made, mode 700. 0, or -1 with
 * errno set and the file as it was. */
int userfile_write(const char *path, const struct text *content);

/** The block between "# >>> tether NAME >>>" and "# <<< tether NAME <<<",
 * lines of their own: where it stands in a file. false: none.
 * *broken: its end is missing. */
struct userfile_block {
	size_t start, end; /* bytes; end is behind its last line end */
};
bool userfile_find(const struct text *file, const char *name,
		   struct userfile_block *block, bool *broken);

/** The file with the block replaced by `block`, put first where there was
 * none; NULL: taken out. All else stays byte for byte. false: broken. */
bool userfile_edit(const struct text *file, const char *name, const char *block,
		   struct text *edited);

#endif

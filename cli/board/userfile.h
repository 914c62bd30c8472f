/* SPDX-License-Identifier: Apache-2.0 */
/* Edits files of the user atomically. */
#ifndef TETHER_CLI_BOARD_USERFILE_H
#define TETHER_CLI_BOARD_USERFILE_H

#include "cli/text.h"

/** Follow a path through symbolic links into `real`. The last target need not
 * exist. Returns 0, or -1 with errno set. */
int userfile_follow(const char *path, struct text *real);

/** Replace a file, with mode 600, by write, sync and rename. A link is
 * followed. Missing folders are created with mode 700. Returns 0, or -1 with
 * errno set and the file unchanged. */
int userfile_write(const char *path, const struct text *content);

/** A block of lines between "# >>> tether NAME >>>" and "# <<< tether NAME
 * <<<".
 */
struct userfile_block {
	size_t start, end; /* offsets; end is behind the last newline */
};

/** Find the block in a file. Returns false if there is none; *broken is set if
 * the block has no end line. */
bool userfile_find(const struct text *file, const char *name,
		   struct userfile_block *block, bool *broken);

/** Append the file to `edited`, with its block replaced by `block`. If the file
 * has no block, `block` is put first. NULL removes the block. All other lines
 * stay unchanged. Returns false if the block has no end line. */
bool userfile_edit(const struct text *file, const char *name, const char *block,
		   struct text *edited);

#endif

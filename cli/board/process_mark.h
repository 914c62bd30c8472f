/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that run elsewhere, on a board or in a container, and outlive the
 * program here that started them: a variable in their environment marks them
 * and all that they start, and by it they are found and ended.
 */
#ifndef TETHER_CLI_BOARD_PROCESS_MARK_H
#define TETHER_CLI_BOARD_PROCESS_MARK_H

#include "cli/text.h"

enum { PROCESS_MARK = 64 };

/** "TETHER_CALL=...", another one each time. */
void process_mark_make(char mark[PROCESS_MARK]);

/** A line for the shell of a board, so that what it runs has the mark: the
 * shell of whoever logs in gets it, in a process of its own. In place. */
void process_mark_wrap(const char *mark, struct text *line);

/** A script for a POSIX shell there: SIGTERM to all that have the mark, and
 * SIGKILL two seconds later to what is left. Needs Linux's /proc, and tr. */
void process_mark_end_script(const char *mark, struct text *t);

#endif

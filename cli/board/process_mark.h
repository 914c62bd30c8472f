/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ends commands on a board or in a container after the local program that
 * started them has ended. An environment variable marks each command and its
 * child processes.
 */
#ifndef TETHER_CLI_BOARD_PROCESS_MARK_H
#define TETHER_CLI_BOARD_PROCESS_MARK_H

#include "cli/text.h"

enum { PROCESS_MARK = 64 };

/** Write a new mark, "TETHER_CALL=...". */
void process_mark_make(char mark[PROCESS_MARK]);

/** Replace a command line for the board by one that runs it with the mark, in
 * the user's own shell. */
void process_mark_wrap(const char *mark, struct text *line);

/** Append a script that sends SIGTERM to all marked processes. Two seconds
 * later it sends SIGKILL to those that still run. It needs a POSIX shell,
 * Linux's /proc and tr. */
void process_mark_end_script(const char *mark, struct text *t);

#endif

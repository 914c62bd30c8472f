/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds shell programs that run on a board: a script and its inputs, as one
 * text for a POSIX shell. tools/embed makes the constants below from the files
 * in scripts/. The head of each script describes its inputs, output and exit
 * codes.
 *
 * Inputs precede the script as quoted assignments and quoted words, so the
 * board's shell never executes an input.
 */
#ifndef TETHER_CLI_BOARD_BOARD_SCRIPT_H
#define TETHER_CLI_BOARD_BOARD_SCRIPT_H

#include "cli/text.h"

extern const char board_script_survey[], board_script_send[],
	board_script_mode[], board_script_probe[], board_script_run_marked[],
	board_script_end_marked[];

/** Append NAME='VALUE' as a line. */
void board_script_assign(struct text *t, const char *name, const char *value);

/** Append a blank and the quoted word: an argument of a command. */
void board_script_add_word(struct text *t, const char *word);

/** Append a command line that runs `script` with sh. It works in any login
 * shell of the board's user. */
void board_script_add_command(struct text *t, const char *script);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shell programs for boards: how a script file and its inputs become one text
 * for a POSIX shell there. tools/embed makes the constants from the files in
 * scripts/, whose headers describe inputs, output and exit codes.
 *
 * Inputs are quoted assignments and quoted words in front of the script, so no
 * value is ever part of a program.
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

/** Append the command line that runs `script` by sh, whatever shell the user
 * of the board has. */
void board_script_add_command(struct text *t, const char *script);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Colours of the output: green for what is well, yellow for what needs
 * attention, red for what failed. By default only a terminal gets colours, and
 * none if NO_COLOR is set or TERM is "dumb". --color=always and --color=never
 * override that. JSON never has colours.
 */
#ifndef TETHER_CLI_COLOR_H
#define TETHER_CLI_COLOR_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/cli.h"

/** Named by meaning: ncurses has COLOR_BAD and others as macros. */
enum color { COLOR_PLAIN, COLOR_GOOD, COLOR_NOTE, COLOR_BAD, COLOR_STRONG };

/** Whether colours go to a stream. */
bool color_enabled(const struct cli *c, FILE *to);

/** The escape sequence that starts a colour on a stream; "" without colours. */
const char *color_start(const struct cli *c, FILE *to, enum color color);

/** The escape sequence that ends a colour; "" without colours. */
const char *color_end(const struct cli *c, FILE *to);

/** Green if `good`, otherwise red. */
enum color color_of(bool good);

/** Print text in a colour, padded with spaces to at least `width` columns. */
void color_print(const struct cli *c, FILE *to, enum color color, int width,
		 const char *text);

#endif

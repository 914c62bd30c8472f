/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/color.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool color_enabled(const struct cli *c, FILE *to)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (c->json || c->color == CLI_COLOR_NEVER)
		return false;
	if (c->color == CLI_COLOR_ALWAYS)
		return true;
	return !(no_color && *no_color) && term && strcmp(term, "dumb") != 0 &&
	       isatty(fileno(to));
}

const char *color_start(const struct cli *c, FILE *to, enum color color)
{
	static const char *const codes[] = {
		[COLOR_PLAIN] = "",	    [COLOR_GOOD] = "\033[32m",
		[COLOR_NOTE] = "\033[33m",  [COLOR_BAD] = "\033[31m",
		[COLOR_STRONG] = "\033[1m",
	};

	return color_enabled(c, to) ? codes[color] : "";
}

const char *color_end(const struct cli *c, FILE *to)
{
	return color_enabled(c, to) ? "\033[0m" : "";
}

enum color color_of(bool good)
{
	return good ? COLOR_GOOD : COLOR_BAD;
}

void color_print(const struct cli *c, FILE *to, enum color color, int width,
		 const char *text)
{
	int len = (int)strlen(text);

	if (color == COLOR_PLAIN)
		fputs(text, to);
	else
		fprintf(to, "%s%s%s", color_start(c, to, color), text,
			color_end(c, to));
	if (len < width)
		fprintf(to, "%*s", width - len, "");
}

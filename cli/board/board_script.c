/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/board/board_script.h"

void board_script_assign(struct text *t, const char *name, const char *value)
{
	text_addf(t, "%s=", name);
	text_quote(t, value);
	text_puts(t, "\n");
}

void board_script_add_word(struct text *t, const char *word)
{
	text_puts(t, " ");
	text_quote(t, word);
}

void board_script_add_command(struct text *t, const char *script)
{
	text_puts(t, "exec sh -c");
	board_script_add_word(t, script);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Composes the inputs of the install scripts, and parses the output of
 * state.sh. The output of a board may be malformed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/board/board_script.h"
#include "cli/install/install.h"
#include "cli/install/install_scripts.h"
#include "posix/parse.h"

void install_add_inputs(const struct install *i, struct text *t)
{
	struct text stage = { 0 };

	text_addf(&stage, "%s" INSTALL_FOLDER, text_get(&i->root));
	board_script_assign(t, "ROOT", text_get(&i->root));
	board_script_assign(t, "STAGE", stage.at);
	board_script_assign(t, "INIT", i->init);
	text_free(&stage);
}

/* --- state --- */

void install_add_state_script(const struct install *i, struct text *t)
{
	install_add_inputs(i, t);
	text_puts(t, "set --");
	for (int n = 0; n < i->kit.items; n++)
		board_script_add_word(t, i->kit.item[n].place);
	text_addf(t, "\n%s", install_script_state);
}

static void parse_place(struct install_step *s, const char *line)
{
	char kind[8] = "", rest[KIT_WORD] = "";
	const char *number = rest;
	uint64_t sum = 0;

	(void)sscanf(line, "%7s %127s", kind, rest);
	s->before = INSTALL_OTHER;
	if (!strcmp(kind, "none"))
		s->before = INSTALL_NONE;
	else if (!strcmp(kind, "file"))
		s->before = INSTALL_FILE;
	else if (!strcmp(kind, "link"))
		s->before = INSTALL_LINK;
	(void)parse_next(&number, 10, UINT32_MAX, &sum);
	s->sum = (uint32_t)sum;
	snprintf(s->target, sizeof(s->target), "%s", rest);
}

int install_parse_state(struct install *i, char *output)
{
	char running[8];
	char *line = output ? strstr(output, "tether-state ") : NULL;

	if (!line || sscanf(line, "tether-state %15s %31s %7s", i->init,
			    i->uname, running) != 3)
		return cli_fail(i->c, "no shell answers on %s", i->destination);
	if (!strcmp(i->init, "no-cksum"))
		return cli_fail(i->c,
				"%s has no cksum, which checks each file that "
				"arrives. Install it (BusyBox: CONFIG_CKSUM)",
				i->destination);
	text_sanitize(i->uname);
	i->was_running = !strcmp(running, "yes");
	i->steps = i->kit.items;
	for (int n = 0; n < i->steps; n++) {
		line = strchr(line, '\n');
		if (!line || !line[1])
			return cli_fail(i->c,
					"%s reported the state of %d of %d "
					"files. Try again",
					i->destination, n, i->steps);
		line++;
		parse_place(&i->step[n], line);
		i->step[n].item = &i->kit.item[n];
	}
	return EXIT_OK;
}

/* --- plan --- */

static const char *action_word(const struct install_step *s)
{
	switch (s->action) {
	case INSTALL_PUT:
		return "put";
	case INSTALL_MAKE_LINK:
		return "link";
	case INSTALL_ASIDE_LINK:
		return "aside";
	case INSTALL_REMOVE:
		return "remove";
	default:
		return NULL;
	}
}

static const char *before_word(const struct install_step *s)
{
	return s->before == INSTALL_FILE   ? "file"
	       : s->before == INSTALL_LINK ? "link"
					   : "none";
}

static void add_step(struct text *t, int number, const struct install_step *s)
{
	char text[16];

	board_script_add_word(t, action_word(s));
	snprintf(text, sizeof(text), "%d", number);
	board_script_add_word(t, text);
	board_script_add_word(t, s->item->place);
	board_script_add_word(t, before_word(s));
	board_script_add_word(t, s->before == INSTALL_LINK ? s->target : "");
	snprintf(text, sizeof(text), "%08x", s->item->sum);
	board_script_add_word(t, s->action == INSTALL_PUT ? text
							  : s->item->target);
	snprintf(text, sizeof(text), "%04o", (unsigned int)s->item->mode);
	board_script_add_word(t, text);
}

void install_add_steps(const struct install *i, struct text *t)
{
	text_puts(t, "set --");
	for (int n = 0; n < i->steps; n++)
		if (action_word(&i->step[n]))
			add_step(t, n, &i->step[n]);
	text_puts(t, "\n");
}

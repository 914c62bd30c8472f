/* tether run and tether ssh: a command on the board, or a shell. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/board.h"
#include "cli/verbs.h"

const struct cli_choice run_choices[] = {
	BOARD_CHOICES,
	{ "tty", 't', NULL, "a terminal for the command, whatever stdin is" },
	{ 0 },
};

const struct cli_choice ssh_choices[] = { BOARD_CHOICES, { 0 } };

/* One argument is a line for the board's shell. Several are a command and its
 * arguments, each of which arrives as it is. */
static void make_command(const struct cli *c, struct text *t)
{
	if (c->arguments == 1) {
		text_puts(t, c->argument[0]);
		return;
	}
	for (int i = 0; i < c->arguments; i++) {
		if (i)
			text_puts(t, " ");
		text_quote(t, c->argument[i]);
	}
}

/* ssh takes tether's place: the exit code, signals and the terminal are its
 * own. */
static int become(const struct cli *c, const struct spawn_args *a)
{
	spawn_become(a);
	if (errno == ENOENT)
		return cli_fail(c,
				"%s is not installed. it is in OpenSSH's "
				"client package",
				a->v[0]);
	return cli_fail(c, "%s cannot be run: %s", a->v[0], strerror(errno));
}

int run_run(struct cli *c)
{
	struct spawn_args a = { 0 };
	struct text command = { 0 };
	struct board b;
	int status = board_find(c, NULL, &b);

	if (status)
		return status;
	make_command(c, &command);
	board_ssh(&b, &a,
		  cli_value(c, "tty") ||
			  (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)));
	spawn_add(&a, command.at);
	status = become(c, &a);
	text_free(&command);
	return status;
}

int ssh_run(struct cli *c)
{
	struct spawn_args a = { 0 };
	struct board b;
	int status = board_find(c, c->arguments ? c->argument[0] : NULL, &b);

	if (status)
		return status;
	board_ssh(&b, &a, isatty(STDIN_FILENO));
	return become(c, &a);
}

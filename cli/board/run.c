/* SPDX-License-Identifier: Apache-2.0 */
/* tether run and tether ssh: a command on the board, or a shell. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/board/board_target.h"
#include "cli/board/process_mark.h"
#include "cli/boards.h"

enum {
	SSH_FAILED = 255,
	END_MS = 12000,
};

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

static volatile sig_atomic_t told;

static void told_to_end(int number)
{
	told = number;
	cli_interrupted = 2;
}

static void take_signals(void)
{
	struct sigaction end = { .sa_handler = told_to_end };

	sigaction(SIGINT, &end, NULL);
	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGHUP, &end, NULL);
}

/* As if nothing had been in between. */
static int end_as_told(void)
{
	signal(told, SIG_DFL);
	raise(told);
	return EXIT_FAILED;
}

/* ssh with the terminal and the exit code of its own. What it says is shown at
 * once; where it fails by itself, what helps is said below. */
static int run_ssh(const struct cli *c, struct spawn_child *child,
		   const struct spawn_args *a)
{
	const char *advice;

	take_signals();
	spawn_run(child, &(struct spawn){ .args = a,
					  .in = STDIN_FILENO,
					  .terminal = true,
					  .copy_stderr = true });
	if (child->end == SPAWN_NOT_STARTED && child->code == ENOENT)
		return cli_fail(c,
				"%s is not installed. it is in OpenSSH's "
				"client package",
				a->v[0]);
	if (child->end == SPAWN_NOT_STARTED)
		return cli_fail(c, "%s cannot be run: %s", a->v[0],
				strerror(child->code));
	if (child->end != SPAWN_EXITED)
		return EXIT_FAILED;
	advice = child->code == SSH_FAILED ? board_advice(text_get(&child->err))
					   : NULL;
	if (advice)
		fprintf(stderr, "tether: %s\n", advice);
	return child->code;
}

/* Without a terminal there nothing ends with the connection. Nobody is asked
 * for a password now. */
static void end_command(struct board_target *b, const char *mark)
{
	struct spawn_args a = { 0 };
	struct spawn_child child;
	struct text script = { 0 };

	cli_interrupted = 0;
	setenv("TETHER_BATCH", "1", 1);
	process_mark_end_script(mark, &script);
	board_ssh(b, &a, false);
	spawn_add(&a, script.at);
	if (!spawn_run(&child, &(struct spawn){ .args = &a,
						.in = SPAWN_NOTHING,
						.group = true,
						.timeout_ms = END_MS }))
		fputs("tether: the command may still run on the board\n",
		      stderr);
	spawn_free(&child);
	text_free(&script);
}

int run_run(struct cli *c)
{
	struct spawn_args a = { 0 };
	struct spawn_child child;
	struct text command = { 0 };
	struct board_target b;
	bool terminal = cli_value(c, "tty") ||
			(isatty(STDIN_FILENO) && isatty(STDOUT_FILENO));
	char mark[PROCESS_MARK];
	int status = board_find(c, NULL, &b);

	if (status)
		return status;
	process_mark_make(mark);
	make_command(c, &command);
	if (!terminal)
		process_mark_wrap(mark, &command);
	board_ssh(&b, &a, terminal);
	spawn_add(&a, command.at);
	status = run_ssh(c, &child, &a);
	if (told && !terminal)
		end_command(&b, mark);
	spawn_free(&child);
	text_free(&command);
	return told ? end_as_told() : status;
}

int ssh_run(struct cli *c)
{
	struct spawn_args a = { 0 };
	struct spawn_child child;
	struct board_target b;
	int status = board_find(c, c->arguments ? c->argument[0] : NULL, &b);

	if (status)
		return status;
	board_ssh(&b, &a, isatty(STDIN_FILENO));
	status = run_ssh(c, &child, &a);
	spawn_free(&child);
	return told ? end_as_told() : status;
}

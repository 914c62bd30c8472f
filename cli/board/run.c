/* SPDX-License-Identifier: Apache-2.0 */
/* tether run and tether ssh: run a command, or open a shell, on the board. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/board/board_target.h"
#include "cli/board/process_mark.h"
#include "cli/verbs.h"

enum {
	SSH_FAILED = 255,
	END_MS = 12000,
};

/* The board's shell parses a single argument. Several arguments are a command
 * and its arguments, and arrive unchanged. */
static void compose_command(const struct cli *c, struct text *t)
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

static volatile sig_atomic_t caught; /* number of the signal */

static void catch_signal(int number)
{
	caught = number;
	cli_interrupted = 2;
}

static void catch_signals(void)
{
	struct sigaction end = { .sa_handler = catch_signal };

	sigaction(SIGINT, &end, NULL);
	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGHUP, &end, NULL);
}

/* End by the signal that was caught, so that the caller sees it. */
static int end_by_signal(void)
{
	signal(caught, SIG_DFL);
	raise(caught);
	return EXIT_FAILED;
}

/* Run ssh on this terminal and return its exit code. Its stderr appears at
 * once; advice follows if ssh itself failed. */
static int run_ssh(const struct cli *c, struct spawn_child *child,
		   const struct spawn_args *a)
{
	const char *advice;

	catch_signals();
	spawn_run(child, &(struct spawn){ .args = a,
					  .in = STDIN_FILENO,
					  .terminal = true,
					  .copy_stderr = true });
	if (child->end == SPAWN_NOT_STARTED && child->code == ENOENT)
		return cli_fail(c,
				"%s is not installed. Install the OpenSSH "
				"client",
				a->v[0]);
	if (child->end == SPAWN_NOT_STARTED)
		return cli_fail(c, "cannot run %s: %s", a->v[0],
				strerror(child->code));
	if (child->end != SPAWN_EXITED)
		return EXIT_FAILED;
	advice = child->code == SSH_FAILED
			 ? board_advice(text_get(&child->err))
			 : board_advice_expired(text_get(&child->err));
	if (advice && child->code)
		fprintf(stderr, "tether: %s\n", advice);
	return child->code;
}

/* End the marked command on the board, which without a terminal outlives the
 * connection. TETHER_BATCH keeps ssh from asking for a password. */
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
		fputs("tether: cannot end the command on the board; it may "
		      "still run\n",
		      stderr);
	spawn_free(&child);
	text_free(&script);
}

static int run_command(struct cli *c)
{
	struct spawn_args a = { 0 };
	struct spawn_child child;
	struct text command = { 0 };
	struct board_target b;
	bool terminal = cli_option_given(c, "tty") ||
			(isatty(STDIN_FILENO) && isatty(STDOUT_FILENO));
	char mark[PROCESS_MARK];
	int status = board_find(c, NULL, &b);

	if (status)
		return status;
	process_mark_make(mark);
	compose_command(c, &command);
	if (!terminal)
		process_mark_wrap(mark, &command);
	board_ssh(&b, &a, terminal);
	spawn_add(&a, command.at);
	status = run_ssh(c, &child, &a);
	if (caught && !terminal)
		end_command(&b, mark);
	spawn_free(&child);
	text_free(&command);
	return caught ? end_by_signal() : status;
}

static int run_shell(struct cli *c)
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
	return caught ? end_by_signal() : status;
}

static const struct cli_option shell_options[] = { BOARD_OPTIONS, { 0 } };

const struct cli_verb board_ssh_verb = {
	.name = "ssh",
	.synopsis = "[HOST]",
	.max_arguments = 1,
	.run = run_shell,
	.options = shell_options,
	.help = "Open a shell on the board",
	.examples = "tether ssh\n",
};

static const struct cli_option command_options[] = {
	BOARD_OPTIONS,
	{ .name = "tty",
	  .letter = 't',
	  .help = "Give the command a terminal on the board" },
	{ 0 },
};

const struct cli_verb board_run_verb = {
	.name = "run",
	.synopsis = "[OPTION]... [--] COMMAND [ARGUMENT]...",
	.min_arguments = 1,
	.max_arguments = CLI_ARGUMENTS,
	.run = run_command,
	.options = command_options,
	.order = CLI_BEFORE,
	.help = "Run a command on the board",
	.text = "The board's shell parses a single argument. Several arguments "
		"are a command\nand its arguments, and arrive unchanged. The "
		"exit code is the command's, or 255\nif ssh fails.",
	.examples = "tether run uname -a\n"
		    "tether run 'dmesg | tail'\n",
};

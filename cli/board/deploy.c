/* SPDX-License-Identifier: Apache-2.0 */
/* tether deploy: copies files to the board, once or at each change, and runs
 * the first. upload.h does the copying. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/board/upload.h"
#include "cli/color.h"
#include "cli/verbs.h"

enum {
	WATCH_MS = 300,
	RETRY_MS = 3000,
};

/* Properties of a file. A difference means that the file has changed. */
struct file_state {
	struct timespec changed;
	off_t size;
	ino_t inode;
};

struct deploy {
	struct cli *c;
	struct board_target board;
	struct upload_job job;
	struct file_state *last; /* of each file, when last checked */
	const char *to;
	struct spawn_child program; /* of --run */
	struct text command;
	struct spawn_args args;
};

/* --- one deployment --- */

static void report(const struct deploy *d, const struct upload *u,
		   const char *what, uint64_t ms, struct json_object *list)
{
	struct text place = { 0 };

	upload_place(u, &place);
	if (list) {
		struct json_object *o = json_object_new_object();

		cli_add_text(o, "file", u->path);
		cli_add_text(o, "place", place.at);
		cli_add_text(o, "state", what);
		cli_add_number(o, "bytes", u->size);
		cli_add_number(o, "ms", ms);
		json_object_array_add(list, o);
	} else if (ms) {
		color_print(d->c, stdout, COLOR_GOOD, 0, what);
		printf("  %s:%s  %llu bytes, %.1f MB/s\n", d->board.name,
		       place.at, (unsigned long long)u->size,
		       (double)u->size / (double)ms / 1000.0);
	} else {
		color_print(d->c, stdout, COLOR_GOOD, 0, what);
		printf("  %s:%s\n", d->board.name, place.at);
	}
	fflush(stdout);
	text_free(&place);
}

static int deploy_file(struct deploy *d, struct upload *u,
		       struct json_object *list)
{
	uint64_t started = spawn_now_ms();
	const char *what = u->up_to_date ? "unchanged" : "deployed";
	int status;

	if (cli_option_given(d->c, "dry-run")) {
		report(d, u, u->up_to_date ? "unchanged" : "would deploy", 0,
		       list);
		return EXIT_OK;
	}
	status = u->up_to_date ? upload_mode(&d->job, u)
			       : upload_send(&d->job, u);
	if (!status)
		report(d, u, what,
		       u->up_to_date ? 0 : spawn_now_ms() - started + 1, list);
	return status;
}

static int deploy_once(struct deploy *d)
{
	struct json_object *list = NULL;
	int status = EXIT_OK;

	for (int i = 0; i < d->job.files && !status; i++)
		status = upload_open(d->c, &d->job.file[i]);
	if (!status)
		status = upload_survey(&d->job, d->to);
	if (d->c->json)
		list = json_object_new_array();
	for (int i = 0; i < d->job.files && !status; i++)
		status = deploy_file(d, &d->job.file[i], list);
	if (list && !status)
		cli_print_json(list);
	else
		json_object_put(list);
	return status;
}

static void close_files(struct deploy *d)
{
	for (int i = 0; i < d->job.files; i++)
		upload_close(&d->job.file[i]);
}

/* --- program on the board --- */

static void compose_program(struct deploy *d, bool terminal)
{
	const struct upload *u = &d->job.file[0];

	d->command.len = 0;
	d->args.n = 0;
	text_puts(&d->command, "cd ");
	text_quote(&d->command, u->folder.at);
	text_puts(&d->command, " && exec ");
	{
		struct text here = { 0 };

		text_addf(&here, "./%s", u->name.at);
		text_quote(&d->command, here.at);
		text_free(&here);
	}
	for (int i = 0; i < d->c->rest; i++) {
		text_puts(&d->command, " ");
		text_quote(&d->command, d->c->behind[i]);
	}
	board_ssh(&d->board, &d->args, terminal);
	spawn_add(&d->args, d->command.at);
}

/* Returns the program's exit code. */
static int run_program(struct deploy *d)
{
	int status;

	compose_program(d, isatty(STDIN_FILENO) && isatty(STDOUT_FILENO));
	spawn_run(&d->program,
		  &(struct spawn){ .args = &d->args, .terminal = true });
	status = d->program.end == SPAWN_EXITED ? d->program.code : EXIT_FAILED;
	spawn_free(&d->program);
	return status;
}

static void stop_program(struct deploy *d)
{
	if (!d->program.pid)
		return;
	while (d->program.end == SPAWN_RUNS) {
		spawn_stop(&d->program, SPAWN_INTERRUPTED);
		poll(NULL, 0, 20);
		spawn_step(&d->program);
	}
	spawn_free(&d->program);
	d->program = (struct spawn_child){ 0 };
}

/* Start the program with a terminal on the board: when the connection ends, the
 * terminal ends the program. */
static void start_program(struct deploy *d)
{
	compose_program(d, true);
	spawn_start(&d->program,
		    &(struct spawn){ .args = &d->args, .terminal = true });
}

static void check_program(struct deploy *d)
{
	enum spawn_end before = d->program.end;

	if (!d->program.pid || before != SPAWN_RUNS)
		return;
	spawn_step(&d->program);
	if (d->program.end == SPAWN_EXITED)
		fprintf(stderr, "tether: %s exited with code %d\n",
			d->job.file[0].path, d->program.code);
}

/* --- watch --- */

static bool read_file_state(const char *path, struct file_state *now)
{
	struct stat s;

	if (stat(path, &s))
		return false; /* missing while a linker replaces it */
	now->changed = s.st_mtim;
	now->size = s.st_size;
	now->inode = s.st_ino;
	return true;
}

static bool differs(const struct file_state *a, const struct file_state *b)
{
	return a->changed.tv_sec != b->changed.tv_sec ||
	       a->changed.tv_nsec != b->changed.tv_nsec || a->size != b->size ||
	       a->inode != b->inode;
}

/* Update the state of all files. Returns true if one has changed and none is
 * missing. */
static bool check_changes(struct deploy *d)
{
	bool any = false, whole = true;

	for (int i = 0; i < d->job.files; i++) {
		struct file_state now = { 0 };

		if (!read_file_state(d->job.file[i].path, &now))
			whole = false;
		else if (differs(&now, &d->last[i])) {
			d->last[i] = now;
			any = true;
		}
	}
	return any && whole;
}

static void deploy_changes(struct deploy *d)
{
	/* Wait until the files stop changing: a linker may still write. */
	while (!cli_interrupted && check_changes(d))
		poll(NULL, 0, WATCH_MS);
	while (!cli_interrupted) {
		close_files(d);
		if (!deploy_once(d))
			break;
		poll(NULL, 0, RETRY_MS);
	}
	if (cli_option_given(d->c, "run") && !cli_interrupted)
		start_program(d);
}

static int watch(struct deploy *d)
{
	check_changes(d);
	if (cli_option_given(d->c, "run"))
		start_program(d);
	while (!cli_interrupted) {
		poll(NULL, 0, WATCH_MS);
		check_program(d);
		if (!check_changes(d))
			continue;
		stop_program(d);
		deploy_changes(d);
	}
	stop_program(d);
	return EXIT_OK;
}

/* --- verb --- */

static void interrupt(int number)
{
	(void)number;
	cli_interrupted = 2;
}

/* Without --run, the words behind -- are files, too. */
static void list_files(struct deploy *d)
{
	struct cli *c = d->c;
	bool more = !cli_option_given(c, "run");

	d->job.files = c->arguments + (more ? c->rest : 0);
	d->job.file = text_allocate((size_t)d->job.files, sizeof(*d->job.file));
	d->last = text_allocate((size_t)d->job.files, sizeof(*d->last));
	for (int i = 0; i < d->job.files; i++) {
		d->job.file[i].path = i < c->arguments
					      ? c->argument[i]
					      : c->behind[i - c->arguments];
		d->job.file[i].fd = -1;
	}
}

/* Check that no two files have the same name: all go into one folder. */
static int check_file_names(const struct deploy *d)
{
	for (int i = 0; i < d->job.files; i++)
		for (int k = 0; k < i; k++) {
			const struct upload *one = &d->job.file[k];
			const struct upload *other = &d->job.file[i];

			if (!strcmp(upload_name(one), upload_name(other)))
				return cli_fail(d->c,
						"%s and %s would replace each "
						"other on the board. Deploy "
						"them separately with --to",
						one->path, other->path);
		}
	return EXIT_OK;
}

/* Apply --name. */
static int set_name(struct deploy *d)
{
	const char *name = cli_option_text(d->c, "name");

	if (!name)
		return EXIT_OK;
	if (!*name || strchr(name, '/') || !strcmp(name, ".") ||
	    !strcmp(name, ".."))
		return cli_fail(d->c,
				"--name %s is not the name of a file. Give a "
				"name without /",
				name);
	if (d->job.files != 1)
		return cli_fail(d->c,
				"--name is for a single file, but %d are "
				"given",
				d->job.files);
	d->job.file[0].as = name;
	return EXIT_OK;
}

static int deploy_all(struct deploy *d)
{
	bool dry = cli_option_given(d->c, "dry-run");
	int status;

	for (int i = 0; i < d->job.files; i++)
		read_file_state(d->job.file[i].path, &d->last[i]);
	status = deploy_once(d);
	if (status || dry)
		return status;
	if (cli_option_given(d->c, "watch"))
		return watch(d);
	return cli_option_given(d->c, "run") ? run_program(d) : EXIT_OK;
}

static int run(struct cli *c)
{
	struct deploy d = { .c = c };
	int status = board_find(c, NULL, &d.board);

	list_files(&d);
	d.job.c = c;
	d.job.board = &d.board;
	d.to = cli_option_text(c, "to");
	if (!d.to)
		d.to = d.board.to[0] ? d.board.to : ".";
	if (!status && !d.job.files)
		status = cli_fail_usage(c, "no file given");
	if (!status)
		status = set_name(&d);
	if (!status)
		status = check_file_names(&d);
	if (!status && !*d.to)
		status = cli_fail(c,
				  "--to is empty. Give a folder on the board");
	if (!status) {
		struct sigaction end = { .sa_handler = interrupt };

		sigaction(SIGTERM, &end, NULL);
		sigaction(SIGHUP, &end, NULL);
		board_share(&d.board);
		status = deploy_all(&d);
		board_unshare(&d.board);
	}
	close_files(&d);
	text_free(&d.command);
	free(d.job.file);
	free(d.last);
	return status;
}

static const struct cli_option options[] = {
	BOARD_OPTIONS,
	{ .name = "to",
	  .value = "DIR",
	  .type = CLI_TEXT,
	  .help = "Copy to this folder, or a single file to this name" },
	{ .name = "name",
	  .value = "NAME",
	  .type = CLI_TEXT,
	  .help = "Give a single file this name in the folder" },
	{ .name = "run", .help = "Run the first file with the ARGUMENTs" },
	{ .name = "watch",
	  .letter = 'w',
	  .help = "Deploy again whenever a file changes" },
	{ .name = "dry-run", .help = "Print the plan, send nothing" },
	{ 0 },
};

const struct cli_verb board_deploy_verb = {
	.name = "deploy",
	.synopsis = "FILE... [OPTION]... [-- ARGUMENT...]",
	.max_arguments = CLI_ARGUMENTS,
	.run = run,
	.options = options,
	.order = CLI_TWO_LISTS,
	.help = "Copy files to the board atomically",
	.text = "Each file is written under a temporary name in its folder, "
		"compared by its\nchecksum, and renamed. Its mode is kept. "
		"Files that the board already has are\nnot sent. A symbolic "
		"link on the board is replaced, not followed.\n"
		"Without --to, files go to the folder `to` of the board's "
		"configuration, else to\nthe home folder.",
	.examples = "tether deploy --to /opt/app build/app app.conf\n"
		    "tether deploy build/app --watch --run -- --verbose\n",
};

/* SPDX-License-Identifier: Apache-2.0 */
/* tether deploy: files onto a board, once or at each change, and run. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/board/upload.h"
#include "cli/boards.h"

enum {
	WATCH_MS = 300,
	RETRY_MS = 3000,
};

const struct cli_choice deploy_choices[] = {
	BOARD_CHOICES,
	{ "to", 0, "DIR",
	  "where to: a folder, for a single file its name as well; else the "
	  "board's `to` in the config file, else the home folder" },
	{ "run", 0, NULL,
	  "run the first file there; ARGUMENTs for it stand behind --" },
	{ "watch", 'w', NULL, "deploy again whenever a file changes" },
	{ "dry-run", 0, NULL, "say what would be sent, and send nothing" },
	{ 0 },
};

/* What a file looked like when it was last dealt with. */
struct seen {
	struct timespec changed;
	off_t size;
	ino_t inode;
};

struct deploy {
	struct cli *c;
	struct board_target board;
	struct upload_job job;
	struct seen *seen;
	const char *to;
	struct spawn_child program; /* --watch --run */
	struct text command;
	struct spawn_args args;
};

/* --- once --- */

static void tell(const struct deploy *d, const struct upload *u,
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
		printf("%s  %s:%s  %llu bytes, %.1f MB/s\n", what,
		       d->board.name, place.at, (unsigned long long)u->size,
		       (double)u->size / (double)ms / 1000.0);
	} else {
		printf("%s  %s:%s\n", what, d->board.name, place.at);
	}
	fflush(stdout);
	text_free(&place);
}

static int deploy_file(struct deploy *d, struct upload *u,
		       struct json_object *list)
{
	uint64_t started = spawn_now_ms();
	const char *what = u->same ? "unchanged" : "deployed";
	int status;

	if (cli_value(d->c, "dry-run")) {
		tell(d, u, u->same ? "unchanged" : "would deploy", 0, list);
		return EXIT_OK;
	}
	status = u->same ? upload_mode(&d->job, u) : upload_send(&d->job, u);
	if (!status)
		tell(d, u, what, u->same ? 0 : spawn_now_ms() - started + 1,
		     list);
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

/* --- the program --- */

static void make_program(struct deploy *d, bool terminal)
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

/* Its exit code is tether's. */
static int run_program(struct deploy *d)
{
	int status;

	make_program(d, isatty(STDIN_FILENO) && isatty(STDOUT_FILENO));
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

/* With a terminal there, so that the program ends with its connection. */
static void start_program(struct deploy *d)
{
	make_program(d, true);
	spawn_start(&d->program,
		    &(struct spawn){ .args = &d->args, .terminal = true });
}

static void watch_program(struct deploy *d)
{
	enum spawn_end before = d->program.end;

	if (!d->program.pid || before != SPAWN_RUNS)
		return;
	spawn_step(&d->program);
	if (d->program.end == SPAWN_EXITED)
		fprintf(stderr, "tether: %s ended with %d\n",
			d->job.file[0].path, d->program.code);
}

/* --- again and again --- */

static bool look(const char *path, struct seen *now)
{
	struct stat s;

	if (stat(path, &s))
		return false; /* a compiler has removed it for a moment */
	now->changed = s.st_mtim;
	now->size = s.st_size;
	now->inode = s.st_ino;
	return true;
}

static bool differs(const struct seen *a, const struct seen *b)
{
	return a->changed.tv_sec != b->changed.tv_sec ||
	       a->changed.tv_nsec != b->changed.tv_nsec || a->size != b->size ||
	       a->inode != b->inode;
}

/* Remember all; true: something is different, and all are there. */
static bool changed(struct deploy *d)
{
	bool any = false, whole = true;

	for (int i = 0; i < d->job.files; i++) {
		struct seen now = { 0 };

		if (!look(d->job.file[i].path, &now))
			whole = false;
		else if (differs(&now, &d->seen[i])) {
			d->seen[i] = now;
			any = true;
		}
	}
	return any && whole;
}

static void watch_turn(struct deploy *d)
{
	/* Until it holds still: whoever writes it may not be done. */
	while (!cli_interrupted && changed(d))
		poll(NULL, 0, WATCH_MS);
	while (!cli_interrupted) {
		close_files(d);
		if (!deploy_once(d))
			break;
		poll(NULL, 0, RETRY_MS);
	}
	if (cli_value(d->c, "run") && !cli_interrupted)
		start_program(d);
}

static int watch(struct deploy *d)
{
	changed(d);
	if (cli_value(d->c, "run"))
		start_program(d);
	while (!cli_interrupted) {
		poll(NULL, 0, WATCH_MS);
		watch_program(d);
		if (!changed(d))
			continue;
		stop_program(d);
		watch_turn(d);
	}
	stop_program(d);
	return EXIT_OK;
}

/* --- the verb --- */

static void told_to_end(int number)
{
	(void)number;
	cli_interrupted = 2;
}

/* Without --run, what stands behind -- are files as well. */
static void list_files(struct deploy *d)
{
	struct cli *c = d->c;
	bool more = !cli_value(c, "run");

	d->job.files = c->arguments + (more ? c->rest : 0);
	d->job.file = text_allocate((size_t)d->job.files, sizeof(*d->job.file));
	d->seen = text_allocate((size_t)d->job.files, sizeof(*d->seen));
	for (int i = 0; i < d->job.files; i++) {
		d->job.file[i].path = i < c->arguments
					      ? c->argument[i]
					      : c->behind[i - c->arguments];
		d->job.file[i].fd = -1;
	}
}

/* All go into one folder, by their last names. */
static int check_names(const struct deploy *d)
{
	for (int i = 0; i < d->job.files; i++)
		for (int k = 0; k < i; k++) {
			const char *one = d->job.file[k].path;
			const char *other = d->job.file[i].path;

			if (!strcmp(upload_name(one), upload_name(other)))
				return cli_fail(d->c,
						"%s and %s have the same name, "
						"and on the board there would "
						"be one of them. deploy them "
						"apart, with --to",
						one, other);
		}
	return EXIT_OK;
}

static int deploy_all(struct deploy *d)
{
	bool dry = cli_value(d->c, "dry-run");
	int status;

	for (int i = 0; i < d->job.files; i++)
		look(d->job.file[i].path, &d->seen[i]);
	status = deploy_once(d);
	if (status || dry)
		return status;
	if (cli_value(d->c, "watch"))
		return watch(d);
	return cli_value(d->c, "run") ? run_program(d) : EXIT_OK;
}

int deploy_run(struct cli *c)
{
	struct deploy d = { .c = c };
	int status = board_find(c, NULL, &d.board);

	list_files(&d);
	d.job.c = c;
	d.job.board = &d.board;
	d.to = cli_value(c, "to");
	if (!d.to)
		d.to = d.board.to[0] ? d.board.to : ".";
	if (!status && !d.job.files) {
		fprintf(stderr, "tether deploy: an argument is missing\n");
		status = EXIT_USAGE;
	}
	if (!status)
		status = check_names(&d);
	if (!status && !*d.to)
		status = cli_fail(c, "--to is empty. expected a folder");
	if (!status) {
		struct sigaction end = { .sa_handler = told_to_end };

		sigaction(SIGTERM, &end, NULL);
		sigaction(SIGHUP, &end, NULL);
		board_share(&d.board);
		status = deploy_all(&d);
		board_unshare(&d.board);
	}
	close_files(&d);
	text_free(&d.command);
	free(d.job.file);
	free(d.seen);
	return status;
}

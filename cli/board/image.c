/* SPDX-License-Identifier: Apache-2.0 */
/* tether image: a board's image by Buildroot, in a container or in place. */
/* realpath() is X/Open's in some C libraries. */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/board/flash.h"
#include "cli/spawn.h"
#include "cli/boards.h"

const struct cli_choice image_choices[] = {
	{ "board", 'b', "BOARD", "Buildroot's board (stm32mp157c-dk2)" },
	{ "engine", 'e', "ENGINE", "docker, podman, or none: in place (none)" },
	{ "container", 0, "IMAGE",
	  "the container's image (stm32mp1-sdk), with what Buildroot needs" },
	{ "buildroot", 0, "DIR", "Buildroot's sources (buildroot)" },
	{ "external", 0, "DIR", "a br2-external tree (tether's own)" },
	{ "output", 'o', "DIR", "where it builds (output)" },
	{ "to", 0, "DIR", "collect: where to (images)" },
	{ "fixed", 0, NULL, "flash: a disk that is built in as well" },
	{ "dry-run", 0, NULL, "print what would be run or written" },
	{ 0 },
};

#ifndef TETHER_SHARE_DIR
#define TETHER_SHARE_DIR "/usr/share/tether"
#endif
#define OWN_EXTERNAL "/packaging/buildroot"

struct image {
	struct cli *c;
	const char *engine;
	struct text buildroot, external, output, cache;
	struct text sources; /* tether's, where external is its own */
	uid_t uid;	     /* in a container */
	gid_t gid;
	struct text mount[4], defconfig, user, word[4];
	struct spawn_args args;
};

static const char *option(const struct image *i, const char *name,
			  const char *otherwise)
{
	const char *value = cli_value(i->c, name);

	return value ? value : otherwise;
}

/* A folder as a program that runs elsewhere has to be told it. */
static int absolute(struct image *i, const char *folder, bool make,
		    struct text *t)
{
	char *here;

	if (make && mkdir(folder, 0755) && errno != EEXIST)
		return cli_fail(i->c, "making %s: %s", folder, strerror(errno));
	if (access(folder, X_OK))
		return cli_fail(i->c, "%s: %s", folder, strerror(errno));
	if (folder[0] != '/') {
		here = getcwd(text_grow(t, 4096), 4096);
		t->len = here ? strlen(here) : 0;
		text_puts(t, "/");
	}
	text_puts(t, folder);
	if (strchr(t->at, ':'))
		return cli_fail(i->c,
				"%s: a folder for a container has no : "
				"in its name",
				t->at);
	return EXIT_OK;
}

/* tether's own br2-external builds tetherd of the tree that it is in: where
 * FOLDER is one, that tree. */
static int find_sources(struct image *i, const char *folder)
{
	struct text path = { 0 };
	char *tree = NULL;
	int status = EXIT_OK;

	text_addf(&path, "%s/../..", folder);
	tree = realpath(path.at, NULL);
	path.len = 0;
	text_addf(&path, "%s" OWN_EXTERNAL "/package/tetherd/tetherd.mk",
		  tree ? tree : folder);
	if (tree && access(path.at, R_OK) == 0)
		status = absolute(i, tree, false, &i->sources);
	free(tree);
	text_free(&path);
	return status;
}

/* Beside the program where it was built or installed, else where it was to be
 * installed. */
static int find_own_external(struct image *i)
{
	static const char *const places[] = { "/../..", "/../share/tether" };
	const char *slash = strrchr(cli_program, '/');
	struct text path = { 0 };
	int status = EXIT_OK;

	for (size_t n = 0; n < 2 && slash && !status && !i->sources.len; n++) {
		path.len = 0;
		text_add(&path, cli_program, (size_t)(slash - cli_program));
		text_addf(&path, "%s" OWN_EXTERNAL, places[n]);
		status = find_sources(i, path.at);
	}
	if (!status && !i->sources.len)
		status = find_sources(i, TETHER_SHARE_DIR OWN_EXTERNAL);
	text_free(&path);
	if (i->sources.len)
		text_addf(&i->external, "%s" OWN_EXTERNAL, i->sources.at);
	else if (!status)
		fputs("tether: without tetherd: its br2-external tree is not "
		      "here. --external SOURCES/packaging/buildroot names it\n",
		      stderr);
	return status;
}

static int find_external(struct image *i)
{
	const char *external = cli_value(i->c, "external");
	int status;

	if (!external)
		return find_own_external(i);
	status = absolute(i, external, false, &i->external);
	return status ? status : find_sources(i, i->external.at);
}

static bool inside(const struct image *i)
{
	return strcmp(i->engine, "none") != 0;
}

/* Of root the one whom the output is to belong to. */
static int find_user(struct image *i)
{
	struct stat s;

	i->uid = getuid();
	i->gid = getgid();
	if (i->uid || !inside(i))
		return EXIT_OK;
	if (stat(i->output.at, &s) || !s.st_uid)
		return cli_fail(i->c,
				"Buildroot does not run as root, neither in a "
				"container. be an ordinary user, or let %s "
				"belong to one",
				i->output.at);
	i->uid = s.st_uid;
	i->gid = s.st_gid;
	if (chown(i->cache.at, i->uid, i->gid))
		return cli_fail(i->c, "%s: %s", i->cache.at, strerror(errno));
	return EXIT_OK;
}

static int find_folders(struct image *i)
{
	const char *home = getenv("HOME");
	struct text path = { 0 };
	int status = absolute(i, option(i, "buildroot", "buildroot"), false,
			      &i->buildroot);

	if (status)
		fputs("tether: Buildroot's sources are needed: git clone "
		      "https://gitlab.com/buildroot.org/buildroot.git, or "
		      "--buildroot DIR\n",
		      stderr);
	if (!status)
		status = find_external(i);
	if (!status)
		status = absolute(i, option(i, "output", "output"), true,
				  &i->output);
	if (!status && strcmp(i->engine, "none") != 0) {
		text_addf(&path, "%s/.cache", home ? home : "/tmp");
		mkdir(path.at, 0700);
		text_puts(&path, "/tether-image");
		status = absolute(i, path.at, true, &i->cache);
		text_free(&path);
	}
	if (!status)
		status = find_user(i);
	return status;
}

static void add_mount(struct image *i, int n, const struct text *folder,
		      const char *inside)
{
	if (!folder->len)
		return;
	text_addf(&i->mount[n], "%s:%s", folder->at, inside);
	spawn_add(&i->args, "-v");
	spawn_add(&i->args, i->mount[n].at);
}

/* As find_user() has it, so that what is built belongs to him. Sources are
 * mounted read-only. */
static void add_container(struct image *i)
{
	struct spawn_args *a = &i->args;

	spawn_add(a, i->engine);
	spawn_add(a, "run");
	spawn_add(a, "--rm");
	spawn_add(a, "--init");
	spawn_add(a,
		  isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) ? "-it" : "-i");
	if (!strcmp(i->engine, "podman") && getuid() != 0)
		spawn_add(a, "--userns=keep-id"); /* refused to root */
	text_addf(&i->user, "%lu:%lu", (unsigned long)i->uid,
		  (unsigned long)i->gid);
	spawn_add(a, "--user");
	spawn_add(a, i->user.at);
	add_mount(i, 0, &i->buildroot, "/buildroot:ro");
	if (i->sources.len)
		add_mount(i, 1, &i->sources, "/tether:ro");
	else
		add_mount(i, 1, &i->external, "/external:ro");
	add_mount(i, 2, &i->output, "/output");
	add_mount(i, 3, &i->cache, "/cache");
	spawn_add(a, "-e");
	spawn_add(a, "HOME=/tmp");
	spawn_add(a, "-e");
	spawn_add(a, "BR2_DL_DIR=/cache/dl");
	spawn_add(a, "-w");
	spawn_add(a, "/output");
	spawn_add(a, "--");
	spawn_add(a, option(i, "container", "stm32mp1-sdk"));
}

/* make -C BUILDROOT O=OUTPUT BR2_EXTERNAL=EXTERNAL TARGET */
static void add_make(struct image *i, const char *target)
{
	bool inside = strcmp(i->engine, "none") != 0;
	const char *external =
		i->sources.len ? "/tether" OWN_EXTERNAL : "/external";

	spawn_add(&i->args, "make");
	text_addf(&i->word[0], "-C%s", inside ? "/buildroot" : i->buildroot.at);
	spawn_add(&i->args, i->word[0].at);
	text_addf(&i->word[1], "O=%s", inside ? "/output" : i->output.at);
	spawn_add(&i->args, i->word[1].at);
	if (i->external.len) {
		text_addf(&i->word[2], "BR2_EXTERNAL=%s",
			  inside ? external : i->external.at);
		spawn_add(&i->args, i->word[2].at);
	}
	if (target)
		spawn_add(&i->args, target);
}

static void forget_line(struct image *i)
{
	i->args.n = 0;
	for (int n = 0; n < 4; n++) {
		text_free(&i->mount[n]);
		text_free(&i->word[n]);
	}
	text_free(&i->user);
}

/* Run what args say, on the terminal; its exit code is tether's. */
static int run_line(struct image *i)
{
	struct spawn_child child;
	struct text t = { 0 };
	int status;

	if (cli_value(i->c, "dry-run")) {
		for (int n = 0; n < i->args.n; n++) {
			text_puts(&t, n ? " " : "");
			text_quote(&t, i->args.v[n]);
		}
		puts(t.at);
		text_free(&t);
		forget_line(i);
		return EXIT_OK;
	}
	spawn_run(&child,
		  &(struct spawn){ .args = &i->args, .terminal = true });
	status = child.end == SPAWN_EXITED ? child.code : EXIT_FAILED;
	if (child.end != SPAWN_EXITED) {
		spawn_describe(&child, &t);
		cli_fail_text(i->c, t.at);
		text_free(&t);
	}
	spawn_free(&child);
	forget_line(i);
	return status;
}

static int make_target(struct image *i, const char *target)
{
	if (inside(i))
		add_container(i);
	add_make(i, target);
	return run_line(i);
}

/* The board's configuration for make: the external tree's, where it has one,
 * else Buildroot's own. */
static void name_defconfig(struct image *i, const char *board)
{
	struct text path = { 0 };

	text_addf(&i->defconfig, "tether_%s_defconfig", board);
	for (char *s = i->defconfig.at; *s; s++)
		if (*s == '-')
			*s = '_';
	text_addf(&path, "%s/configs/%s", i->external.at, i->defconfig.at);
	if (!i->sources.len || access(path.at, R_OK) != 0)
		memmove(i->defconfig.at, i->defconfig.at + 7,
			strlen(i->defconfig.at) - 6);
	text_free(&path);
}

/* The first time with the board's configuration. */
static int configure(struct image *i)
{
	const char *board = option(i, "board", "stm32mp157c-dk2");
	struct text config = { 0 };
	bool there;

	text_addf(&config, "%s/.config", i->output.at);
	there = access(config.at, F_OK) == 0;
	text_free(&config);
	if (there)
		return EXIT_OK;
	if (board[strspn(board, "abcdefghijklmnopqrstuvwxyz0123456789_-")])
		return cli_fail(i->c,
				"--board %s: expected a name as "
				"stm32mp157c-dk2",
				board);
	name_defconfig(i, board);
	return make_target(i, i->defconfig.at);
}

static int build(struct image *i)
{
	int status = configure(i);

	if (status)
		return status;
	if (!i->c->rest)
		return make_target(i, NULL);
	if (inside(i))
		add_container(i);
	else if (chdir(i->output.at))
		return cli_fail(i->c, "%s: %s", i->output.at, strerror(errno));
	for (int n = 0; n < i->c->rest && n < 64; n++)
		spawn_add(&i->args, i->c->behind[n]);
	return run_line(i);
}

static int shell(struct image *i)
{
	if (inside(i))
		add_container(i);
	else if (chdir(i->output.at))
		return cli_fail(i->c, "%s: %s", i->output.at, strerror(errno));
	spawn_add(&i->args, "sh");
	return run_line(i);
}

static int collect(struct image *i)
{
	struct text to = { 0 };
	int status = absolute(i, option(i, "to", "images"), true, &to);

	text_addf(&i->word[0], "%s/images/.", i->output.at);
	if (!status && access(i->word[0].at, F_OK))
		status = cli_fail(i->c,
				  "%s is not there yet: `tether image "
				  "build` makes it",
				  i->word[0].at);
	if (!status) {
		spawn_add(&i->args, "cp");
		spawn_add(&i->args, "-R");
		spawn_add(&i->args, i->word[0].at);
		spawn_add(&i->args, to.at);
		status = run_line(i);
	}
	text_free(&to);
	return status;
}

static int show_status(struct image *i)
{
	static const char *const files[] = { ".config", "images/sdcard.img",
					     "images/zImage", "images/fip.bin",
					     "images/rootfs.ext4" };
	struct json_object *o = json_object_new_object();

	for (size_t n = 0; n < sizeof(files) / sizeof(files[0]); n++) {
		struct text path = { 0 };
		struct stat s;
		bool there;

		text_addf(&path, "%s/%s", i->output.at, files[n]);
		there = stat(path.at, &s) == 0;
		if (!i->c->json && there)
			printf("%-20s %lld bytes\n", files[n],
			       (long long)s.st_size);
		else if (!i->c->json)
			printf("%-20s not there\n", files[n]);
		if (there)
			cli_add_number(o, files[n], (uint64_t)s.st_size);
		text_free(&path);
	}
	if (i->c->json)
		cli_print_json(o);
	else
		json_object_put(o);
	return EXIT_OK;
}

static int in_output(struct image *i, int (*work)(struct image *i))
{
	int status =
		absolute(i, option(i, "output", "output"), false, &i->output);

	return status ? status : work(i);
}

static int with_buildroot(struct image *i, int (*work)(struct image *i))
{
	int status;

	if (!inside(i) && getuid() == 0 && !cli_value(i->c, "dry-run"))
		return cli_fail(i->c, "Buildroot does not run as root. be an "
				      "ordinary user, or take --engine with an "
				      "--output folder that belongs to one");
	status = find_folders(i);
	return status ? status : work(i);
}

static int dispatch(struct image *i, const char *word)
{
	if (!strcmp(word, "build"))
		return with_buildroot(i, build);
	if (!strcmp(word, "shell"))
		return with_buildroot(i, shell);
	if (!strcmp(word, "collect"))
		return in_output(i, collect);
	if (!strcmp(word, "status"))
		return in_output(i, show_status);
	fprintf(stderr,
		"tether image: %s: expected build, shell, collect, status or "
		"flash\n",
		word);
	return EXIT_USAGE;
}

int image_run(struct cli *c)
{
	struct image i = { .c = c };
	bool flash = !strcmp(c->argument[0], "flash");
	int status;

	i.engine = option(&i, "engine", "none");
	if (c->arguments != (flash ? 3 : 1)) {
		fputs("tether image: expected build, shell, collect, status, "
		      "or flash FILE DEVICE\n",
		      stderr);
		return EXIT_USAGE;
	}
	if (strcmp(i.engine, "none") != 0 && strcmp(i.engine, "docker") != 0 &&
	    strcmp(i.engine, "podman") != 0)
		return cli_fail(c,
				"--engine %s: expected docker, podman or "
				"none",
				i.engine);
	status = flash ? flash_image(c, c->argument[1], c->argument[2])
		       : dispatch(&i, c->argument[0]);
	forget_line(&i);
	text_free(&i.buildroot);
	text_free(&i.external);
	text_free(&i.sources);
	text_free(&i.output);
	text_free(&i.cache);
	text_free(&i.defconfig);
	return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* tether image: builds a board's image with Buildroot, in a container or in
 * place. flash.h writes it to a card. */
/* Some C libraries declare realpath() for X/Open only. */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/board/flash.h"
#include "cli/spawn.h"
#include "cli/verbs.h"

#ifndef TETHER_SHARE_DIR
#define TETHER_SHARE_DIR "/usr/share/tether"
#endif
#define OWN_EXTERNAL "/packaging/buildroot"

struct image {
	struct cli *c;
	const char *engine;
	struct text buildroot, external, output, cache;
	struct text sources; /* of tether, if external is its own tree */
	uid_t uid;	     /* in the container */
	gid_t gid;
	struct text mount[4], defconfig, user, word[4];
	struct spawn_args args;
};

/* Append the absolute path of a folder, which is created with `make`. */
static int absolute(struct image *i, const char *folder, bool make,
		    struct text *t)
{
	char *here;

	if (make && mkdir(folder, 0755) && errno != EEXIST)
		return cli_fail(i->c, "cannot create %s: %s", folder,
				strerror(errno));
	if (access(folder, X_OK))
		return cli_fail(i->c, "cannot enter %s: %s", folder,
				strerror(errno));
	if (folder[0] != '/') {
		here = getcwd(text_grow(t, 4096), 4096);
		t->len = here ? strlen(here) : 0;
		text_puts(t, "/");
	}
	text_puts(t, folder);
	if (strchr(t->at, ':'))
		return cli_fail(i->c,
				"%s: containers allow no : in a folder's name. "
				"Rename it",
				t->at);
	return EXIT_OK;
}

/* Whether DIR/../.. has the sources of tetherd and tether's own br2-external
 * tree, which builds tetherd from them. */
static bool is_own_external(const char *folder)
{
	struct text path = { 0 };
	bool own;

	text_addf(&path, "%s/../.." OWN_EXTERNAL "/package/tetherd/tetherd.mk",
		  folder);
	own = access(path.at, R_OK) == 0;
	text_free(&path);
	return own;
}

/* If the folder is tether's own br2-external tree, find its sources. */
static int find_sources(struct image *i, const char *folder)
{
	struct text path = { 0 };
	char *tree = NULL;
	int status = EXIT_OK;

	if (is_own_external(folder)) {
		text_addf(&path, "%s/../..", folder);
		tree = realpath(path.at, NULL);
	}
	if (tree)
		status = absolute(i, tree, false, &i->sources);
	free(tree);
	text_free(&path);
	return status;
}

/* Look beside the program, then in the installation folder. */
static int find_own_external(struct image *i)
{
	static const char *const places[] = { "/../.." OWN_EXTERNAL,
					      "/../share/tether" OWN_EXTERNAL };
	struct text path = { 0 };
	int status;

	if (!cli_find_beside(places, 2, is_own_external, &path))
		text_puts(&path, TETHER_SHARE_DIR OWN_EXTERNAL);
	status = find_sources(i, path.at);
	text_free(&path);
	if (!status && !i->sources.len)
		return cli_fail(i->c,
				"the image would not contain tetherd: "
				"its br2-external tree is missing. Install the "
				"package tether, give the tree with --external "
				"SOURCES/packaging/buildroot, or build without "
				"tetherd by --without-tetherd");
	if (!status)
		text_addf(&i->external, "%s" OWN_EXTERNAL, i->sources.at);
	return status;
}

static int find_external(struct image *i)
{
	const char *external = cli_option_text(i->c, "external");
	int status;

	if (cli_option_given(i->c, "without-tetherd") && external)
		return cli_fail_usage(i->c, "--external and --without-tetherd "
					    "exclude each other");
	if (cli_option_given(i->c, "without-tetherd"))
		return EXIT_OK;
	if (!external)
		return find_own_external(i);
	status = absolute(i, external, false, &i->external);
	return status ? status : find_sources(i, i->external.at);
}

static bool uses_container(const struct image *i)
{
	return strcmp(i->engine, "none") != 0;
}

/* Find the user who builds: the calling user, or for root the owner of the
 * output folder. */
static int find_user(struct image *i)
{
	struct stat s;

	i->uid = getuid();
	i->gid = getgid();
	if (i->uid || !uses_container(i))
		return EXIT_OK;
	if (stat(i->output.at, &s) || !s.st_uid)
		return cli_fail(i->c,
				"Buildroot does not run as root, not even in a "
				"container. Be an ordinary user, or give %s to "
				"one with chown",
				i->output.at);
	i->uid = s.st_uid;
	i->gid = s.st_gid;
	if (chown(i->cache.at, i->uid, i->gid))
		return cli_fail(i->c, "cannot change the owner of %s: %s",
				i->cache.at, strerror(errno));
	return EXIT_OK;
}

static int find_folders(struct image *i)
{
	const char *home = getenv("HOME");
	struct text path = { 0 };
	int status = absolute(i, cli_option_text(i->c, "buildroot"), false,
			      &i->buildroot);

	if (status && !i->c->json)
		fputs("tether: fetch Buildroot with `git clone "
		      "https://gitlab.com/buildroot.org/buildroot.git`, or "
		      "give its folder with --buildroot\n",
		      stderr);
	if (!status)
		status = find_external(i);
	if (!status)
		status = absolute(i, cli_option_text(i->c, "output"), true,
				  &i->output);
	if (!status && uses_container(i)) {
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

/* The container runs as the user of find_user(), who owns the output. Sources
 * are mounted read-only. */
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
		spawn_add(a, "--userns=keep-id"); /* root may not use it */
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
	spawn_add(a, cli_option_text(i->c, "container"));
}

/* Append: make -C BUILDROOT O=OUTPUT BR2_EXTERNAL=EXTERNAL TARGET */
static void add_make(struct image *i, const char *target)
{
	bool inside = uses_container(i);
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

static void free_line(struct image *i)
{
	i->args.n = 0;
	for (int n = 0; n < 4; n++) {
		text_free(&i->mount[n]);
		text_free(&i->word[n]);
	}
	text_free(&i->user);
}

/* Run the command line on the terminal. Returns its exit code. */
static int run_line(struct image *i)
{
	struct spawn_child child;
	struct text t = { 0 };
	int status;

	if (cli_option_given(i->c, "dry-run")) {
		for (int n = 0; n < i->args.n; n++) {
			text_puts(&t, n ? " " : "");
			text_quote(&t, i->args.v[n]);
		}
		puts(t.at);
		text_free(&t);
		free_line(i);
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
	free_line(i);
	return status;
}

static int make_target(struct image *i, const char *target)
{
	if (uses_container(i))
		add_container(i);
	add_make(i, target);
	return run_line(i);
}

/* Choose the defconfig: that of tether's own tree if it has one for the board,
 * else Buildroot's, in which the user can select tetherd. */
static void choose_defconfig(struct image *i, const char *board)
{
	struct text path = { 0 };
	bool own;

	text_addf(&i->defconfig, "tether_%s_defconfig", board);
	for (char *s = i->defconfig.at; *s; s++)
		if (*s == '-')
			*s = '_';
	text_addf(&path, "%s/configs/%s", text_get(&i->external),
		  i->defconfig.at);
	own = i->sources.len && access(path.at, R_OK) == 0;
	text_free(&path);
	if (own)
		return;
	memmove(i->defconfig.at, i->defconfig.at + 7,
		strlen(i->defconfig.at) - 6);
	if (i->sources.len)
		fprintf(stderr,
			"tether: Buildroot's %s does not contain tetherd. "
			"Select BR2_PACKAGE_TETHERD with `tether image build "
			"-- make menuconfig`\n",
			i->defconfig.at);
}

/* Configure for the board, unless the output folder is configured. */
static int configure(struct image *i)
{
	const char *board = cli_option_text(i->c, "board");
	struct text config = { 0 };
	bool there;

	text_addf(&config, "%s/.config", i->output.at);
	there = access(config.at, F_OK) == 0;
	text_free(&config);
	if (there)
		return EXIT_OK;
	if (board[strspn(board, "abcdefghijklmnopqrstuvwxyz0123456789_-")])
		return cli_fail(i->c,
				"invalid --board %s. Give a name such as "
				"stm32mp157c-dk2",
				board);
	choose_defconfig(i, board);
	return make_target(i, i->defconfig.at);
}

static int build(struct image *i)
{
	int status = configure(i);

	if (status)
		return status;
	if (!i->c->rest)
		return make_target(i, NULL);
	if (uses_container(i))
		add_container(i);
	else if (chdir(i->output.at))
		return cli_fail(i->c, "cannot enter %s: %s", i->output.at,
				strerror(errno));
	for (int n = 0; n < i->c->rest && n < 64; n++)
		spawn_add(&i->args, i->c->behind[n]);
	return run_line(i);
}

static int shell(struct image *i)
{
	if (uses_container(i))
		add_container(i);
	else if (chdir(i->output.at))
		return cli_fail(i->c, "cannot enter %s: %s", i->output.at,
				strerror(errno));
	spawn_add(&i->args, "sh");
	return run_line(i);
}

static int collect(struct image *i)
{
	struct text to = { 0 };
	int status = absolute(i, cli_option_text(i->c, "to"), true, &to);

	text_addf(&i->word[0], "%s/images/.", i->output.at);
	if (!status && access(i->word[0].at, F_OK))
		status = cli_fail(i->c,
				  "%s does not exist. Build it with `tether "
				  "image build`",
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
			printf("%-20s missing\n", files[n]);
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
		absolute(i, cli_option_text(i->c, "output"), false, &i->output);

	return status ? status : work(i);
}

static int with_buildroot(struct image *i, int (*work)(struct image *i))
{
	int status;

	if (!uses_container(i) && getuid() == 0 &&
	    !cli_option_given(i->c, "dry-run"))
		return cli_fail(i->c, "Buildroot does not run as root. Be an "
				      "ordinary user, or use --engine with an "
				      "--output folder that belongs to one");
	status = find_folders(i);
	return status ? status : work(i);
}

static int run_with(struct cli *c,
		    int (*prepare)(struct image *i,
				   int (*work)(struct image *i)),
		    int (*work)(struct image *i))
{
	struct image i = { .c = c, .engine = cli_option_text(c, "engine") };
	int status = prepare(&i, work);

	free_line(&i);
	text_free(&i.buildroot);
	text_free(&i.external);
	text_free(&i.sources);
	text_free(&i.output);
	text_free(&i.cache);
	text_free(&i.defconfig);
	return status;
}

static int run_build(struct cli *c)
{
	return run_with(c, with_buildroot, build);
}

static int run_shell(struct cli *c)
{
	return run_with(c, with_buildroot, shell);
}

static int run_collect(struct cli *c)
{
	return run_with(c, in_output, collect);
}

static int run_status(struct cli *c)
{
	return run_with(c, in_output, show_status);
}

static int run_flash(struct cli *c)
{
	return flash_image(c, c->argument[0], c->argument[1]);
}

static const struct cli_option options[] = {
	{ .name = "board",
	  .letter = 'b',
	  .value = "BOARD",
	  .type = CLI_TEXT,
	  .default_value = "stm32mp157c-dk2",
	  .help = "Configure for this board of Buildroot" },
	{ .name = "engine",
	  .letter = 'e',
	  .value = "ENGINE",
	  .type = CLI_CHOICE,
	  .choices = CLI_CHOICES("none", "docker", "podman"),
	  .default_value = "none",
	  .help = "Build in a container of this engine" },
	{ .name = "container",
	  .value = "IMAGE",
	  .type = CLI_TEXT,
	  .default_value = "stm32mp1-sdk",
	  .help = "Use this container image with Buildroot's tools" },
	{ .name = "buildroot",
	  .value = "DIR",
	  .type = CLI_FOLDER,
	  .default_value = "buildroot",
	  .help = "Use the sources of Buildroot in DIR" },
	{ .name = "external",
	  .value = "DIR",
	  .type = CLI_FOLDER,
	  .help = "Use this br2-external tree instead of tether's own" },
	{ .name = "without-tetherd",
	  .help = "Build Buildroot's own image, without tetherd" },
	{ .name = "output",
	  .letter = 'o',
	  .value = "DIR",
	  .type = CLI_FOLDER,
	  .default_value = "output",
	  .help = "Build in DIR" },
	{ .name = "to",
	  .value = "DIR",
	  .type = CLI_FOLDER,
	  .default_value = "images",
	  .help = "With collect: copy the images to DIR" },
	{ .name = "fixed",
	  .help = "With flash: allow a disk that is not removable" },
	{ .name = "dry-run", .help = "Print the commands, run nothing" },
	{ 0 },
};

static const struct cli_option flash_arguments[] = {
	{ .name = "FILE", .type = CLI_FILE },
	{ .name = "DEVICE", .type = CLI_FILE },
	{ 0 },
};

static const struct cli_word words[] = {
	{ .name = "build", .run = run_build, .help = "Build the image" },
	{ .name = "shell",
	  .run = run_shell,
	  .help = "Open a shell where the image is built" },
	{ .name = "collect",
	  .run = run_collect,
	  .help = "Copy the images out of the output folder" },
	{ .name = "status",
	  .run = run_status,
	  .help = "Print which images exist" },
	{ .name = "flash",
	  CLI_TAKES(flash_arguments, 2, 2),
	  .run = run_flash,
	  .help = "Write FILE to the card DEVICE and read it back" },
	{ 0 },
};

const struct cli_verb board_image_verb = {
	.name = "image",
	.synopsis = "build | shell | collect | status | flash FILE DEVICE",
	.min_arguments = 1,
	.options = options,
	.words = words,
	.order = CLI_TWO_LISTS,
	.help = "Build a board image by Buildroot, or write it to a card",
	.text = "build configures for the board at first, then runs make. A "
		"command behind -- is\nrun instead of make. flash refuses a "
		"disk that is in use.",
	.examples = "tether image build --engine docker\n"
		    "tether image flash images/sdcard.img /dev/sdX\n",
};

/* SPDX-License-Identifier: Apache-2.0 */
/* The ways of `tether install` that run shell programs: a serial console, a
 * mounted root file system, a board over SSH. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/board/board_script.h"
#include "cli/board/path_roots.h"
#include "cli/board/userfile.h"
#include "cli/install/install.h"
#include "cli/install/install_scripts.h"
#include "cli/spawn.h"

enum { SCRIPT_MS = 300000, ELF_HEAD = 1 << 24 };

/* --- serial --- */

static int serial_failed(struct install *i, const char *what)
{
	return cli_fail(i->c, "%s %s: %s", what, i->destination,
			i->console.error);
}

static int serial_open(struct install *i)
{
	i->console.folder = INSTALL_FOLDER;
	if (console_open(&i->console, i->destination,
			 cli_option_text(i->c, "user"),
			 getenv("TETHER_PASSWORD")))
		return serial_failed(i, "cannot log in at");
	return EXIT_OK;
}

static int serial_run(struct install *i, const char *script, struct text *out)
{
	int code;

	if (console_run(&i->console, script, out, &code))
		return serial_failed(i, "cannot run a script over");
	if (!code)
		return EXIT_OK;
	text_chomp(out);
	if (out->len)
		text_sanitize(out->at);
	return cli_fail(i->c,
			"a script on the board failed with exit code %d: %s",
			code, text_get(out));
}

static int serial_put(struct install *i, const struct kit_item *item)
{
	char name[16];

	snprintf(name, sizeof(name), "%08x", item->sum);
	i->console.cli = i->c;
	i->console.what = item->place;
	if (console_put(&i->console, name, text_get(&item->content),
			item->content.len))
		return serial_failed(i, "cannot send a file over");
	return EXIT_OK;
}

static void serial_close(struct install *i)
{
	console_close(&i->console);
}

const struct install_way install_serial = {
	.option = "serial",
	.live = true,
	.open = serial_open,
	.run = serial_run,
	.put = serial_put,
	.close = serial_close,
};

/* --- mounted root --- */

/* Check that a path stays inside the mounted root: a link there may lead
 * anywhere, even to this host's /etc. */
static int check_place(struct install *i, const struct path_roots *w,
		       const char *place)
{
	struct text path = { 0 }, real = { 0 };
	int status = EXIT_OK;

	text_addf(&path, "%s%.*s", i->root.at,
		  (int)(strrchr(place, '/') - place), place);
	if (!path_roots_check(w, path.at, &real))
		status = cli_fail(i->c,
				  "%s leads out of %s through a link. Nothing "
				  "was changed",
				  path.at, i->destination);
	text_free(&path);
	text_free(&real);
	return status;
}

static int check_inside(struct install *i)
{
	struct path_roots w = { 0 };
	int status;

	if (!path_roots_allow(&w, i->destination))
		return cli_fail(i->c,
				"cannot open %s: %s. Give the folder where the "
				"board's root file system is mounted",
				i->destination, strerror(errno));
	text_add(&i->root, w.root[0].at, w.root[0].len);
	status = check_place(i, &w, INSTALL_FOLDER "/");
	for (int n = 0; n < i->kit.items && !status; n++)
		status = check_place(i, &w, i->kit.item[n].place);
	path_roots_free(&w);
	return status;
}

static int rootfs_open(struct install *i)
{
	int status = check_inside(i);
	struct text usr = { 0 };

	if (status)
		return status;
	if (!i->root.len)
		return cli_fail(i->c,
				"%s is the root of this host. Give the folder "
				"where the board's root is mounted",
				i->destination);
	text_addf(&usr, "%s/usr", i->root.at);
	if (access(usr.at, F_OK))
		status = cli_fail(i->c,
				  "%s is not a root file system: it has no "
				  "folder usr",
				  i->destination);
	text_free(&usr);
	return status;
}

static int rootfs_run(struct install *i, const char *script, struct text *out)
{
	struct spawn_args a = { 0 };
	struct spawn_child child;
	int status = EXIT_OK;

	spawn_add(&a, "sh");
	spawn_add(&a, "-c");
	spawn_add(&a, script);
	if (spawn_run(&child, &(struct spawn){ .args = &a,
					       .in = SPAWN_NOTHING,
					       .timeout_ms = SCRIPT_MS })) {
		text_add(out, text_get(&child.out), child.out.len);
	} else {
		struct text output = { 0 };

		text_puts(&output, text_get(&child.err));
		text_chomp(&output);
		status =
			cli_fail(i->c,
				 "cannot change %s: %s\nThe files of a mounted "
				 "card belong to root. Run tether with sudo",
				 i->destination, text_get(&output));
		text_free(&output);
	}
	spawn_free(&child);
	return status;
}

static int rootfs_put(struct install *i, const struct kit_item *item)
{
	struct text path = { 0 };
	int status = EXIT_OK;

	text_addf(&path, "%s" INSTALL_FOLDER "/%08x", i->root.at, item->sum);
	if (userfile_write(path.at, &item->content))
		status = cli_fail(i->c,
				  "cannot write %s: %s. The files of a mounted "
				  "card belong to root. Run tether with sudo",
				  path.at, strerror(errno));
	text_free(&path);
	return status;
}

/* Read the state. `uname -m` would name this host's machine, so read the
 * board's from the ELF header of one of its programs. */
static int rootfs_read_state(struct install *i)
{
	static const char *const programs[] = {
		"/bin/busybox.nosuid", "/bin/busybox",	"/bin/sh",
		"/usr/bin/busybox",    "/usr/bin/bash", "/usr/bin/dash"
	};
	struct text script = { 0 }, output = { 0 }, path = { 0 }, head = { 0 };
	int status;

	install_add_state_script(i, &script);
	status = rootfs_run(i, script.at, &output);
	if (!status)
		status = install_parse_state(i, output.at);
	snprintf(i->uname, sizeof(i->uname), "unknown");
	for (size_t n = 0;
	     n < sizeof(programs) / sizeof(programs[0]) && !i->machine; n++) {
		path.len = head.len = 0;
		text_addf(&path, "%s%s", i->root.at, programs[n]);
		if (!text_read(&head, path.at, ELF_HEAD))
			i->machine = kit_machine_of(head.at, head.len);
	}
	text_free(&script);
	text_free(&output);
	text_free(&path);
	text_free(&head);
	return status;
}

static void rootfs_close(struct install *i)
{
	(void)i;
}

const struct install_way install_rootfs = {
	.option = "rootfs",
	.open = rootfs_open,
	.run = rootfs_run,
	.put = rootfs_put,
	.read_state = rootfs_read_state,
	.close = rootfs_close,
};

/* --- SSH --- */

static int ssh_open(struct install *i)
{
	int status = board_find(i->c, i->destination, &i->board);

	if (!status)
		board_share(&i->board);
	return status;
}

int install_run_over_ssh(struct install *i, const char *script, int in,
			 struct text *out)
{
	struct spawn_args a = { 0 };
	struct spawn_child child;
	struct text command = { 0 };
	int status = EXIT_OK;

	board_script_add_command(&command, script);
	board_ssh(&i->board, &a, false);
	spawn_add(&a, command.at);
	if (spawn_run(&child, &(struct spawn){ .args = &a,
					       .in = in,
					       .timeout_ms = SCRIPT_MS }))
		text_add(out, text_get(&child.out), child.out.len);
	else
		status = board_fail(i->c, &i->board, &child,
				    "cannot install on");
	spawn_free(&child);
	text_free(&command);
	return status;
}

static int ssh_run_script(struct install *i, const char *script,
			  struct text *out)
{
	return install_run_over_ssh(i, script, SPAWN_NOTHING, out);
}

static void ssh_close(struct install *i)
{
	board_unshare(&i->board);
}

const struct install_way install_ssh = {
	.option = "ssh",
	.live = true,
	.open = ssh_open,
	.run = ssh_run_script,
	.apply = install_switch,
	.close = ssh_close,
};

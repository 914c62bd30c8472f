/* SPDX-License-Identifier: Apache-2.0 */
/* The ways of `tether install` that are shells: a serial console, a folder of
 * this host, a board over SSH. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/install/install.h"
#include "cli/spawn.h"
#include "cli/board/userfile.h"
#include "cli/board/path_roots.h"

enum { SCRIPT_MS = 300000, ELF_HEAD = 1 << 24 };

static bool shows(const struct install *i)
{
	return !i->c->json && isatty(STDERR_FILENO);
}

/* --- serial --- */

static int serial_failed(struct install *i, const char *what)
{
	return cli_fail(i->c, "%s %s: %s", what, i->where, i->console.error);
}

static int serial_open(struct install *i)
{
	const char *user = cli_value(i->c, "user");

	i->console.folder = INSTALL_FOLDER;
	if (console_open(&i->console, i->where, user ? user : "root",
			 getenv("TETHER_PASSWORD")))
		return serial_failed(i, "the console at");
	return EXIT_OK;
}

static int serial_run(struct install *i, const char *script, struct text *out)
{
	int code;

	if (console_run(&i->console, script, out, &code))
		return serial_failed(i, "running a script over");
	if (!code)
		return EXIT_OK;
	text_chomp(out);
	if (out->len)
		text_tame(out->at);
	return cli_fail(i->c, "the board's shell ended with %d: %s", code,
			text_get(out));
}

static int serial_put(struct install *i, const struct kit_item *item)
{
	char name[16];

	snprintf(name, sizeof(name), "%08x", item->sum);
	if (console_put(&i->console, name, text_get(&item->content),
			item->content.len, shows(i)))
		return serial_failed(i, "sending over");
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

/* --- a folder --- */

/* A link in an image may lead anywhere, for instance into this host's /etc. */
static int check_inside(struct install *i)
{
	struct path_roots w = { 0 };
	struct text real = { 0 }, path = { 0 };
	int status = EXIT_OK;

	if (!path_roots_allow(&w, i->where))
		return cli_fail(i->c,
				"%s: %s. expected the folder of a root "
				"file system",
				i->where, strerror(errno));
	text_add(&i->root, w.root[0].at, w.root[0].len);
	for (int n = -1; n < i->kit.items && !status; n++) {
		const char *place =
			n < 0 ? INSTALL_FOLDER "/" : i->kit.item[n].place;

		path.len = real.len = 0;
		text_add(&path, place, (size_t)(strrchr(place, '/') - place));
		place = path.at;
		{
			struct text whole = { 0 };

			text_addf(&whole, "%s%s", i->root.at, place);
			if (!path_roots_check(&w, whole.at, &real))
				status = cli_fail(i->c,
						  "%s leads out of %s by a "
						  "link. nothing was changed",
						  whole.at, i->where);
			text_free(&whole);
		}
	}
	path_roots_free(&w);
	text_free(&real);
	text_free(&path);
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
				"%s is this host's own root. expected "
				"a board's",
				i->where);
	text_addf(&usr, "%s/usr", i->root.at);
	if (access(usr.at, F_OK))
		status = cli_fail(i->c,
				  "%s has no usr: it is no root file "
				  "system",
				  i->where);
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
		struct text said = { 0 };

		text_puts(&said, text_get(&child.err));
		text_chomp(&said);
		status = cli_fail(i->c,
				  "changing %s: %s\nroot owns the files of a "
				  "mounted card: call it by sudo",
				  i->where, text_get(&said));
		text_free(&said);
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
				  "writing %s: %s. root owns the files of a "
				  "mounted card: call it by sudo",
				  path.at, strerror(errno));
	text_free(&path);
	return status;
}

/* The board's own programs say what it is. */
static int rootfs_look(struct install *i)
{
	static const char *const programs[] = {
		"/bin/busybox.nosuid", "/bin/busybox",	"/bin/sh",
		"/usr/bin/busybox",    "/usr/bin/bash", "/usr/bin/dash"
	};
	struct text script = { 0 }, said = { 0 }, path = { 0 }, head = { 0 };
	int status;

	install_look_script(i, &script);
	status = rootfs_run(i, script.at, &said);
	if (!status)
		status = install_take_look(i, said.at);
	snprintf(i->uname, sizeof(i->uname), "unknown");
	for (size_t n = 0;
	     n < sizeof(programs) / sizeof(programs[0]) && !i->machine; n++) {
		path.len = head.len = 0;
		text_addf(&path, "%s%s", i->root.at, programs[n]);
		if (!text_read(&head, path.at, ELF_HEAD))
			i->machine = kit_machine_of(head.at, head.len);
	}
	text_free(&script);
	text_free(&said);
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
	.look = rootfs_look,
	.close = rootfs_close,
};

/* --- SSH --- */

static int ssh_open(struct install *i)
{
	int status = board_find(i->c, i->where, &i->board);

	if (!status)
		board_share(&i->board);
	return status;
}

/* A script as the board's shell takes it, and what it reads. */
static int ssh_script(struct install *i, const char *script, int in,
		      struct text *out)
{
	struct spawn_args a = { 0 };
	struct spawn_child child;
	struct text command = { 0 };
	int status = EXIT_OK;

	text_puts(&command, "exec sh -c ");
	text_quote(&command, script);
	board_ssh(&i->board, &a, false);
	spawn_add(&a, command.at);
	if (spawn_run(&child, &(struct spawn){ .args = &a,
					       .in = in,
					       .timeout_ms = SCRIPT_MS }))
		text_add(out, text_get(&child.out), child.out.len);
	else
		status = board_fail(i->c, &i->board, &child, "installing on");
	spawn_free(&child);
	text_free(&command);
	return status;
}

static int ssh_run_script(struct install *i, const char *script,
			  struct text *out)
{
	return ssh_script(i, script, SPAWN_NOTHING, out);
}

static int ssh_put(struct install *i, const struct kit_item *item)
{
	struct text script = { 0 }, out = { 0 };
	FILE *f = tmpfile();
	int status;

	if (!f ||
	    fwrite(text_get(&item->content), 1, item->content.len, f) !=
		    item->content.len ||
	    fflush(f) || fseek(f, 0, SEEK_SET)) {
		if (f)
			fclose(f);
		return cli_fail(i->c, "a temporary file: %s", strerror(errno));
	}
	text_addf(&script,
		  "umask 077; mkdir -p " INSTALL_FOLDER " && cd " INSTALL_FOLDER
		  " && cat >%08x.part && "
		  "set -- $(cksum <%08x.part) && [ \"$1\" = %lu ] && "
		  "mv -f %08x.part %08x",
		  item->sum, item->sum, (unsigned long)item->sum, item->sum,
		  item->sum);
	status = ssh_script(i, script.at, fileno(f), &out);
	fclose(f);
	text_free(&script);
	text_free(&out);
	return status;
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
	.put = ssh_put,
	.close = ssh_close,
};

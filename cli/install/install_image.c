/* SPDX-License-Identifier: Apache-2.0 */
/* tether install --image: changes an ext2, ext3 or ext4 file system inside an
 * image with debugfs of e2fsprogs, as an ordinary user. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/board/cksum.h"
#include "cli/install/install.h"
#include "cli/board/partition.h"
#include "cli/spawn.h"

enum {
	DEBUGFS_MS = 600000,
	PROGRAM_SIZE_MAX = 1 << 24,
};

/* --- e2fsprogs --- */

static int report_failure(struct install *i, const struct spawn_child *child)
{
	struct text why = { 0 }, said = { 0 };

	spawn_describe(child, &why);
	text_puts(&said, text_get(&child->err));
	text_chomp(&said);
	text_sanitize(said.len ? said.at : why.at);
	cli_fail(i->c, "%s: %s%s%.300s", i->destination, why.at,
		 said.len ? "\n" : "", text_get(&said));
	text_free(&why);
	text_free(&said);
	return EXIT_FAILED;
}

/* Some systems have these programs in /sbin only, outside of a user's PATH. */
static const char *find_program(const char *name, const char *sbin)
{
	return access(sbin, X_OK) == 0 ? sbin : name;
}

/* Run debugfs, which reports errors on stderr only. `out` may be NULL. */
static int debugfs(struct install *i, const char *option, const char *commands,
		   bool change, struct text *out)
{
	struct spawn_args a = { 0 };
	struct spawn_child child;
	int status = EXIT_OK;

	spawn_add(&a, find_program("debugfs", "/usr/sbin/debugfs"));
	if (change)
		spawn_add(&a, "-w");
	spawn_add(&a, option);
	spawn_add(&a, commands);
	spawn_add(&a, i->image_option.at);
	if (!spawn_run(&child, &(struct spawn){ .args = &a,
						.in = SPAWN_NOTHING,
						.timeout_ms = DEBUGFS_MS }))
		status = report_failure(i, &child);
	else if (out)
		text_add(out, text_get(&child.out), child.out.len);
	spawn_free(&child);
	return status;
}

static int check_file_system(struct install *i, const char *when)
{
	struct spawn_args a = { 0 };
	struct spawn_child child;
	int status = EXIT_OK;

	spawn_add(&a, find_program("e2fsck", "/usr/sbin/e2fsck"));
	spawn_add(&a, "-fn");
	spawn_add(&a, i->image_option.at);
	if (!spawn_run(&child, &(struct spawn){ .args = &a,
						.in = SPAWN_NOTHING,
						.timeout_ms = DEBUGFS_MS })) {
		if (child.end == SPAWN_EXITED)
			status = cli_fail(
				i->c,
				"%s: the file system is damaged %s. Check it "
				"with `e2fsck -f`",
				i->destination, when);
		else
			status = report_failure(i, &child);
	}
	spawn_free(&child);
	return status;
}

/* --- state --- */

static int image_open(struct install *i)
{
	int fd = open(i->destination, O_RDWR | O_CLOEXEC);
	uint64_t offset;
	struct stat s;
	bool found;

	if (fd < 0)
		return cli_fail(i->c, "cannot open %s: %s", i->destination,
				strerror(errno));
	if (fstat(fd, &s) || !S_ISREG(s.st_mode)) {
		close(fd);
		return cli_fail(
			i->c,
			"%s is not a regular file. For a card, mount it "
			"and use --rootfs",
			i->destination);
	}
	found = partition_find_root(fd, &offset);
	close(fd);
	if (!found)
		return cli_fail(i->c,
				"%s has no partition `rootfs` with ext4, and "
				"is not such a file system itself",
				i->destination);
	/* e2fsprogs parses the text after ? as options. */
	if (strpbrk(i->destination, "?\"\n"))
		return cli_fail(
			i->c,
			"%s: e2fsprogs allows no ? or quote in the name. "
			"Rename the file",
			i->destination);
	text_addf(&i->image_option, "%s?offset=%llu", i->destination,
		  (unsigned long long)offset);
	return check_file_system(i, "before any change");
}

/* Read a file of the image into t. */
static int read_file(struct install *i, const char *path, struct text *t)
{
	char temporary[] = "/tmp/tether-image-XXXXXX";
	struct text command = { 0 };
	int fd = mkstemp(temporary), status;

	if (fd < 0)
		return cli_fail(i->c, "cannot create a temporary file: %s",
				strerror(errno));
	close(fd);
	text_addf(&command, "dump \"%s\" %s", path, temporary);
	status = debugfs(i, "-R", command.at, false, NULL);
	if (!status && text_read(t, temporary, PROGRAM_SIZE_MAX))
		status = cli_fail(i->c, "cannot read %s in %s: %s", path,
				  i->destination, strerror(errno));
	unlink(temporary);
	text_free(&command);
	return status;
}

/* debugfs prints "Type: regular", or for links "Fast link dest: "/dev/null"".
 */
static int read_place(struct install *i, const char *path,
		      struct install_step *s)
{
	struct text command = { 0 }, said = { 0 }, content = { 0 };
	const char *link;
	int status;

	text_addf(&command, "stat \"%s\"", path);
	status = debugfs(i, "-R", command.at, false, &said);
	s->before = said.len ? INSTALL_OTHER : INSTALL_NONE;
	if (strstr(text_get(&said), "Type: regular")) {
		s->before = INSTALL_FILE;
		status = read_file(i, path, &content);
		s->sum = cksum_final(
			cksum_update(0, text_get(&content), content.len),
			content.len);
	} else if (strstr(text_get(&said), "Type: symlink")) {
		s->before = INSTALL_LINK;
		link = strstr(text_get(&said), "link dest: \"");
		if (link)
			(void)sscanf(link + 12, "%127[^\"]", s->target);
	}
	text_free(&command);
	text_free(&said);
	text_free(&content);
	return status;
}

static bool exists(struct install *i, const char *path)
{
	struct install_step s = { 0 };

	return !read_place(i, path, &s) && s.before != INSTALL_NONE;
}

static void find_machine(struct install *i)
{
	static const char *const programs[] = { "/bin/busybox.nosuid",
						"/bin/busybox", "/bin/bash",
						"/bin/sh" };
	struct text t = { 0 };

	for (size_t n = 0;
	     n < sizeof(programs) / sizeof(programs[0]) && !i->machine; n++) {
		t.len = 0;
		if (exists(i, programs[n]) && !read_file(i, programs[n], &t))
			i->machine = kit_machine_of(text_get(&t), t.len);
	}
	text_free(&t);
}

static int image_read_state(struct install *i)
{
	int status = EXIT_OK;

	snprintf(i->init, sizeof(i->init), "%s",
		 exists(i, "/lib/systemd/systemd") ||
				 exists(i, "/usr/lib/systemd/systemd")
			 ? "systemd"
		 : exists(i, "/etc/init.d") ? "busybox"
					    : "none");
	find_machine(i);
	i->steps = i->kit.items;
	for (int n = 0; n < i->steps && !status; n++) {
		i->step[n].item = &i->kit.item[n];
		status = read_place(i, i->kit.item[n].place, &i->step[n]);
	}
	return status;
}

/* --- applying --- */

/* Append commands that create the missing folders above a path. */
static void add_folders(struct install *i, struct text *t, const char *path)
{
	struct text folder = { 0 };

	for (const char *s = strchr(path + 1, '/'); s; s = strchr(s + 1, '/')) {
		folder.len = 0;
		text_add(&folder, path, (size_t)(s - path));
		if (exists(i, folder.at))
			continue;
		text_addf(t, "mkdir \"%s\"\n", folder.at);
	}
	text_free(&folder);
}

/* debugfs creates files in its current folder. */
static void add_cd(struct text *t, const char *path)
{
	text_addf(t, "cd \"%.*s\"\n", (int)(strrchr(path, '/') - path), path);
}

static int write_temporary(struct install *i, const struct kit_item *item,
			   const char *path)
{
	FILE *f = fopen(path, "w");
	bool fine = f && fwrite(text_get(&item->content), 1, item->content.len,
				f) == item->content.len;

	if (f && fclose(f))
		fine = false;
	return fine ? EXIT_OK
		    : cli_fail(i->c, "cannot write %s: %s", path,
			       strerror(errno));
}

static int add_step(struct install *i, int n, const char *folder,
		    struct text *t)
{
	const struct install_step *s = &i->step[n];
	const char *path = s->item->place, *name = strrchr(path, '/') + 1;
	char temporary[64];

	if (s->action == INSTALL_SKIP || s->action == INSTALL_KEEP)
		return EXIT_OK;
	add_folders(i, t, path);
	if (s->action == INSTALL_ASIDE_LINK)
		text_addf(t,
			  "ln \"%s\" \"%s" INSTALL_ASIDE "\"\nunlink \"%s\"\n",
			  path, path, path);
	else if (s->before != INSTALL_NONE)
		text_addf(t, "rm \"%s\"\n", path);
	if (s->action == INSTALL_MAKE_LINK || s->action == INSTALL_ASIDE_LINK) {
		add_cd(t, path);
		text_addf(t, "symlink \"%s\" \"%s\"\n", name, s->item->target);
	} else if (s->action == INSTALL_PUT) {
		snprintf(temporary, sizeof(temporary), "%s/%d", folder, n);
		add_cd(t, path);
		text_addf(t,
			  "write %s \"%s\"\nsif \"%s\" mode 0%o\n"
			  "sif \"%s\" uid 0\nsif \"%s\" gid 0\n",
			  temporary, name, name,
			  0100000U | (unsigned int)s->item->mode, name, name);
		return write_temporary(i, s->item, temporary);
	} else if (s->before == INSTALL_LINK) {
		struct text aside = { 0 };

		text_addf(&aside, "%s" INSTALL_ASIDE, path);
		if (exists(i, aside.at))
			text_addf(t, "ln \"%s\" \"%s\"\nunlink \"%s\"\n",
				  aside.at, path, aside.at);
		text_free(&aside);
	}
	return EXIT_OK;
}

/* Check each change, because the exit code of debugfs does not show failures.
 */
static int verify(struct install *i)
{
	int status = check_file_system(
		i, "after the changes. Start with a fresh image");

	for (int n = 0; n < i->steps && !status; n++) {
		const struct install_step *s = &i->step[n];
		struct install_step now = { .item = s->item };
		bool fine = true;

		status = read_place(i, s->item->place, &now);
		if (s->action == INSTALL_PUT)
			fine = now.before == INSTALL_FILE &&
			       now.sum == s->item->sum;
		else if (s->action == INSTALL_MAKE_LINK ||
			 s->action == INSTALL_ASIDE_LINK)
			fine = now.before == INSTALL_LINK &&
			       !strcmp(now.target, s->item->target);
		if (!fine && !status)
			status = cli_fail(
				i->c,
				"cannot write %s into %s, which may be full. "
				"Start with a fresh image",
				s->item->place, i->destination);
	}
	return status;
}

static int image_apply(struct install *i)
{
	char folder[] = "/tmp/tether-image-XXXXXX", path[64];
	struct text commands = { 0 };
	int status = EXIT_OK;
	FILE *f;

	if (!mkdtemp(folder))
		return cli_fail(i->c, "cannot create a temporary folder: %s",
				strerror(errno));
	for (int n = 0; n < i->steps && !status; n++)
		status = add_step(i, n, folder, &commands);
	snprintf(path, sizeof(path), "%s/commands", folder);
	f = fopen(path, "w");
	if (!status && (!f || fputs(text_get(&commands), f) < 0))
		status = cli_fail(i->c, "cannot write %s: %s", path,
				  strerror(errno));
	if (f)
		fclose(f);
	if (!status)
		status = debugfs(i, "-f", path, true, NULL);
	unlink(path);
	for (int n = 0; n < i->steps; n++) {
		snprintf(path, sizeof(path), "%s/%d", folder, n);
		unlink(path);
	}
	rmdir(folder);
	text_free(&commands);
	return status ? status : verify(i);
}

static void image_close(struct install *i)
{
	(void)i;
}

const struct install_way install_image = {
	.option = "image",
	.open = image_open,
	.read_state = image_read_state,
	.apply = image_apply,
	.close = image_close,
};

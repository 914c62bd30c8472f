/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/hold.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/cli.h"
#include "cli/spawn.h"
#include "cli/text.h"

enum { RETRY_MS = 20, HOLDER = 160 };

/* --- the folder --- */

/* Create a folder that only this user may change. Returns false if it is
 * somebody else's. */
static bool make_folder(const char *path)
{
	struct stat s;

	(void)mkdir(path, 0700);
	return !lstat(path, &s) && S_ISDIR(s.st_mode) &&
	       s.st_uid == geteuid() && !(s.st_mode & (S_IWGRP | S_IWOTH));
}

/* Write the path of the lock file. Returns false without a folder for it. */
static bool find_file(const char *key, struct text *path)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	if (runtime && *runtime == '/')
		text_addf(path, "%s/tether", runtime);
	if (!path->len || !make_folder(path->at)) {
		path->len = 0;
		text_addf(path, "/tmp/tether-%lu", (unsigned long)geteuid());
		if (!make_folder(path->at))
			return false;
	}
	text_puts(path, "/");
	for (; *key; key++)
		text_add(path, strchr("/\\", *key) ? "_" : key, 1);
	return true;
}

/* --- locks --- */

static bool lock(int fd)
{
	struct flock f = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_SETLK, &f) == 0;
}

/* Write "mctp echo 1234\n", for the error of others. */
static void write_holder(const struct cli *c, int fd)
{
	char text[HOLDER];
	int len = snprintf(text, sizeof(text), "%ld %s\n", (long)getpid(),
			   c->verb);

	if (!ftruncate(fd, 0) && len > 0 && len < HOLDER)
		(void)!pwrite(fd, text, (size_t)len, 0);
}

/* Read "`tether mctp echo` (process 1234)" from the file, or "another tether".
 * Returns text. */
static char *read_holder(int fd, char text[HOLDER])
{
	char line[HOLDER];
	ssize_t len = pread(fd, line, sizeof(line) - 1, 0);
	char *space;

	line[len > 0 ? len : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	text_sanitize(line);
	space = strchr(line, ' ');
	if (!space) {
		snprintf(text, HOLDER, "another tether");
		return text;
	}
	*space = '\0';
	snprintf(text, HOLDER, "`tether %.60s` (process %.20s)", space + 1,
		 line);
	return text;
}

static int explain_holder(const struct cli *c, int fd, char *error)
{
	char holder[HOLDER];
	unsigned long long waited = cli_option_number(c, "wait");

	read_holder(fd, holder);
	if (cli_interrupted)
		snprintf(error, CLI_ERROR, "interrupted while waiting for %s",
			 holder);
	else
		snprintf(error, CLI_ERROR,
			 "the device is in use by %s, after %llu s of waiting. "
			 "End that command, or wait longer with --wait SECONDS",
			 holder, waited);
	return ERR_BUSY;
}

/* Tell a user at a terminal once why nothing happens. */
static void show_waiting(struct cli *c, int fd)
{
	char holder[HOLDER];

	if (c->hold.announced || c->json || !isatty(STDERR_FILENO))
		return;
	c->hold.announced = true;
	fprintf(stderr, "tether: waiting for %s to release the device\n",
		read_holder(fd, holder));
}

bool hold_retry(struct cli *c)
{
	uint64_t now = spawn_now_ms();

	if (!c->hold.until_ms)
		c->hold.until_ms = now + 1000 * cli_option_number(c, "wait");
	if (cli_interrupted || now >= c->hold.until_ms)
		return false;
	(void)poll(NULL, 0, RETRY_MS);
	return true;
}

static bool is_held(const struct cli *c, const char *path)
{
	for (int i = 0; i < c->hold.count; i++)
		if (!strcmp(c->hold.lock[i].path, path))
			return true;
	return false;
}

static int take_file(struct cli *c, const char *path, char *error)
{
	int fd, err;

	if (c->hold.count == CLI_HELD || strlen(path) >= CLI_HELD_PATH ||
	    is_held(c, path))
		return ERR_OK;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) /* the device itself still excludes a second host */
		return ERR_OK;
	while (!lock(fd)) {
		if (errno != EAGAIN && errno != EACCES) {
			close(fd);
			return ERR_OK;
		}
		show_waiting(c, fd);
		if (hold_retry(c))
			continue;
		err = explain_holder(c, fd, error);
		close(fd);
		return err;
	}
	write_holder(c, fd);
	c->hold.lock[c->hold.count].fd = fd;
	snprintf(c->hold.lock[c->hold.count++].path, CLI_HELD_PATH, "%s", path);
	return ERR_OK;
}

int hold_take(struct cli *c, const char *key, char *error)
{
	struct text path = { 0 };
	int err = ERR_OK;

	if (find_file(key, &path))
		err = take_file(c, path.at, error);
	text_free(&path);
	return err;
}

void hold_release(struct cli *c)
{
	while (c->hold.count)
		close(c->hold.lock[--c->hold.count].fd);
}

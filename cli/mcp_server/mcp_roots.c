/* SPDX-License-Identifier: Apache-2.0 */
/* Some C libraries declare realpath() for X/Open only. */
#define _XOPEN_SOURCE 700
#include "cli/mcp_server/mcp_roots.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "posix/beneath.h"

/* --- folders that are too wide --- */

/* A root must neither be one of these folders nor contain one. */
static const char *const never_above[] = { "/tmp", "/var/tmp", "/dev/shm",
					   "/usr/bin", "/etc/passwd" };
/* A root must not be one of these folders. */
static const char *const never[] = {
	"/bin",	    "/boot",	  "/dev",      "/home",	     "/lib",
	"/proc",    "/root",	  "/run",      "/sbin",	     "/sys",
	"/usr/lib", "/usr/local", "/usr/sbin", "/usr/share", "/var/lib",
};

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool is_file(const struct stat *root, const char *path)
{
	struct stat s;

	return path && *path && !stat(path, &s) && is_same(root, &s);
}

/* True if the root is `path` or contains it: compare with each parent folder up
 * to /. */
static bool contains(const struct stat *root, const char *path)
{
	struct text up = { 0 };
	struct stat s, last = { 0 };
	bool found = false;
	char *real = path && *path ? realpath(path, NULL) : NULL;

	text_puts(&up, real ? real : "");
	free(real);
	while (up.len && !found && !stat(up.at, &s) && !is_same(&s, &last)) {
		found = is_same(root, &s);
		last = s;
		while (up.len > 1 && up.at[up.len - 1] != '/')
			up.len--;
		if (up.len > 1)
			up.len--;
		up.at[up.len] = '\0';
	}
	text_free(&up);
	return found;
}

static const char *find_reason(const struct stat *root)
{
	const struct passwd *user = getpwuid(getuid());

	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (is_file(root, never[i]))
			return "it is a folder of the system";
	if (is_file(root, getenv("HOME")) ||
	    contains(root, user ? user->pw_dir : NULL))
		return "it is or contains your home folder";
	if (is_file(root, getenv("TMPDIR")))
		return "it is the folder for temporary files";
	for (size_t i = 0; i < sizeof(never_above) / sizeof(never_above[0]);
	     i++)
		if (contains(root, never_above[i]))
			return "it is or contains a folder that all programs "
			       "share";
	return NULL;
}

/* --- roots --- */

/* Append an absolute path without "." and "//". ".." stays, because it must be
 * resolved together with links. */
static void add_absolute(struct text *t, const char *base, const char *path)
{
	if (path[0] != '/')
		text_puts(t, base);
	while (*path) {
		size_t n;

		path += strspn(path, "/");
		n = strcspn(path, "/");
		if (n && !(n == 1 && *path == '.'))
			text_addf(t, "/%.*s", (int)n, path);
		path += n;
	}
}

/* The part of an absolute path below a folder, or NULL. */
static const char *find_rest(const char *path, const struct text *folder)
{
	size_t n = folder->len;

	if (!n || strncmp(path, folder->at, n) != 0 ||
	    (path[n] && path[n] != '/'))
		return NULL;
	return path + n + strspn(path + n, "/");
}

static const char *find_root(const struct mcp_root *root, const char *path)
{
	const char *rest = find_rest(path, &root->given);

	return rest ? rest : find_rest(path, &root->real);
}

/* Set the base of relative paths after a root was added. */
static void set_base(struct mcp_roots *r, const char *work)
{
	const struct mcp_root *last = &r->root[r->count - 1];

	if (r->count > 1 && !find_root(last, work))
		return;
	text_free(&r->base);
	text_puts(&r->base, find_root(last, work) ? work : last->real.at);
}

static void keep_root(struct mcp_roots *r, int fd, const char *folder,
		      const char *real)
{
	struct mcp_root *root = &r->root[r->count++];
	char work[PATH_MAX];

	if (!getcwd(work, sizeof(work)))
		work[0] = '\0';
	root->fd = fd;
	add_absolute(&root->given, work, folder);
	add_absolute(&root->real, "", real);
	set_base(r, work);
}

enum mcp_allowed mcp_roots_allow(struct mcp_roots *r, const char *folder,
				 struct text *why)
{
	int fd = r->count < MCP_ROOTS ? beneath_open_root(folder) : -1;
	char *real = fd < 0 ? NULL : realpath(folder, NULL);
	enum mcp_allowed result = MCP_MISSING;
	const char *reason;
	struct stat s;

	if (r->count == MCP_ROOTS) {
		text_addf(why, "more than %d folders", MCP_ROOTS);
	} else if (fd < 0 || !real || fstat(fd, &s)) {
		text_addf(why, "no such folder (%s)", strerror(errno));
	} else if ((reason = find_reason(&s)) || !is_file(&s, real)) {
		text_puts(why, reason ? reason : "it was replaced just now");
		result = MCP_REFUSED;
	} else {
		keep_root(r, fd, folder, real);
		result = MCP_ALLOWED;
		fd = -1;
	}
	if (fd >= 0)
		close(fd);
	free(real);
	return result;
}

void mcp_roots_free(struct mcp_roots *r)
{
	while (r->count) {
		struct mcp_root *root = &r->root[--r->count];

		close(root->fd);
		text_free(&root->given);
		text_free(&root->real);
	}
	text_free(&r->base);
}

/* --- paths of calls --- */

static int check_regular(int fd)
{
	struct stat s;

	if (fd < 0 || (!fstat(fd, &s) && S_ISREG(s.st_mode)))
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

static int open_kind(int root, const char *path, enum mcp_kind kind)
{
	switch (kind) {
	case MCP_FILE: /* do not wait for the writer of a FIFO */
		return check_regular(
			beneath_open(root, path, O_RDONLY | O_NONBLOCK));
	case MCP_FOLDER:
		return beneath_open(root, path, beneath_lookup | O_DIRECTORY);
	case MCP_NEW_FOLDER:
		return beneath_open_folder(root, path);
	default:
		return beneath_open(root, path, beneath_lookup);
	}
}

int mcp_roots_open(const struct mcp_roots *r, const char *path,
		   enum mcp_kind kind)
{
	struct text full = { 0 };
	int fd = -1, error = EXDEV;

	if (*path)
		add_absolute(&full, text_get(&r->base), path);
	for (int i = 0; i < r->count && fd < 0 && full.len; i++) {
		const char *rest = find_root(&r->root[i], full.at);

		if (!rest)
			continue;
		fd = open_kind(r->root[i].fd, rest, kind);
		error = errno;
	}
	text_free(&full);
	errno = error;
	return fd;
}

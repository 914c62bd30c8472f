/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* O_PATH and syscall() */
#endif
#include "posix/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef BENEATH_OPENAT2
#include <linux/openat2.h>
#include <sys/syscall.h>
#endif

/* O_PATH needs no permission to read, and opens neither devices nor FIFOs. */
#ifdef O_PATH
enum { LOOKUP = O_PATH };
#else
enum { LOOKUP = O_RDONLY };
#endif

enum {
	NAME_SIZE = 256, /* a component with its zero byte */
	RETRIES = 64,	 /* while other processes rename folders */
};

const int beneath_lookup = LOOKUP;

static int close_with(int fd, int error)
{
	if (fd >= 0)
		close(fd);
	errno = error;
	return -1;
}

/* Cut the next component off a path. Returns false at its end. errno is
 * ENAMETOOLONG if the component does not fit. */
static bool next_component(const char **path, char name[NAME_SIZE])
{
	const char *start = *path + strspn(*path, "/");
	size_t n = strcspn(start, "/");

	errno = n < NAME_SIZE ? 0 : ENAMETOOLONG;
	if (!n || errno)
		return false;
	memcpy(name, start, n);
	name[n] = '\0';
	*path = start + n;
	return true;
}

/* Open one component, and follow no link. */
static int open_component(int at, const char *name, int flags)
{
	struct stat s;
	int fd = openat(at, name, flags | O_NOFOLLOW | O_CLOEXEC);

	/* O_PATH opens a link itself instead of failing. */
	if (fd >= 0 && !fstat(fd, &s) && S_ISLNK(s.st_mode))
		return close_with(fd, ELOOP);
	return fd;
}

int beneath_walk(int root, const char *path, int flags)
{
	char name[NAME_SIZE];
	int fd = openat(root, ".", LOOKUP | O_DIRECTORY | O_CLOEXEC);

	while (fd >= 0 && next_component(&path, name)) {
		bool last = !path[strspn(path, "/")];
		int next;

		if (!strcmp(name, ".."))
			return close_with(fd, EXDEV);
		next = open_component(fd, name,
				      last ? flags : LOOKUP | O_DIRECTORY);
		if (next < 0)
			return close_with(fd, errno);
		close(fd);
		fd = next;
		if (last)
			return fd;
	}
	if (fd >= 0 && errno)
		return close_with(fd, errno);
	if (fd >= 0) { /* the path is empty: open the root itself */
		int again = openat(fd, ".", flags | O_CLOEXEC);

		(void)close_with(fd, errno);
		return again;
	}
	return fd;
}

int beneath_open_root(const char *folder)
{
	return open(folder, LOOKUP | O_DIRECTORY | O_CLOEXEC);
}

int beneath_open(int root, const char *path, int flags)
{
#ifdef BENEATH_OPENAT2
	struct open_how how = {
		.flags = (uint32_t)(flags | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	int fd = -1;

	for (int i = 0; i < RETRIES; i++) {
		fd = (int)syscall(SYS_openat2, root, *path ? path : ".", &how,
				  sizeof(how));
		/* EAGAIN: a folder was renamed during the lookup. */
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	/* Old container engines answer EPERM to unknown system calls. */
	if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
		return fd;
#endif
	return beneath_walk(root, path, flags);
}

/* Length of a path without its last component. */
static size_t cut_component(const char *path, size_t len)
{
	while (len && path[len - 1] == '/')
		len--;
	while (len && path[len - 1] != '/')
		len--;
	return len;
}

/* Open the longest part of a path that exists. *rest becomes the other part. */
static int open_existing(int root, const char *path, const char **rest)
{
	char head[PATH_MAX];
	size_t len = strlen(path);
	int fd = -1;

	if (len >= sizeof(head))
		return close_with(-1, ENAMETOOLONG);
	for (;;) {
		memcpy(head, path, len);
		head[len] = '\0';
		*rest = path + len;
		fd = beneath_open(root, head, LOOKUP | O_DIRECTORY);
		if (fd >= 0 || errno != ENOENT || !len)
			return fd;
		len = cut_component(path, len);
	}
}

int beneath_open_folder(int root, const char *path)
{
	char name[NAME_SIZE];
	int fd = open_existing(root, path, &path);

	while (fd >= 0 && next_component(&path, name)) {
		int next;

		if (!strcmp(name, ".."))
			return close_with(fd, EXDEV);
		if (mkdirat(fd, name, 0777) && errno != EEXIST)
			return close_with(fd, errno);
		/* Another process may have put a link there meanwhile. */
		next = open_component(fd, name, LOOKUP | O_DIRECTORY);
		(void)close_with(fd, errno);
		fd = next;
	}
	if (fd >= 0 && errno == ENAMETOOLONG)
		return close_with(fd, ENAMETOOLONG);
	return fd;
}

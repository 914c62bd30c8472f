/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/run_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* A single failed call of the kernel must not keep the service from starting.
 */
enum { ATTEMPTS = 3 };

static int try_to_make(void)
{
	struct stat s;
	int fd, error = 0;

	if (mkdir(RUN_FOLDER, 0700) && errno != EEXIST)
		return -1;
	fd = open(RUN_FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fstat(fd, &s) || s.st_uid != geteuid())
		error = EPERM;
	else if ((s.st_mode & 07777) != 0700 && fchmod(fd, 0700))
		error = errno;
	close(fd);
	errno = error;
	return error ? -1 : 0;
}

int run_folder_make(void)
{
	int err = -1;

	for (int i = 0; i < ATTEMPTS && err; i++)
		err = try_to_make();
	return err;
}

/* --- folders of child processes --- */

/* Remove the entries of a folder, which has no folders with entries. */
static void empty_folder(const char *folder)
{
	char path[2 * NAME_MAX];
	DIR *d = opendir(folder);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		while (!umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW))
			;
		if (unlink(path))
			(void)rmdir(path);
	}
	if (d)
		closedir(d);
}

/* Files get the effective group of the process that creates them. This needs
 * CAP_SETGID only; a change of their owner would need CAP_CHOWN. */
static gid_t enter_group(gid_t group)
{
	gid_t own = getegid();

	(void)!setresgid((gid_t)-1, group, (gid_t)-1);
	return own;
}

/* Keeps errno. */
static void leave_group(gid_t own)
{
	int error = errno;

	(void)!setresgid((gid_t)-1, own, (gid_t)-1);
	errno = error;
}

static int try_to_make_for(const char *folder, gid_t group)
{
	gid_t own;
	int err;

	empty_folder(folder);
	if (rmdir(folder) && errno != ENOENT)
		return -1;
	own = enter_group(group);
	err = mkdir(folder, 0750);
	/* The umask may have removed rights of the group. */
	if (!err)
		err = chmod(folder, 0750);
	leave_group(own);
	return err;
}

int run_folder_make_for(const char *folder, gid_t group)
{
	int err = -1;

	for (int i = 0; i < ATTEMPTS && err; i++)
		err = try_to_make_for(folder, group);
	return err;
}

int run_folder_create(const char *path, gid_t group, int writable)
{
	gid_t own = enter_group(group);
	int fd;

	(void)unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0)
		(void)fchmod(fd, writable ? 0660 : 0640);
	leave_group(own);
	return fd;
}

int run_folder_bind(int fd, const struct sockaddr_un *path, gid_t group)
{
	gid_t own = enter_group(group);
	int err = bind(fd, (const struct sockaddr *)path, sizeof(*path));

	if (!err)
		err = chmod(path->sun_path, 0660);
	leave_group(own);
	return err;
}

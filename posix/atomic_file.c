/* SPDX-License-Identifier: Apache-2.0 */
#include "posix/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

/* Copy the folder part of path to `out`, or "." if it has none. */
static void get_folder(const char *path, char out[PATH_MAX])
{
	char *slash;

	snprintf(out, PATH_MAX, "%s", path);
	slash = strrchr(out, '/');
	if (!slash)
		memcpy(out, ".", 2);
	else
		slash[slash == out] = '\0';
}

static int write_bytes(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_IO;
		data += n;
		len -= (size_t)n;
	}
	return fsync(fd) ? ERR_IO : ERR_OK;
}

/* A rename is on disk only after its folder is synced. */
static void sync_folder(const char *path)
{
	char folder[PATH_MAX];
	int fd;

	get_folder(path, folder);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)fsync(fd);
	close(fd);
}

int atomic_file_replace(int fd, const char *fresh, const char *path,
			const void *data, size_t len)
{
	int err = write_bytes(fd, data, len), saved = errno;

	if (close(fd) && !err) {
		err = ERR_IO;
		saved = errno;
	}
	if (!err && rename(fresh, path)) {
		err = ERR_IO;
		saved = errno;
	}
	if (err) {
		(void)unlink(fresh);
		errno = saved;
		return err;
	}
	sync_folder(path);
	return ERR_OK;
}

int atomic_file_write(const char *path, mode_t mode, const void *data,
		      size_t len)
{
	char fresh[PATH_MAX];
	int n = snprintf(fresh, sizeof(fresh), "%s.new", path), fd;

	if (n < 0 || (size_t)n >= sizeof(fresh)) {
		errno = ENAMETOOLONG;
		return ERR_IO;
	}
	/* Remove a file that a crash has left behind. */
	(void)unlink(fresh);
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return ERR_IO;
	return atomic_file_replace(fd, fresh, path, data, len);
}

int atomic_file_open(struct atomic_file *f, const char *path, mode_t mode)
{
	char folder[PATH_MAX];
	size_t len = strlen(path);

	*f = (struct atomic_file){ .mode = mode };
	if (len >= sizeof(f->path)) {
		errno = ENAMETOOLONG;
		return ERR_IO;
	}
	memcpy(f->path, path, len + 1);
	get_folder(path, folder);
	(void)mkdir(folder, 0755);
	f->stream = open_memstream(&f->text, &f->len);
	return f->stream ? ERR_OK : ERR_IO;
}

int atomic_file_commit(struct atomic_file *f)
{
	int err = ferror(f->stream) ? ERR_IO : ERR_OK, saved;

	if (fclose(f->stream))
		err = ERR_IO;
	if (!err)
		err = atomic_file_write(f->path, f->mode, f->text, f->len);
	saved = errno;
	free(f->text);
	errno = saved;
	return err;
}

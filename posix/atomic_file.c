#include "posix/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

/* The folder of f->path, in `out`; "." where the path has none. */
static void folder_of(const struct atomic_file *f, char *out)
{
	char *slash;

	memcpy(out, f->path, sizeof(f->path));
	slash = strrchr(out, '/');
	if (!slash)
		memcpy(out, ".", 2);
	else
		slash[slash == out] = '\0';
}

int atomic_file_open(struct atomic_file *f, const char *path, mode_t mode)
{
	char folder[ATOMIC_FILE_PATH];
	int fd, n;

	n = snprintf(f->temporary, sizeof(f->temporary), "%s.new", path);
	if (n < 0 || (size_t)n >= sizeof(f->temporary)) {
		errno = ENAMETOOLONG;
		return ERR_IO;
	}
	memset(f->path, 0, sizeof(f->path));
	memcpy(f->path, path, strlen(path));
	folder_of(f, folder);
	(void)mkdir(folder, 0755);
	/* What a crash left is of no use to anyone. */
	(void)unlink(f->temporary);
	fd = open(f->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return ERR_IO;
	f->stream = fdopen(fd, "w");
	if (f->stream)
		return ERR_OK;
	close(fd);
	return ERR_IO;
}

/* The rename is on the disk when its folder is. */
static void sync_folder(const struct atomic_file *f)
{
	char folder[ATOMIC_FILE_PATH];
	int fd;

	folder_of(f, folder);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)fsync(fd);
	close(fd);
}

int atomic_file_commit(struct atomic_file *f)
{
	bool failed = fflush(f->stream) || fsync(fileno(f->stream));
	int error = errno;

	if (fclose(f->stream) && !failed) {
		failed = true;
		error = errno;
	}
	if (!failed && rename(f->temporary, f->path)) {
		failed = true;
		error = errno;
	}
	if (!failed) {
		sync_folder(f);
		return ERR_OK;
	}
	(void)unlink(f->temporary);
	errno = error;
	return ERR_IO;
}

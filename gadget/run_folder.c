/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/run_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
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

/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/mcp_server/mcp_mount.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/platform.h"

#define PLACE "/place"

/* Create an empty file or folder to mount on. */
static bool create_place(const char *path, bool folder)
{
	int fd;

	if (folder)
		return !mkdir(path, 0700);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void remove_place(struct text *name)
{
	if (rmdir(name->at))
		(void)unlink(name->at);
	name->len -= sizeof(PLACE) - 1;
	name->at[name->len] = '\0';
	(void)rmdir(name->at);
	text_free(name);
}

bool mcp_mount_add(int fd, struct text *name)
{
	char private[] = "/tmp/tether-mcp-XXXXXX";
	struct stat s;

	if (geteuid() || fstat(fd, &s) || !mkdtemp(private))
		return false;
	text_addf(name, "%s" PLACE, private);
	if (create_place(name->at, S_ISDIR(s.st_mode)) &&
	    platform_bind(fd, name->at))
		return true;
	remove_place(name);
	return false;
}

void mcp_mount_remove(struct text *name)
{
	platform_unbind(name->at);
	remove_place(name);
}

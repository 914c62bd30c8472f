/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/role.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gadget/found.h"

#define SWITCHES "/sys/class/usb_role"

/* The folder of the device that an entry of a class belongs to: two above
 * its own, .../DEVICE/CLASS/NAME. "": there is none. */
static void device_of(const char *entry, char out[PATH_MAX])
{
	if (!realpath(entry, out))
		out[0] = '\0';
	for (int i = 0; i < 2; i++) {
		char *slash = strrchr(out, '/');

		if (slash)
			*slash = '\0';
	}
}

/* How near the switch is to the controller: 0 is no relation. */
static size_t nearness(const char *root, const char *name, const char *udc)
{
	char path[FOUND_PATH], ours[PATH_MAX], its[PATH_MAX];
	size_t len = strlen(udc);

	if (!len)
		return 0;
	if (!strncmp(name, udc, len) && !strcmp(name + len, "-role-switch"))
		return PATH_MAX;
	snprintf(path, sizeof(path), "%s/sys/class/udc/%s", root, udc);
	device_of(path, ours);
	snprintf(path, sizeof(path), "%s" SWITCHES "/%s", root, name);
	device_of(path, its);
	len = strlen(its);
	return len && !strncmp(ours, its, len) &&
			       (!ours[len] || ours[len] == '/')
		       ? len
		       : 0;
}

bool role_find(const char *root, const char *udc, int udcs, char *out,
	       size_t cap)
{
	char path[FOUND_PATH], only[CONFIG_NAME] = "", best[CONFIG_NAME] = "";
	size_t nearest = 0;
	struct dirent *e;
	int count = 0;
	DIR *d;

	snprintf(path, sizeof(path), "%s" SWITCHES, root);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		size_t near;

		if (e->d_name[0] == '.' || strlen(e->d_name) >= CONFIG_NAME)
			continue;
		count++;
		memcpy(only, e->d_name, strlen(e->d_name) + 1);
		near = nearness(root, e->d_name, udc);
		if (near <= nearest)
			continue;
		nearest = near;
		memcpy(best, e->d_name, strlen(e->d_name) + 1);
	}
	if (d)
		closedir(d);
	if (!best[0] && (count != 1 || udcs > 1))
		return false;
	snprintf(out, cap, "%s/%s", path, best[0] ? best : only);
	return true;
}

void role_read(const char *root, const char *udc, int udcs, char *out,
	       size_t cap)
{
	char folder[FOUND_PATH];

	out[0] = '\0';
	if (role_find(root, udc, udcs, folder, sizeof(folder)))
		(void)found_read(out, cap, "%s/role", folder);
}

int role_set(const char *root, const char *udc, int udcs, const char *role)
{
	char folder[FOUND_PATH], path[FOUND_PATH + 8];
	ssize_t written;
	int fd, error;

	if (!role_find(root, udc, udcs, folder, sizeof(folder))) {
		errno = ENODEV;
		return -1;
	}
	snprintf(path, sizeof(path), "%s/role", folder);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	written = write(fd, role, strlen(role));
	error = errno;
	close(fd);
	errno = error;
	return written < 0 ? -1 : 0;
}

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

#include "gadget/config.h"
#include "gadget/sysfs.h"

#define SWITCHES "/sys/class/usb_role"

/* Path of the device that an entry of a class belongs to: the entry's own path
 * is DEVICE/CLASS/NAME. "": the entry does not exist. */
static void find_device(const char *entry, char out[PATH_MAX])
{
	if (!realpath(entry, out))
		out[0] = '\0';
	for (int i = 0; i < 2; i++) {
		char *slash = strrchr(out, '/');

		if (slash)
			*slash = '\0';
	}
}

/* How closely a switch is related to a controller, for comparison; 0: not at
 * all. */
static size_t rate_relation(const char *root, const char *name, const char *udc)
{
	char path[SYSFS_PATH], udc_device[PATH_MAX], switch_device[PATH_MAX];
	size_t len = strlen(udc);

	if (!len)
		return 0;
	if (!strncmp(name, udc, len) && !strcmp(name + len, "-role-switch"))
		return PATH_MAX;
	snprintf(path, sizeof(path), "%s/sys/class/udc/%s", root, udc);
	find_device(path, udc_device);
	snprintf(path, sizeof(path), "%s" SWITCHES "/%s", root, name);
	find_device(path, switch_device);
	len = strlen(switch_device);
	if (!len || strncmp(udc_device, switch_device, len) != 0)
		return 0;
	return !udc_device[len] || udc_device[len] == '/' ? len : 0;
}

bool role_find(const char *root, const char *udc, int udcs, char *out,
	       size_t cap)
{
	char path[SYSFS_PATH], only[CONFIG_NAME] = "", best[CONFIG_NAME] = "";
	size_t best_rating = 0;
	struct dirent *e;
	int count = 0;
	DIR *d;

	snprintf(path, sizeof(path), "%s" SWITCHES, root);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		size_t rating;

		if (e->d_name[0] == '.' || strlen(e->d_name) >= CONFIG_NAME)
			continue;
		count++;
		memcpy(only, e->d_name, strlen(e->d_name) + 1);
		rating = rate_relation(root, e->d_name, udc);
		if (rating <= best_rating)
			continue;
		best_rating = rating;
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
	char folder[SYSFS_PATH];

	out[0] = '\0';
	if (role_find(root, udc, udcs, folder, sizeof(folder)))
		(void)sysfs_read(out, cap, "%s/role", folder);
}

int role_set(const char *root, const char *udc, int udcs, const char *role)
{
	char folder[SYSFS_PATH], path[SYSFS_PATH + 8];
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

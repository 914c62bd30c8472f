/* Of Linux's sysfs. It includes nothing of Linux: elsewhere there is nothing
 * below /sys to be found. */
#include "cli/system.h"

#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

enum { PATH = 512, NAME = 64 };

/* The first line of a file. */
static int read_line(const char *path, char *text, size_t cap)
{
	FILE *f = fopen(path, "re");
	bool fine = f && fgets(text, (int)cap, f);

	if (f)
		fclose(f);
	if (!fine)
		return ERR_IO;
	text[strcspn(text, "\n")] = '\0';
	return ERR_OK;
}

/* A partition has a file that a whole disk has not. Loop devices stand for
 * cards where there are none; a reader on the board's bus calls none of its
 * cards removable. */
enum system_disk system_disk(const char *device)
{
	const char *name = strrchr(device, '/');
	char path[PATH], text[NAME];

	name = name ? name + 1 : device;
	if (strlen(name) >= NAME)
		return SYSTEM_DISK_UNKNOWN;
	snprintf(path, sizeof(path), "/sys/class/block/%s/partition", name);
	if (access(path, F_OK) == 0)
		return SYSTEM_DISK_PART;
	snprintf(path, sizeof(path), "/sys/class/block/%s/removable", name);
	if (read_line(path, text, sizeof(text)))
		return SYSTEM_DISK_UNKNOWN;
	return text[0] == '1' || !strncmp(name, "mmcblk", 6) ||
			       !strncmp(name, "loop", 4)
		       ? SYSTEM_DISK_REMOVABLE
		       : SYSTEM_DISK_BUILT_IN;
}

/* O_EXCL on a device: nobody else uses it, nor any partition of it. */
int system_disk_open(const char *device)
{
	return open(device, O_RDWR | O_EXCL | O_CLOEXEC);
}

off_t system_disk_size(int fd)
{
	return lseek(fd, 0, SEEK_END);
}

/* device: its folder, "/sys/bus/usb/devices/1-1". A tty stands in the folder
 * of its interface, "1-1:1.1/tty/ttyACM0". */
static int find_tty(const char *device, char *path, size_t cap)
{
	char pattern[PATH];
	glob_t found;
	int err = ERR_NOT_FOUND;

	snprintf(pattern, sizeof(pattern), "%s/*:*/tty/tty*", device);
	if (glob(pattern, 0, NULL, &found))
		return ERR_NOT_FOUND;
	if (found.gl_pathc &&
	    (size_t)snprintf(path, cap, "/dev/%s",
			     strrchr(found.gl_pathv[0], '/') + 1) < cap)
		err = ERR_OK;
	globfree(&found);
	return err;
}

int system_serial_port(const char *serial, char *path, size_t cap, int *present)
{
	glob_t found;
	int err = ERR_NOT_FOUND;

	*present = 0;
	if (glob("/sys/bus/usb/devices/*/serial", 0, NULL, &found))
		return ERR_NOT_FOUND;
	for (size_t i = 0; err && i < found.gl_pathc; i++) {
		char *device = found.gl_pathv[i], text[PATH];

		if (read_line(device, text, sizeof(text)) ||
		    strcmp(text, serial) != 0)
			continue;
		*present = 1;
		*strrchr(device, '/') = '\0';
		err = find_tty(device, path, cap);
	}
	globfree(&found);
	return err;
}

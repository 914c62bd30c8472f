/* SPDX-License-Identifier: Apache-2.0 */
/* The program by /proc, disks and serial ports by Linux's sysfs. On systems
 * without /sys nothing is found. */
#include "cli/platform.h"

#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/mount.h>
#include <sys/sysmacros.h>
#endif

#include "base/err.h"
#include "cli/spawn.h"

enum { PATH = 512, NAME = 64, FD_PATH = 4096, TIMEOUT_MS = 5000 };

#ifdef __linux__
bool platform_bind(int fd, const char *place)
{
	char link[NAME];

	snprintf(link, sizeof(link), PLATFORM_FD_FOLDER "/%d", fd);
	return !mount(link, place, NULL, MS_BIND | MS_REC, NULL);
}

void platform_unbind(const char *place)
{
	(void)umount2(place, MNT_DETACH);
}
#else
bool platform_bind(int fd, const char *place)
{
	(void)fd;
	(void)place;
	return false;
}

void platform_unbind(const char *place)
{
	(void)place;
}
#endif

bool platform_fd_path(int fd, struct text *path)
{
	char link[NAME], target[FD_PATH];
	ssize_t n;

	snprintf(link, sizeof(link), PLATFORM_FD_FOLDER "/%d", fd);
	n = readlink(link, target, sizeof(target));
	if (n <= 0 || n == (ssize_t)sizeof(target) || target[0] != '/')
		return false;
	text_add(path, target, (size_t)n);
	return true;
}

/* The link of a deleted file leads nowhere: do not return it. */
bool platform_program(char *path, size_t cap)
{
	ssize_t len = readlink("/proc/self/exe", path, cap - 1);

	if (len <= 0 || (size_t)len == cap - 1)
		return false;
	path[len] = '\0';
	return access(path, F_OK) == 0;
}

/* `ip` flags an address of a lease "dynamic". An address set by hand or by
 * BusyBox's client lacks that flag. */
enum platform_lease platform_lease(const char *interface)
{
	const char *words[] = { "ip",	"-o",  "-4",	  "addr",
				"show", "dev", interface, NULL };
	struct spawn_child child;
	enum platform_lease lease = PLATFORM_LEASE_UNKNOWN;

	if (spawn_words(&child, words, TIMEOUT_MS))
		lease = strstr(text_get(&child.out), " dynamic ")
				? PLATFORM_LEASE_DHCP
				: PLATFORM_LEASE_NONE;
	spawn_free(&child);
	return lease;
}

/* Read the first line of a file. */
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

/* Find the disk's name in sysfs, which differs from names like
 * /dev/disk/by-id/... */
static int find_disk(dev_t number, char *name, size_t cap)
{
#ifdef __linux__
	char folder[NAME], target[PATH];
	const char *last;
	ssize_t n;

	snprintf(folder, sizeof(folder), "/sys/dev/block/%u:%u", major(number),
		 minor(number));
	n = readlink(folder, target, sizeof(target) - 1);
	target[n > 0 ? n : 0] = '\0';
	last = strrchr(target, '/');
	if (last && (size_t)snprintf(name, cap, "%s", last + 1) < cap)
		return ERR_OK;
#else
	(void)number;
	(void)name;
	(void)cap;
#endif
	return ERR_NOT_FOUND;
}

/* Read the first line of a file of the disk; empty if there is none. */
static void read_attribute(const char *disk, const char *file, char text[NAME])
{
	char path[PATH];

	snprintf(path, sizeof(path), "/sys/class/block/%s/%s", disk, file);
	if (read_line(path, text, NAME))
		text[0] = '\0';
}

/* Linux does not flag cards in a card slot as removable, so check their type:
 * SD for cards, MMC for soldered memory. Loop devices count as removable, for
 * tests. */
enum platform_disk platform_disk(const char *device, dev_t number)
{
	char disk[NAME], text[NAME];

	(void)device;
	if (find_disk(number, disk, sizeof(disk)))
		return PLATFORM_DISK_UNKNOWN;
	read_attribute(disk, "partition", text);
	if (text[0])
		return PLATFORM_DISK_PART;
	read_attribute(disk, "removable", text);
	if (text[0] == '1' || !strncmp(disk, "loop", 4))
		return PLATFORM_DISK_REMOVABLE;
	read_attribute(disk, "device/type", text);
	return !strncmp(disk, "mmcblk", 6) && !strcmp(text, "SD")
		       ? PLATFORM_DISK_REMOVABLE
		       : PLATFORM_DISK_BUILT_IN;
}

/* On a block device, O_EXCL fails while the device or a partition of it is in
 * use. */
int platform_disk_open(const char *device)
{
	return open(device, O_RDWR | O_EXCL | O_CLOEXEC);
}

int platform_disk_sync(int fd)
{
	return fsync(fd);
}

int platform_disk_open_uncached(const char *device)
{
	int again = open(device, O_RDONLY | O_CLOEXEC);

#ifdef POSIX_FADV_DONTNEED /* drop the clean pages of the page cache */
	if (again >= 0)
		posix_fadvise(again, 0, 0, POSIX_FADV_DONTNEED);
#endif
	return again;
}

off_t platform_disk_size(int fd)
{
	return lseek(fd, 0, SEEK_END);
}

/* Find the tty of a USB device. `device` is its folder in sysfs,
 * "/sys/bus/usb/devices/1-1"; the tty is in the folder of an interface,
 * "1-1:1.1/tty/ttyACM0". */
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

int platform_serial_port(const char *serial, char *path, size_t cap,
			 int *present)
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

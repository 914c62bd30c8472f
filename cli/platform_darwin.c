/* SPDX-License-Identifier: Apache-2.0 */
/* The program, disks and serial ports of macOS. Written from its documentation
 * and headers, and not yet run on a Mac. Runs diskutil and ioreg instead of
 * linking IOKit.
 */
#include "cli/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <mach-o/dyld.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/disk.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/param.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/spawn.h"

#define DISK_PREFIX "/dev/disk"

enum { TIMEOUT_MS = 10000, LINE = 256, PATH = 80 };

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

bool platform_fd_path(int fd, struct text *path)
{
	char name[MAXPATHLEN];

	if (fcntl(fd, F_GETPATH, name) == -1)
		return false;
	text_puts(path, name);
	return true;
}

bool platform_program(char *path, size_t cap)
{
	char name[MAXPATHLEN];
	uint32_t size = sizeof(name);
	char *resolved = NULL;

	if (!_NSGetExecutablePath(name, &size))
		resolved = realpath(name, NULL);
	if (!resolved || strlen(resolved) >= cap) {
		free(resolved);
		return false;
	}
	snprintf(path, cap, "%s", resolved);
	free(resolved);
	return true;
}

/* ipconfig prints the last packet of the DHCP server, and fails without one. */
enum platform_lease platform_lease(const char *interface)
{
	struct spawn_child child;
	const char *words[] = { "ipconfig", "getpacket", interface, NULL };
	enum platform_lease lease = PLATFORM_LEASE_NONE;

	if (spawn_words(&child, words, TIMEOUT_MS) &&
	    strstr(text_get(&child.out), "yiaddr = "))
		lease = PLATFORM_LEASE_DHCP;
	else if (child.end == SPAWN_NOT_STARTED)
		lease = PLATFORM_LEASE_UNKNOWN;
	spawn_free(&child);
	return lease;
}

/* --- disks --- */

/* Whether a property list has the value for the key:
 * "<key>WholeDisk</key> <true/>". */
static bool has_property(const char *plist, const char *key, const char *value)
{
	char tag[64];
	const char *at;

	snprintf(tag, sizeof(tag), "<key>%s</key>", key);
	at = strstr(plist, tag);
	if (!at)
		return false;
	at += strlen(tag);
	at += strspn(at, " \t\r\n");
	return !strncmp(at, value, strlen(value));
}

/* A disk that diskutil does not know counts as built in, so that it is not
 * written to without confirmation. */
enum platform_disk platform_disk(const char *device, dev_t number)
{
	struct spawn_child child;
	const char *words[] = { "diskutil", "info", "-plist", device, NULL };
	enum platform_disk kind = PLATFORM_DISK_BUILT_IN;
	const char *plist;

	(void)number;
	if (spawn_words(&child, words, TIMEOUT_MS)) {
		plist = text_get(&child.out);
		if (has_property(plist, "WholeDisk", "<false/>"))
			kind = PLATFORM_DISK_PART;
		else if (has_property(plist, "RemovableMedia", "<true/>"))
			kind = PLATFORM_DISK_REMOVABLE;
	}
	spawn_free(&child);
	return kind;
}

/* Whether the disk or a partition of it is mounted: for disk4, disk4s1 but not
 * disk41. */
static bool is_mounted(const char *device)
{
	struct statfs *all;
	size_t len = strlen(device);
	int n = getmntinfo(&all, MNT_NOWAIT);

	for (int i = 0; i < n; i++) {
		const char *from = all[i].f_mntfromname;

		if (!strncmp(from, device, len) &&
		    (!from[len] || from[len] == 's'))
			return true;
	}
	return false;
}

int platform_disk_open(const char *device)
{
	if (is_mounted(device)) {
		errno = EBUSY;
		return -1;
	}
	return open(device, O_RDWR | O_CLOEXEC);
}

/* fsync() leaves data in the cache of the disk, and F_FULLFSYNC works on file
 * systems only. A disk without a cache may refuse the request. */
int platform_disk_sync(int fd)
{
	dk_synchronize_t all = { .offset = 0 }; /* length 0: the whole disk */

	if (fsync(fd))
		return -1;
	if (!ioctl(fd, DKIOCSYNCHRONIZE, &all) || errno == ENOTTY ||
	    errno == ENOTSUP)
		return 0;
	return -1;
}

/* F_NOCACHE does not apply to disks: /dev/disk4 is read through the cache.
 * /dev/rdisk4 is the same disk without one. */
int platform_disk_open_uncached(const char *device)
{
	char path[PATH];

	if (strncmp(device, DISK_PREFIX, strlen(DISK_PREFIX)) != 0) {
		errno = ENODEV;
		return -1;
	}
	snprintf(path, sizeof(path), "/dev/r%.64s", device + strlen("/dev/"));
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* lseek() to the end of a device returns 0 on macOS. */
off_t platform_disk_size(int fd)
{
	uint32_t block = 0;
	uint64_t blocks = 0;

	if (ioctl(fd, DKIOCGETBLOCKSIZE, &block) ||
	    ioctl(fd, DKIOCGETBLOCKCOUNT, &blocks))
		return -1;
	return (off_t)(blocks * block);
}

/* --- serial ports --- */

/* Read TEXT from a line '| "KEY" = "TEXT"'. */
static bool read_property(const char *line, const char *key, char *text,
			  size_t cap)
{
	char start[64];
	const char *at;
	size_t len;

	snprintf(start, sizeof(start), "\"%s\" = \"", key);
	at = strstr(line, start);
	if (!at)
		return false;
	at += strlen(start);
	len = strcspn(at, "\"");
	if (len >= cap)
		return false;
	memcpy(text, at, len);
	text[len] = '\0';
	return true;
}

/* Find the port in the output of ioreg, which lists a device, its properties,
 * then its children. */
static int find_port(const char *tree, const char *serial, char *path,
		     size_t cap, int *present)
{
	char line[LINE], text[LINE];
	bool inside = false;

	for (const char *at = tree; *at;) {
		size_t len = strcspn(at, "\n");

		snprintf(line, sizeof(line), "%.*s",
			 (int)(len < LINE ? len : LINE - 1), at);
		at += len + (at[len] == '\n');
		if (strstr(line, "<class IOUSBHostDevice"))
			inside = false;
		if (read_property(line, "USB Serial Number", text,
				  sizeof(text)) ||
		    read_property(line, "kUSBSerialNumberString", text,
				  sizeof(text)))
			inside = !strcmp(text, serial);
		*present |= inside;
		if (inside && read_property(line, "IOCalloutDevice", path, cap))
			return ERR_OK;
	}
	return ERR_NOT_FOUND;
}

int platform_serial_port(const char *serial, char *path, size_t cap,
			 int *present)
{
	static const char *const words[] = { "ioreg", "-r", "-l",
					     "-w0",   "-c", "IOUSBHostDevice",
					     NULL };
	struct spawn_child child;
	int err = ERR_NOT_FOUND;

	*present = 0;
	if (spawn_words(&child, words, TIMEOUT_MS))
		err = find_port(text_get(&child.out), serial, path, cap,
				present);
	spawn_free(&child);
	return err;
}

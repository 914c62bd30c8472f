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

enum { TIMEOUT_MS = 10000, LINE = 256 };

static bool run_program(const struct spawn_args *args,
			struct spawn_child *child)
{
	return spawn_run(child, &(struct spawn){ .args = args,
						 .in = SPAWN_NOTHING,
						 .timeout_ms = TIMEOUT_MS });
}

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
	struct spawn_args args = { 0 };
	struct spawn_child child;
	enum platform_disk kind = PLATFORM_DISK_BUILT_IN;
	const char *plist;

	(void)number;
	spawn_add(&args, "diskutil");
	spawn_add(&args, "info");
	spawn_add(&args, "-plist");
	spawn_add(&args, device);
	if (run_program(&args, &child)) {
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
	int fd;

	if (is_mounted(device)) {
		errno = EBUSY;
		return -1;
	}
	fd = open(device, O_RDWR | O_CLOEXEC);
	/* verification must read from the disk, not from the cache */
	if (fd >= 0)
		(void)fcntl(fd, F_NOCACHE, 1);
	return fd;
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
	struct spawn_args args = { 0 };
	struct spawn_child child;
	int err = ERR_NOT_FOUND;

	*present = 0;
	spawn_add(&args, "ioreg");
	spawn_add(&args, "-r");
	spawn_add(&args, "-l");
	spawn_add(&args, "-c");
	spawn_add(&args, "IOUSBHostDevice");
	if (run_program(&args, &child))
		err = find_port(text_get(&child.out), serial, path, cap,
				present);
	spawn_free(&child);
	return err;
}

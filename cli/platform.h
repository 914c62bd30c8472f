/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The place of the program, access to disks, to the serial port of a USB device
 * and to the names of open files, which POSIX does not define.
 * platform_darwin.c implements this header on macOS, platform_linux.c
 * elsewhere. The latter reads sysfs, and finds nothing on systems without
 * sysfs.
 */
#ifndef TETHER_CLI_PLATFORM_H
#define TETHER_CLI_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "cli/text.h"

enum platform_disk {
	PLATFORM_DISK_UNKNOWN, /* the system does not report it */
	PLATFORM_DISK_PART,    /* a partition */
	PLATFORM_DISK_BUILT_IN,
	PLATFORM_DISK_REMOVABLE, /* a card, a stick, or a loop device */
};

/* PLATFORM_FD_FOLDER: where a process finds its descriptors as files. */
#ifdef __linux__
#define PLATFORM_FD_FOLDER "/proc/self/fd"
#else
#define PLATFORM_FD_FOLDER "/dev/fd"
#endif

/** Mount the open file or folder at `place`, an existing one of the same kind.
 * Returns false if this process may not mount, or the system has no bind
 * mounts. */
bool platform_bind(int fd, const char *place);
void platform_unbind(const char *place);

/** Append the path of an open file or folder. Returns false if it has none. */
bool platform_fd_path(int fd, struct text *path);

/** Write the path of the executable file of this process, with symbolic links
 * resolved. Returns false if the system does not report it. */
bool platform_program(char *path, size_t cap);

/** Classify a block device. `number` (st_rdev) identifies the device. `device`
 * is its name, which some systems need as well. */
enum platform_disk platform_disk(const char *device, dev_t number);

/** Open a disk for reading and writing, exclusively. Returns a descriptor, or
 * -1 with errno set. EBUSY: the disk or a partition of it is mounted or in
 * use. */
int platform_disk_open(const char *device);

/** The size of an open disk in bytes, or -1 with errno set. */
off_t platform_disk_size(int fd);

/** Find the first serial port ("/dev/ttyACM0") of the USB device with this
 * serial number. ERR_NOT_FOUND: no such device (*present is 0), or it has no
 * port (*present is 1). */
int platform_serial_port(const char *serial, char *path, size_t cap,
			 int *present);

#endif

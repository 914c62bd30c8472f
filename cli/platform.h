/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The place of the program, access to disks, to the serial port of a USB
 * device, to DHCP leases and to the names of open files, which POSIX does not
 * define. platform_darwin.c implements this header on macOS, platform_linux.c
 * elsewhere. The latter reads sysfs, and finds nothing on systems without
 * sysfs.
 */
#ifndef TETHER_CLI_PLATFORM_H
#define TETHER_CLI_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "cli/text.h"

/** Where the address of a network interface is from. */
enum platform_lease {
	PLATFORM_LEASE_UNKNOWN, /* the system's program is missing */
	PLATFORM_LEASE_NONE, /* set by hand, or by a client that reports none */
	PLATFORM_LEASE_DHCP,
};

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

/** Ask the system's program whether an interface has a DHCP lease. */
enum platform_lease platform_lease(const char *interface);

/** Classify a block device. `number` (st_rdev) identifies the device. `device`
 * is its name, which some systems need as well. */
enum platform_disk platform_disk(const char *device, dev_t number);

/** Open a disk for reading and writing, exclusively. Returns a descriptor, or
 * -1 with errno set. EBUSY: the disk or a partition of it is mounted or in
 * use. */
int platform_disk_open(const char *device);

/** Write an open disk through to its medium: afterwards neither the system nor
 * the disk holds data in a cache that may be lost. Returns 0, or -1 with errno
 * set. */
int platform_disk_sync(int fd);

/** Open a disk a second time, to read back what was written from the disk
 * itself rather than from a cache of the system. Each read must start and end
 * at a multiple of PLATFORM_DISK_BLOCK, or end at the end of the disk. Returns
 * a descriptor at offset 0, or -1 with errno set. */
int platform_disk_open_uncached(const char *device);

enum { PLATFORM_DISK_BLOCK = 4096 };

/** The size of an open disk in bytes, or -1 with errno set. */
off_t platform_disk_size(int fd);

/** Find the first serial port ("/dev/ttyACM0") of the USB device with this
 * serial number. ERR_NOT_FOUND: no such device (*present is 0), or it has no
 * port (*present is 1). */
int platform_serial_port(const char *serial, char *path, size_t cap,
			 int *present);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What POSIX has no word for: disks, and which serial port is whose. One file
 * implements it: platform_darwin.c on macOS, elsewhere platform_linux.c, which
 * asks sysfs and knows nothing where there is none.
 */
#ifndef TETHER_CLI_PLATFORM_H
#define TETHER_CLI_PLATFORM_H

#include <stddef.h>
#include <sys/types.h>

enum platform_disk {
	PLATFORM_DISK_UNKNOWN, /* this system does not tell */
	PLATFORM_DISK_PART,    /* a partition */
	PLATFORM_DISK_BUILT_IN,
	PLATFORM_DISK_REMOVABLE, /* a card, a stick, or what may stand for one
				  */
};

/** What a block device is: the one with this number (st_rdev), whatever name it
 * was opened by. device: that name, for systems that know nothing else. */
enum platform_disk platform_disk(const char *device, dev_t number);

/** Open it to read and write, with nobody else. A descriptor, or -1 with errno
 * set; EBUSY: it, or a part of it, is mounted or belongs to another device. */
int platform_disk_open(const char *device);

/** Bytes of an open disk, or -1 with errno set. */
off_t platform_disk_size(int fd);

/** The serial port that a driver made of the USB device with this serial
 * number: path of its first ("/dev/ttyACM0"). ERR_NOT_FOUND: there is no such
 * device, or it has no such port; *present tells which. */
int platform_serial_port(const char *serial, char *path, size_t cap,
			 int *present);

#endif

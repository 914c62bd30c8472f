/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads small files of sysfs, configfs, procfs and the device tree.
 */
#ifndef TETHER_GADGET_SYSFS_H
#define TETHER_GADGET_SYSFS_H

#include <stddef.h>
#include <sys/types.h>

/* Sizes of a path and of a value, with their zero byte. */
enum { SYSFS_PATH = 512, SYSFS_VALUE = 256 };

/** The folder of configfs that has one folder for each gadget. */
#define GADGET_FOLDER "/sys/kernel/config/usb_gadget"

/**
 * Read a file that holds one line of printable text into `out`, without the
 * newline. Zero bytes at its end are cut off (configfs' host_addr has one).
 * Returns the length, or -1 with errno and an empty text. EILSEQ: the content
 * is not one printable line or does not fit into cap bytes.
 */
int sysfs_read(char *out, size_t cap, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** Read at most cap bytes. Returns the length, or -1 with errno. */
ssize_t sysfs_read_bytes(const char *path, void *out, size_t cap);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The part of macOS's <sys/disk.h> that cli/platform_darwin.c uses. */
#ifndef TESTS_UNIT_DARWIN_SYS_DISK_H
#define TESTS_UNIT_DARWIN_SYS_DISK_H

#include <stdint.h>
#include <sys/ioctl.h>

/* fcntl() of macOS: the path of a descriptor. */
#define F_GETPATH 50
#define DKIOCGETBLOCKSIZE _IOR('d', 24, uint32_t)
#define DKIOCGETBLOCKCOUNT _IOR('d', 25, uint64_t)

/* macOS defines F_NOCACHE in <fcntl.h>. */
#define F_NOCACHE 48

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The part of macOS's <sys/disk.h> that cli/platform_darwin.c uses. */
#ifndef TESTS_UNIT_DARWIN_SYS_DISK_H
#define TESTS_UNIT_DARWIN_SYS_DISK_H

#include <stdint.h>
#include <sys/ioctl.h>

typedef struct {
	uint64_t offset, length; /* length 0: to the end */
	uint32_t options;
	uint8_t reserved0160[4];
} dk_synchronize_t;

#define DKIOCSYNCHRONIZE _IOW('d', 22, dk_synchronize_t)
#define DKIOCGETBLOCKSIZE _IOR('d', 24, uint32_t)
#define DKIOCGETBLOCKCOUNT _IOR('d', 25, uint64_t)

/* macOS defines it in <fcntl.h>: the path of a descriptor. */
#ifndef F_GETPATH
#define F_GETPATH 50
#endif

#endif

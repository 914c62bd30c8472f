/* SPDX-License-Identifier: Apache-2.0 */
/* Of macOS's header what cli/platform_darwin.c wants: requests by number. */
#ifndef TESTS_UNIT_DARWIN_SYS_DISK_H
#define TESTS_UNIT_DARWIN_SYS_DISK_H

#include <stdint.h>
#include <sys/ioctl.h>

#define DKIOCGETBLOCKSIZE _IOR('d', 24, uint32_t)
#define DKIOCGETBLOCKCOUNT _IOR('d', 25, uint64_t)

/* of <fcntl.h> there */
#define F_NOCACHE 48

#endif

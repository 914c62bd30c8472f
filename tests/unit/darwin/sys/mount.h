/* SPDX-License-Identifier: Apache-2.0 */
/* The part of macOS's <sys/mount.h> that cli/platform_darwin.c uses. */
#ifndef TESTS_UNIT_DARWIN_SYS_MOUNT_H
#define TESTS_UNIT_DARWIN_SYS_MOUNT_H

#define MNT_NOWAIT 2

struct statfs {
	char f_mntfromname[1024];
};

int getmntinfo(struct statfs **all, int flags);

#endif

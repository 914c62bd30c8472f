/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Confines this process and its future children: a seccomp filter with an
 * allow list of system calls, and Landlock rules for files. Both are permanent
 * and need no privileges.
 *
 * The filter is written here instead of by libseccomp, because the static
 * programs of boards contain it, too: one list is tested for all builds.
 */
#ifndef TETHER_LINUX_SYS_SANDBOX_H
#define TETHER_LINUX_SYS_SANDBOX_H

#include <stddef.h>

#include "linux_sys/sandbox_calls.h"

/** What a program may do beneath a folder, or with a file. */
enum sandbox_access {
	SANDBOX_READ = 1 << 0,
	SANDBOX_WRITE = 1 << 1, /* also create and remove files */
	SANDBOX_EXECUTE = 1 << 2,
};

struct sandbox_path {
	const char *path;
	unsigned int access; /* set of enum sandbox_access */
};

/** Allow the basic system calls and those of the groups; `groups` is a set of
 * enum sandbox_calls. Every other call fails with ENOSYS, for which the C
 * library has fallbacks. Sets no_new_privs. ERR_UNSUPPORTED: the kernel has no
 * seccomp filters. ERR_IO with errno. */
int sandbox_filter_calls(unsigned int groups);

/** Forbid all access to files that are opened from now on, except for these
 * paths; a path that does not exist is left out. Sets no_new_privs.
 * ERR_UNSUPPORTED: the kernel has no Landlock. ERR_IO with errno. */
int sandbox_restrict_files(const struct sandbox_path *paths, size_t n);

#endif

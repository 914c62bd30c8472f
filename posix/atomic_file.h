/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file that is replaced as a whole: who reads it, and who starts after the
 * power failed, finds the old content or the new. It is written to PATH.new,
 * synced, renamed over PATH, and the folder is synced.
 */
#ifndef TETHER_POSIX_ATOMIC_FILE_H
#define TETHER_POSIX_ATOMIC_FILE_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

enum { ATOMIC_FILE_PATH = 512 };

struct atomic_file {
	FILE *stream; /* write the new content here */
	char path[ATOMIC_FILE_PATH];
	mode_t mode;
	char *text; /* what was written, in memory until it is put in place */
	size_t len;
};

/** Put len bytes in place. ERR_IO with errno: the old content is still there.
 */
int atomic_file_write(const char *path, mode_t mode, const void *data,
		      size_t len);

/** The same where the caller made the new file, in path's folder and under a
 * name of its own: fd is written, synced and closed, `fresh` becomes path, or
 * is removed. */
int atomic_file_replace(int fd, const char *fresh, const char *path,
			const void *data, size_t len);

/** Begin a text; its folder is made where it is missing. ERR_IO with errno. */
int atomic_file_open(struct atomic_file *f, const char *path, mode_t mode);

/** Put it in place. ERR_IO with errno: the old content is still there. Either
 * way f is closed. */
int atomic_file_commit(struct atomic_file *f);

#endif

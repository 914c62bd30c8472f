/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replaces a file atomically: a reader, or a program that starts after a power
 * failure, finds either the complete old content or the complete new content.
 * The content is written to PATH.new, synced and renamed to PATH; then the
 * folder is synced.
 */
#ifndef TETHER_POSIX_ATOMIC_FILE_H
#define TETHER_POSIX_ATOMIC_FILE_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

enum { ATOMIC_FILE_PATH = 512 };

struct atomic_file {
	FILE *stream; /* the caller writes the new content here */
	char path[ATOMIC_FILE_PATH];
	mode_t mode;
	char *text; /* content in memory until the commit */
	size_t len;
};

/** Replace path with len bytes. ERR_IO with errno: the old content remains. */
int atomic_file_write(const char *path, mode_t mode, const void *data,
		      size_t len);

/** Replace path with a file that the caller has created in the same folder
 * under the name `fresh` and opened as fd. Write and close fd, then rename
 * `fresh` to path, or remove it on failure: ERR_IO with errno set. */
int atomic_file_replace(int fd, const char *fresh, const char *path,
			const void *data, size_t len);

/** Begin to write a text to f->stream. Create the folder of path if it is
 * missing. ERR_IO with errno set. */
int atomic_file_open(struct atomic_file *f, const char *path, mode_t mode);

/** Replace the file with the text, and close f in any case. ERR_IO with errno
 * set: the old content remains. */
int atomic_file_commit(struct atomic_file *f);

#endif

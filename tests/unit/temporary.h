/* SPDX-License-Identifier: Apache-2.0 */
/* Creates a temporary file without a name. close() removes the file. */
#ifndef TETHER_TESTS_UNIT_TEMPORARY_H
#define TETHER_TESTS_UNIT_TEMPORARY_H

#include <stdio.h>
#include <unistd.h>

/** Returns the descriptor of a new temporary file, or -1. */
static inline int temporary_file(void)
{
	FILE *f = tmpfile();
	int fd = f ? dup(fileno(f)) : -1;

	if (f)
		fclose(f);
	return fd;
}

#endif

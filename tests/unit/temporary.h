/* SPDX-License-Identifier: Apache-2.0 */
/* A file without a name, gone when it is closed. */
#ifndef TETHER_TESTS_UNIT_TEMPORARY_H
#define TETHER_TESTS_UNIT_TEMPORARY_H

#include <stdio.h>
#include <unistd.h>

/** A descriptor, or -1. */
static inline int temporary_file(void)
{
	FILE *f = tmpfile();
	int fd = f ? dup(fileno(f)) : -1;

	if (f)
		fclose(f);
	return fd;
}

#endif

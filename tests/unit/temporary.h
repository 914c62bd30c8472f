/* SPDX-License-Identifier: Apache-2.0 */
/* Creates a temporary file without a name; closing it removes it. */
#ifndef TETHER_TESTS_UNIT_TEMPORARY_H
#define TETHER_TESTS_UNIT_TEMPORARY_H

#include <stdio.h>
#include <unistd.h>

/** Returns a descriptor, or -1. */
static inline int temporary_file(void)
{
	FILE *f = tmpfile();
	int fd = f ? dup(fileno(f)) : -1;

	if (f)
		fclose(f);
	return fd;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wrong in an INI file: the first thing, with its line.
 */
#ifndef TETHER_POSIX_INI_ERROR_H
#define TETHER_POSIX_INI_ERROR_H

#include <stddef.h>

enum { INI_ERROR_MAX = 384 };

/** All zero: nothing is wrong. */
struct ini_error {
	char text[INI_ERROR_MAX]; /* without file and line; printable ASCII */
	int line;		  /* 0: of the file as a whole */
};

/** Keep what is wrong in this line, if it is the first. Returns ERR_INVALID. */
int ini_error_set(struct ini_error *e, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** "NAME:LINE: what is wrong", and ERR_INVALID; ERR_OK where nothing is, `out`
 * is then as it was. */
int ini_error_format(const struct ini_error *e, const char *name, char *out,
		     size_t cap);

#endif

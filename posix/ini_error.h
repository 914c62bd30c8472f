/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first error in an INI file, with its line number.
 */
#ifndef TETHER_POSIX_INI_ERROR_H
#define TETHER_POSIX_INI_ERROR_H

#include <stddef.h>

enum { INI_ERROR_MAX = 384 };

/** All zero: no error. */
struct ini_error {
	char text[INI_ERROR_MAX]; /* without file and line; printable ASCII */
	int line;		  /* 0: the file as a whole */
};

/** Store an error in this line, unless e has an earlier one. Always returns
 * ERR_INVALID. */
int ini_error_set(struct ini_error *e, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** Format as "NAME:LINE: TEXT" and return ERR_INVALID. Without an error, return
 * ERR_OK and leave `out` unchanged. */
int ini_error_format(const struct ini_error *e, const char *name, char *out,
		     size_t cap);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Error codes. A function that can fail returns ERR_OK or one of the negative
 * codes. Each protocol maps the codes to its status codes in one place.
 */
#ifndef TETHER_BASE_ERR_H
#define TETHER_BASE_ERR_H

enum err {
	ERR_OK = 0,
	ERR_INVALID = -1,     /* an argument or field has an invalid value */
	ERR_LENGTH = -2,      /* too short or too long */
	ERR_FULL = -3,	      /* a table or buffer is full */
	ERR_BUSY = -4,	      /* the resource is in use; try again later */
	ERR_TIMEOUT = -5,     /* no response in time */
	ERR_UNSUPPORTED = -6, /* known, but not implemented */
	ERR_NOT_FOUND = -7,
	ERR_INTEGRITY = -8, /* checksum mismatch */
	ERR_CANCELLED = -9, /* cancelled by a reset or the caller */
	ERR_IO = -10,	    /* system call (errno) or hardware failed */
};

#endif

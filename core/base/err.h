/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors inside the program. Functions that can fail return 0 or one of
 * these; what goes on a wire is mapped from them in one place per protocol.
 */
#ifndef TETHER_BASE_ERR_H
#define TETHER_BASE_ERR_H

enum err {
	ERR_OK = 0,
	ERR_INVALID = -1,     /* an argument or a field has no such value */
	ERR_LENGTH = -2,      /* too short or too long */
	ERR_FULL = -3,	      /* a table or buffer has no room */
	ERR_BUSY = -4,	      /* in use; try again later */
	ERR_TIMEOUT = -5,     /* no answer in time */
	ERR_UNSUPPORTED = -6, /* known, but not done here */
	ERR_NOT_FOUND = -7,
	ERR_INTEGRITY = -8, /* a checksum does not match */
	ERR_CANCELLED = -9, /* given up by a reset or by the caller */
	ERR_IO = -10,	    /* the system below failed; errno tells */
};

#endif

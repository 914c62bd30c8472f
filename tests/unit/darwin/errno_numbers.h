/* SPDX-License-Identifier: Apache-2.0 */
/*
 * macOS's numbers of the errno values that USB/IP carries. Included before a
 * source file, so that a test on Linux finds code that mixes up the numbers of
 * the system with those of the wire. No system call that these files make
 * returns one of these values in the test.
 */
#ifndef TESTS_UNIT_DARWIN_ERRNO_NUMBERS_H
#define TESTS_UNIT_DARWIN_ERRNO_NUMBERS_H

#include <errno.h>

#undef ECONNRESET
#undef ESHUTDOWN
#undef ETIMEDOUT
#undef EOVERFLOW
#undef EPROTO
#undef ETIME
#define ECONNRESET 54
#define ESHUTDOWN 58
#define ETIMEDOUT 60
#define EOVERFLOW 84
#define EPROTO 100
#define ETIME 101

#endif

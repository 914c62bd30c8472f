/* SPDX-License-Identifier: Apache-2.0 */
/* Opens serial ports and pseudo-terminals for binary data. */
#ifndef TETHER_POSIX_TTY_H
#define TETHER_POSIX_TTY_H

#include <stddef.h>
#include <stdint.h>

/** Open in raw mode, non-blocking, not as the controlling terminal. baud: bits
 * per second, 0: as set. Returns a descriptor, or -1 with errno set; EINVAL:
 * the system has no such rate. */
int tty_open(const char *path, uint32_t baud);

/** Create a pseudo-terminal in raw mode, and write the path of its other end
 * to path. That end is also kept open, in *keep, so that the pair survives
 * while no program has it open. Returns a non-blocking descriptor, or -1 with
 * errno set. */
int tty_create_pty(char *path, size_t cap, int *keep);

#endif

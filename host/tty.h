/* SPDX-License-Identifier: Apache-2.0 */
/* Opens the serial port that a kernel driver provides for a CDC-ACM
 * interface. */
#ifndef TETHER_HOST_TTY_H
#define TETHER_HOST_TTY_H

/** Open in raw mode, non-blocking, not as the controlling terminal. Returns a
 * descriptor, or -1 with errno set. */
int tty_open(const char *path);

#endif

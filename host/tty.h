/* SPDX-License-Identifier: Apache-2.0 */
/* A serial port that a driver made of a USB device. */
#ifndef TETHER_HOST_TTY_H
#define TETHER_HOST_TTY_H

/** Open it as a log is read: raw, without becoming the controlling terminal.
 * A descriptor, or -1 with errno set. */
int tty_open(const char *path);

#endif

/*
 * The serial port that Linux made of a USB device, found in sysfs by the
 * device's serial number.
 */
#ifndef TETHER_HOST_TTY_H
#define TETHER_HOST_TTY_H

#include <stddef.h>

/** Path of its first tty ("/dev/ttyACM0"). ERR_NOT_FOUND: there is no such
 * device, or no driver made a tty of it; *present tells which. */
int tty_of_serial(const char *serial, char *path, size_t cap, int *present);

/** Open it as a log is read: raw, without becoming the controlling terminal.
 * A descriptor, or -1 with errno set. */
int tty_open(const char *path);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watches whether a program on the board has opened the serial port of the
 * gadget. The kernel does not tell the board whether the host has opened its
 * end, so the board's end decides.
 *
 * A getty that waits for a login has the port open all the time and does not
 * count. A session does: the port is then the controlling terminal of another
 * program.
 */
#ifndef TETHER_GADGET_SERIAL_WATCH_H
#define TETHER_GADGET_SERIAL_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gadget/config.h"

/** All zero: nothing is watched. */
struct serial_watch {
	int fd;		    /* inotify; 0: not open */
	int wd;		    /* of the port; 0: none */
	unsigned int opens; /* minus closes, since the watch began */
	char port[CONFIG_NAME];
};

/** Who has a terminal as the controlling terminal. */
struct serial_watch_users {
	bool getty, others;
};

/** Begin to watch the port, or handle its events since the last call. `port` is
 * its device file. */
void serial_watch_update(struct serial_watch *w, const char *port);

/** Whether a program has the watched port open. Programs that had opened it
 * before the watch began are found if it is their controlling terminal. */
bool serial_watch_is_open(const struct serial_watch *w);

void serial_watch_close(struct serial_watch *w);

/** Add the process of a line of /proc/PID/stat to *u if its controlling
 * terminal is the device `tty`. Pure: no I/O. */
void serial_watch_add_process(struct serial_watch_users *u, const char *stat,
			      uint32_t tty);

#endif

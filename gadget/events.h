/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receives events of the kernel: uevents (controllers, role switches),
 * rtnetlink (links, addresses), and the kernel log. Only the kernel log gives
 * the reason for an EBUSY of configfs. An event only says that something may
 * have changed; the service then reads the current state.
 */
#ifndef TETHER_GADGET_EVENTS_H
#define TETHER_GADGET_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linux_sys/loop.h"

enum { EVENTS_LINE = 256 };

struct events {
	struct loop *loop;
	struct loop_source uevent, route, kmsg; /* fd -1: not available */
	bool changed; /* an event arrived; cleared by the reader */
	bool no_fifo; /* the kernel reported an endpoint without FIFO */
	char last[EVENTS_LINE]; /* last line of the kernel log since
				 * events_drain() */
};

/** Open the sockets and the kernel log. ERR_IO with errno: a socket cannot be
 * opened. The kernel log is optional. */
int events_open(struct events *e, struct loop *loop);
void events_close(struct events *e);

/** Discard what the kernel has logged so far. */
void events_drain(struct events *e);

/** The last line that the kernel logged since events_drain(); "": none. Valid
 * until the next event. */
const char *events_reason(struct events *e);

/** Whether a uevent ("add@/devices/x\0KEY=value\0...") belongs to a subsystem.
 * Pure: no I/O. */
bool events_has_subsystem(const char *data, size_t len, const char *subsystem);

/** Extract the text of a record of /dev/kmsg ("6,339,5140900,-;text\n...");
 * bytes that are not printable become '?'. false: the record has no text. Pure:
 * no I/O. */
bool events_parse_kmsg(const char *record, size_t len, char *out, size_t cap);

#endif

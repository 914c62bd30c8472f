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

enum { EVENTS_LINE = 256, EVENTS_UDC = 64 };

/** Faults of a controller that only the kernel log reports. */
enum events_fault {
	EVENTS_FAULT_NONE,
	EVENTS_FAULT_NO_FIFO, /* no FIFO for an endpoint */
	EVENTS_FAULT_STOPPED, /* an endpoint does not stop: no transfers */
};

struct events {
	struct loop *loop;
	struct loop_source uevent, route, kmsg; /* fd -1: not available */
	bool changed; /* an event arrived; cleared by the reader */
	bool no_fifo; /* the kernel reported an endpoint without FIFO */
	bool stopped; /* the kernel reported a controller that stands still */
	char udc[EVENTS_UDC];	/* the controller in use, set by the owner */
	char last[EVENTS_LINE]; /* last line of the kernel log since
				 * events_drain() */
};

/** Open the sockets and the kernel log. ERR_IO with errno: a socket cannot be
 * opened. The kernel log is optional. */
int events_open(struct events *e, struct loop *loop);
void events_close(struct events *e);

/** Open the kernel log only. It is /dev/kmsg, else the standard input of this
 * process, if the service manager has opened that file there. */
void events_open_log(struct events *e);

/** Read the new records of the kernel log: sets no_fifo and stopped. */
void events_read_log(struct events *e);

/** Leave the kernel log to another process. */
void events_close_log(struct events *e);

/** Discard what the kernel has logged so far. */
void events_drain(struct events *e);

/** The last line that the kernel logged since events_drain(); "": none. Valid
 * until the next event. */
const char *events_reason(struct events *e);

/** Whether a uevent ("add@/devices/x\0KEY=value\0...") belongs to a subsystem.
 * Pure: no I/O. */
bool events_has_subsystem(const char *data, size_t len, const char *subsystem);

/** Extract the text of a record of /dev/kmsg ("6,339,5140900,-;text\n...");
 * bytes that are not printable become '?'. false: the record has no text, or a
 * program wrote it: the number before the first comma is 8 * facility + level,
 * and the kernel alone uses facility 0. Pure: no I/O. */
bool events_parse_kmsg(const char *record, size_t len, char *out, size_t cap);

/** The fault that a text of the kernel log reports for the controller `udc`. A
 * text matches only if it begins with the driver's name and the device, because
 * other messages of the kernel contain names that programs choose. Pure: no
 * I/O. */
enum events_fault events_find_fault(const char *text, const char *udc);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel tells: uevents (controllers, role switches), rtnetlink
 * (links, addresses), and its log, where configfs leaves the reason behind an
 * EBUSY. All three only say that something changed, or why; what is so now is
 * looked up.
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
	struct loop_source uevent, route, kmsg; /* fd -1: not to be had */
	bool changed; /* something did; the reader clears it */
	bool no_fifo; /* the kernel said that an endpoint has no FIFO */
	char last[EVENTS_LINE]; /* of the kernel's log since events_drain() */
};

/** Open what can be had; ERR_IO with errno where the two sockets cannot. */
int events_open(struct events *e, struct loop *loop);
void events_close(struct events *e);

/** Forget what the kernel said so far. */
void events_drain(struct events *e);

/** The kernel's last line since then, "" where there is none. Valid until the
 * next event. */
const char *events_reason(struct events *e);

/** A uevent's content ("add@/devices/x\0KEY=value\0...") is about something
 * of that subsystem. Pure. */
bool uevent_is_about(const char *data, size_t len, const char *subsystem);

/** The text of a record of /dev/kmsg ("6,339,5140900,-;text\n...") into out,
 * without what cannot be printed. false: it is none. Pure. */
bool kmsg_text(const char *record, size_t len, char *out, size_t cap);

#endif

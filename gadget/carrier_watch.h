/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The carrier watch: decides what to try when the host has configured the
 * device (carrier) but no packet arrives, and when. Pure; the service acts.
 *
 * Linux hosts up to 7.3 at least can lose the notification that the network is
 * connected: usbnet's deferred work clears EVENT_LINK_CHANGE after it has read
 * the carrier, so a notification in between is lost (seen with Debian's 6.1, in
 * most runs on one processor). A repeated notification repairs that. For every
 * other cause the device is re-enumerated once.
 */
#ifndef TETHER_GADGET_CARRIER_WATCH_H
#define TETHER_GADGET_CARRIER_WATCH_H

#include <stdint.h>

enum {
	CARRIER_WATCH_NOTIFY_MS = 1500, /* interval of the notifications */
	CARRIER_WATCH_NOTIFICATIONS = 2,
	CARRIER_WATCH_REENUMERATE_MS = 10000, /* after the carrier came */
};

enum carrier_watch_action {
	CARRIER_WATCH_NONE,
	CARRIER_WATCH_NOTIFY,	   /* notify the host again */
	CARRIER_WATCH_REENUMERATE, /* unbind and bind the gadget */
};

/** All zero after the gadget was bound. */
struct carrier_watch {
	uint64_t rx;	/* packets received when the watch was started */
	uint32_t at_ms; /* time of the next action; 0: the watch is off */
	uint8_t tried;	/* actions since the gadget was bound */
};

/** The carrier came; `rx` packets were received so far. Every action is taken
 * once per bind: the watch continues after the last action. */
void carrier_watch_start(struct carrier_watch *w, uint32_t now_ms, uint64_t rx);

/** The carrier went. */
void carrier_watch_stop(struct carrier_watch *w);

/** What to do now. A received packet turns the watch off. */
enum carrier_watch_action carrier_watch_poll(struct carrier_watch *w,
					     uint32_t now_ms, uint64_t rx);

/** When to call carrier_watch_poll() in clock_now_ms(); 0: the watch is off. */
uint32_t carrier_watch_due_ms(const struct carrier_watch *w);

#endif

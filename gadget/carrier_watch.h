/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The carrier watch is for hosts that have configured the device (carrier) but
 * send no packet. It decides which action to try, and when. service.c performs
 * the action. Pure: no I/O.
 *
 * Linux hosts, at least up to 7.3, can lose the notification that the network
 * is connected. usbnet's deferred work clears EVENT_LINK_CHANGE after it has
 * read the carrier, so a notification in between is lost. This was seen with
 * Debian's 6.1, in most runs on one processor. A repeated notification repairs
 * it. If packets are missing for another cause, the device is re-enumerated
 * once.
 */
#ifndef TETHER_GADGET_CARRIER_WATCH_H
#define TETHER_GADGET_CARRIER_WATCH_H

#include <stdint.h>

enum {
	CARRIER_WATCH_NOTIFY_MS = 1500, /* interval of the notifications */
	CARRIER_WATCH_NOTIFICATIONS = 2,
	CARRIER_WATCH_REENUMERATE_MS = 10000, /* after the carrier appeared */
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

/** Start the watch when the carrier has appeared. `rx` is the number of packets
 * received so far. A restarted watch continues after its last action, so that
 * no action repeats before the next bind. */
void carrier_watch_start(struct carrier_watch *w, uint32_t now_ms, uint64_t rx);

/** Stop the watch when the carrier has disappeared. */
void carrier_watch_stop(struct carrier_watch *w);

/** Return the action that is due now. A received packet turns the watch off. */
enum carrier_watch_action carrier_watch_poll(struct carrier_watch *w,
					     uint32_t now_ms, uint64_t rx);

/** Time of the next carrier_watch_poll(), in terms of clock_now_ms(); 0: the
 * watch is off. */
uint32_t carrier_watch_due_ms(const struct carrier_watch *w);

#endif

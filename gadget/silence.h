/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host that configured the device and sends nothing: what is tried, and
 * when. Pure; the service does it.
 *
 * Linux hosts up to 7.3 at least can lose the notification that the network is
 * connected: usbnet's deferred work clears EVENT_LINK_CHANGE after it looked
 * for the carrier, and a notification in between is forgotten (seen with
 * Debian's 6.1, in most runs on one processor). A second one ends that. For
 * all else there is one re-enumeration.
 */
#ifndef TETHER_GADGET_SILENCE_H
#define TETHER_GADGET_SILENCE_H

#include <stdint.h>

enum {
	SILENCE_TELL_MS = 1500, /* after the carrier, and again after that */
	SILENCE_TELLS = 2,
	SILENCE_END_MS = 10000, /* after the carrier */
};

enum silence_action {
	SILENCE_NOTHING,
	SILENCE_TELL,	   /* notify the host again: interface down and up */
	SILENCE_ENUMERATE, /* off the bus and on it again */
};

/** All zero: nothing was tried yet since the gadget was bound. */
struct silence {
	uint64_t rx; /* packets received when the watch began */
	uint32_t at_ms;
	uint8_t tried;
};

/** The carrier came, with `rx` packets received so far. What was tried once
 * is not tried again before the next binding. */
void silence_watch(struct silence *s, uint32_t now_ms, uint64_t rx);

/** The carrier went. */
void silence_end(struct silence *s);

/** What is to be done now; a packet received ends the watch. */
enum silence_action silence_turn(struct silence *s, uint32_t now_ms,
				 uint64_t rx);

/** When silence_turn() is to be called; 0: not before the next carrier. */
uint32_t silence_at_ms(const struct silence *s);

#endif

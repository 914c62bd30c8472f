/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/carrier_watch.h"

static void schedule(struct carrier_watch *w, uint32_t now_ms)
{
	uint32_t wait = CARRIER_WATCH_NOTIFY_MS;

	if (w->tried > CARRIER_WATCH_NOTIFICATIONS) {
		w->at_ms = 0;
		return;
	}
	if (w->tried == CARRIER_WATCH_NOTIFICATIONS)
		wait = CARRIER_WATCH_REENUMERATE_MS -
		       CARRIER_WATCH_NOTIFICATIONS * CARRIER_WATCH_NOTIFY_MS;
	w->at_ms = (now_ms + wait) | 1; /* never 0, which means off */
}

void carrier_watch_start(struct carrier_watch *w, uint32_t now_ms, uint64_t rx)
{
	w->rx = rx;
	schedule(w, now_ms);
}

void carrier_watch_stop(struct carrier_watch *w)
{
	w->at_ms = 0;
}

enum carrier_watch_action carrier_watch_poll(struct carrier_watch *w,
					     uint32_t now_ms, uint64_t rx)
{
	if (!w->at_ms || (int32_t)(now_ms - w->at_ms) < 0)
		return CARRIER_WATCH_NONE;
	if (rx != w->rx) {
		w->at_ms = 0;
		return CARRIER_WATCH_NONE;
	}
	w->tried++;
	schedule(w, now_ms);
	return w->tried <= CARRIER_WATCH_NOTIFICATIONS
		       ? CARRIER_WATCH_NOTIFY
		       : CARRIER_WATCH_REENUMERATE;
}

uint32_t carrier_watch_due_ms(const struct carrier_watch *w)
{
	return w->at_ms;
}

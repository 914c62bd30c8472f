/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/recovery.h"

static uint32_t at(uint32_t ms)
{
	return ms | 1; /* never 0, which means none */
}

void recovery_report(struct recovery *r, uint32_t now_ms, uint64_t rx)
{
	if (r->at_ms)
		return;
	r->rx = rx;
	r->at_ms = at(now_ms + RECOVERY_CHECK_MS);
}

static uint32_t next_backoff(const struct recovery *r, uint32_t now_ms)
{
	if (!r->backoff_ms || now_ms - r->last_ms >= RECOVERY_CALM_MS)
		return RECOVERY_FIRST_MS;
	return 2 * r->backoff_ms < RECOVERY_MOST_MS ? 2 * r->backoff_ms
						    : RECOVERY_MOST_MS;
}

bool recovery_poll(struct recovery *r, uint32_t now_ms, uint64_t rx,
		   bool carrier)
{
	if (!r->at_ms || (int32_t)(now_ms - r->at_ms) < 0)
		return false;
	r->at_ms = 0;
	if (rx != r->rx || !carrier)
		return false;
	if (r->backoff_ms && now_ms - r->last_ms < r->backoff_ms) {
		r->at_ms = at(r->last_ms + r->backoff_ms);
		return false;
	}
	r->backoff_ms = next_backoff(r, now_ms);
	r->last_ms = now_ms;
	r->count++;
	return true;
}

uint32_t recovery_due_ms(const struct recovery *r)
{
	return r->at_ms;
}

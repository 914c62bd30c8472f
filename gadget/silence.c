/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/silence.h"

static void arm(struct silence *s, uint32_t now_ms)
{
	uint32_t wait = SILENCE_TELL_MS;

	if (s->tried > SILENCE_TELLS) {
		s->at_ms = 0;
		return;
	}
	if (s->tried == SILENCE_TELLS)
		wait = SILENCE_END_MS - SILENCE_TELLS * SILENCE_TELL_MS;
	s->at_ms = (now_ms + wait) | 1; /* 0 says that none is waited for */
}

void silence_watch(struct silence *s, uint32_t now_ms, uint64_t rx)
{
	s->rx = rx;
	arm(s, now_ms);
}

void silence_end(struct silence *s)
{
	s->at_ms = 0;
}

enum silence_action silence_turn(struct silence *s, uint32_t now_ms,
				 uint64_t rx)
{
	if (!s->at_ms || (int32_t)(now_ms - s->at_ms) < 0)
		return SILENCE_NOTHING;
	if (rx != s->rx) {
		s->at_ms = 0;
		return SILENCE_NOTHING;
	}
	s->tried++;
	arm(s, now_ms);
	return s->tried <= SILENCE_TELLS ? SILENCE_TELL : SILENCE_ENUMERATE;
}

uint32_t silence_at_ms(const struct silence *s)
{
	return s->at_ms;
}

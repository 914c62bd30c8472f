/* SPDX-License-Identifier: Apache-2.0 */
/* gadget/silence: when a silent host is told again, and when re-enumerated. */
#include "cm.h"

#include "gadget/silence.h"

static enum silence_action at(struct silence *s, uint32_t ms, uint64_t rx)
{
	return silence_turn(s, ms, rx);
}

/* Twice told, once re-enumerated, then left alone. */
static void each_step_once(void **state)
{
	struct silence s = { 0 };
	const uint32_t t = 5000;

	(void)state;
	silence_watch(&s, t, 7);
	assert_int_equal(at(&s, t + SILENCE_TELL_MS - 1, 7), SILENCE_NOTHING);
	assert_int_equal(at(&s, t + 1501, 7), SILENCE_TELL);
	assert_int_equal(at(&s, t + 1502, 7), SILENCE_NOTHING);
	assert_int_equal(at(&s, t + 3003, 7), SILENCE_TELL);
	assert_int_equal(at(&s, t + 9990, 7), SILENCE_NOTHING);
	assert_int_equal(at(&s, t + 10005, 7), SILENCE_ENUMERATE);
	assert_int_equal(silence_at_ms(&s), 0);
	/* the carrier of the re-enumeration */
	silence_watch(&s, t + 11000, 0);
	assert_int_equal(silence_at_ms(&s), 0);
	assert_int_equal(at(&s, t + 60000, 0), SILENCE_NOTHING);
}

static void a_packet_ends_it(void **state)
{
	struct silence s = { 0 };

	(void)state;
	silence_watch(&s, 1000, 7);
	assert_int_equal(at(&s, 2600, 8), SILENCE_NOTHING);
	assert_int_equal(silence_at_ms(&s), 0);
}

/* A carrier that comes and goes does not begin anew. */
static void steps_are_of_a_binding(void **state)
{
	struct silence s = { 0 };
	uint32_t now = UINT32_MAX - 2000; /* the clock wraps meanwhile */

	(void)state;
	for (int i = 0; i < SILENCE_TELLS; i++) {
		silence_watch(&s, now, 0);
		now += SILENCE_TELL_MS + 1;
		assert_int_equal(at(&s, now, 0), SILENCE_TELL);
		silence_end(&s);
		assert_int_equal(silence_at_ms(&s), 0);
	}
	silence_watch(&s, now, 0);
	assert_int_equal(at(&s, now + SILENCE_TELL_MS + 1, 0), SILENCE_NOTHING);
	assert_int_equal(at(&s, now + SILENCE_END_MS, 0), SILENCE_ENUMERATE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_step_once),
		cmocka_unit_test(a_packet_ends_it),
		cmocka_unit_test(steps_are_of_a_binding),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

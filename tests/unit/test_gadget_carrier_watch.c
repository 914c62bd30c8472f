/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of gadget/carrier_watch: the times at which a silent host is notified
 * and re-enumerated. */
#include "cm.h"

#include "gadget/carrier_watch.h"

static void takes_each_action_once_per_bind(void **state)
{
	struct carrier_watch w = { 0 };
	const uint32_t t = 5000;

	(void)state;
	carrier_watch_start(&w, t, 7);
	assert_int_equal(carrier_watch_poll(&w, t + 1499, 7),
			 CARRIER_WATCH_NONE);
	assert_int_equal(carrier_watch_poll(&w, t + 1501, 7),
			 CARRIER_WATCH_NOTIFY);
	assert_int_equal(carrier_watch_poll(&w, t + 1502, 7),
			 CARRIER_WATCH_NONE);
	assert_int_equal(carrier_watch_poll(&w, t + 3003, 7),
			 CARRIER_WATCH_NOTIFY);
	assert_int_equal(carrier_watch_poll(&w, t + 9990, 7),
			 CARRIER_WATCH_NONE);
	assert_int_equal(carrier_watch_poll(&w, t + 10005, 7),
			 CARRIER_WATCH_REENUMERATE);
	assert_int_equal(carrier_watch_due_ms(&w), 0);
	/* The carrier returns after the re-enumeration. */
	carrier_watch_start(&w, t + 11000, 0);
	assert_int_equal(carrier_watch_due_ms(&w), 0);
	assert_int_equal(carrier_watch_poll(&w, t + 60000, 0),
			 CARRIER_WATCH_NONE);
}

static void stops_when_a_packet_is_received(void **state)
{
	struct carrier_watch w = { 0 };

	(void)state;
	carrier_watch_start(&w, 1000, 7);
	assert_int_equal(carrier_watch_poll(&w, 2600, 8), CARRIER_WATCH_NONE);
	assert_int_equal(carrier_watch_due_ms(&w), 0);
}

static void continues_when_the_carrier_flaps(void **state)
{
	struct carrier_watch w = { 0 };
	uint32_t now = UINT32_MAX - 2000; /* the clock wraps in this test */

	(void)state;
	for (int i = 0; i < CARRIER_WATCH_NOTIFICATIONS; i++) {
		carrier_watch_start(&w, now, 0);
		now += CARRIER_WATCH_NOTIFY_MS + 1;
		assert_int_equal(carrier_watch_poll(&w, now, 0),
				 CARRIER_WATCH_NOTIFY);
		carrier_watch_stop(&w);
		assert_int_equal(carrier_watch_due_ms(&w), 0);
	}
	carrier_watch_start(&w, now, 0);
	assert_int_equal(
		carrier_watch_poll(&w, now + CARRIER_WATCH_NOTIFY_MS + 1, 0),
		CARRIER_WATCH_NONE);
	assert_int_equal(
		carrier_watch_poll(&w, now + CARRIER_WATCH_REENUMERATE_MS, 0),
		CARRIER_WATCH_REENUMERATE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_each_action_once_per_bind),
		cmocka_unit_test(stops_when_a_packet_is_received),
		cmocka_unit_test(continues_when_the_carrier_flaps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

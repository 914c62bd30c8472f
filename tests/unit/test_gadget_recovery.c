/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of gadget/recovery: when a controller that has died is re-enumerated.
 */
#include "cm.h"

#include "gadget/recovery.h"

static void recovers_when_nothing_is_received(void **state)
{
	struct recovery r = { 0 };
	const uint32_t t = UINT32_MAX - 500; /* the clock wraps in this test */

	(void)state;
	assert_false(recovery_poll(&r, t, 7, true));
	assert_int_equal(recovery_due_ms(&r), 0);
	recovery_report(&r, t, 7);
	assert_int_not_equal(recovery_due_ms(&r), 0);
	assert_false(recovery_poll(&r, t + RECOVERY_CHECK_MS - 2, 7, true));
	assert_true(recovery_poll(&r, t + RECOVERY_CHECK_MS + 1, 7, true));
	assert_int_equal(r.count, 1);
	assert_int_equal(recovery_due_ms(&r), 0);
	assert_false(recovery_poll(&r, t + 60000, 7, true));
}

static void does_not_disturb_what_works(void **state)
{
	struct recovery r = { 0 };

	(void)state;
	recovery_report(&r, 1000, 7);
	assert_false(recovery_poll(&r, 4000, 8, true)); /* a packet arrived */
	recovery_report(&r, 5000, 8);
	assert_false(recovery_poll(&r, 8000, 8, false)); /* no host */
	assert_int_equal(r.count, 0);
	assert_int_equal(recovery_due_ms(&r), 0);
}

static void waits_longer_after_each_recovery(void **state)
{
	struct recovery r = { 0 };
	uint32_t now = 1000, last = 0, wait = RECOVERY_FIRST_MS;

	(void)state;
	/* The kernel logs the fault again after each re-enumeration. */
	for (int i = 0; i < 10; i++) {
		recovery_report(&r, now, 0);
		while (!recovery_poll(&r, now, 0, true))
			now += 10;
		if (i) {
			assert_true(now - last >= wait);
			assert_true(now - last < wait + 20);
			wait = 2 * wait < RECOVERY_MOST_MS ? 2 * wait
							   : RECOVERY_MOST_MS;
		}
		last = now;
	}
	assert_int_equal(r.count, 10);
	assert_int_equal(wait, RECOVERY_MOST_MS);
	/* After an hour without a fault, the first wait applies again. */
	now += RECOVERY_CALM_MS;
	recovery_report(&r, now, 0);
	now += RECOVERY_CHECK_MS + 1;
	assert_true(recovery_poll(&r, now, 0, true));
	assert_int_equal(r.backoff_ms, RECOVERY_FIRST_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recovers_when_nothing_is_received),
		cmocka_unit_test(does_not_disturb_what_works),
		cmocka_unit_test(waits_longer_after_each_recovery),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

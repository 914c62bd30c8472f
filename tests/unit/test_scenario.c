/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of scenarios: their parser, the times of the actions, and the rules
 * that select faults. */
#include "cm.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "drive/drive.h"
#include "drive_file/scenario.h"
#include "nvme_mi/nvme_wire.h"

static struct drive d;
static struct simulator sim;
static struct scenario s;
static char error[768];

static int setup(void **state)
{
	(void)state;
	drive_init_default(&d);
	drive_start(&d);
	simulator_init(&sim, &d, 0);
	return 0;
}

static void load(const char *text)
{
	int err = scenario_parse(&s, &d, text, strlen(text), "s", error,
				 sizeof(error));

	if (err)
		fail_msg("%s", error);
}

/* Advance to a time in seconds. */
static void advance(uint32_t seconds)
{
	drive_poll(&d, seconds * 1000);
	scenario_poll(&s, &sim, seconds * 1000);
	simulator_poll(&sim, seconds * 1000);
}

static void start(const char *text)
{
	load(text);
	drive_poll(&d, 0);
	scenario_start(&s, 0, false);
	advance(0);
}

static void actions_run_at_their_times(void **state)
{
	(void)state;
	start("# comment\n"
	      "\n"
	      "at 10s set controller.0.spare=50  # behind an action\r\n"
	      "\tat 0 set controller.0.spare=90\n"
	      "at 20s set controller.0.spare=40\n"
	      "at +5s set controller.0.spare=30\n"
	      "at 1m1s set controller.0.spare=20");
	assert_int_equal(d.controller[0].spare, 90);
	assert_int_equal(scenario_wait(&s, 4000), 6000);
	advance(9);
	assert_int_equal(d.controller[0].spare, 90);
	advance(10);
	assert_int_equal(d.controller[0].spare, 50);
	advance(24);
	assert_int_equal(d.controller[0].spare, 40);
	advance(25);
	assert_int_equal(d.controller[0].spare, 30);
	advance(1000);
	assert_int_equal(d.controller[0].spare, 20);
	assert_int_equal(scenario_wait(&s, 1000000), UINT32_MAX);
}

static void late_turn_runs_all_actions_in_order(void **state)
{
	(void)state;
	start("at 2s set controller.0.spare=2\n"
	      "at 1s set controller.0.spare=1\n"
	      "at 2s set controller.0.life-used=7\n"
	      "at 2s set controller.0.life-used=8\n");
	advance(50);
	assert_int_equal(d.controller[0].spare, 2);
	assert_int_equal(d.controller[0].life_used, 8);
}

static void ramp_changes_value_evenly_from_current_value(void **state)
{
	(void)state;
	d.controller[0].temperature = 300;
	start("at 10s ramp controller.0.temperature=360 over 60s\n"
	      "at 100s ramp controller.0.temperature=350 over 10s\n");
	advance(10);
	assert_int_equal(d.controller[0].temperature, 300);
	advance(11);
	assert_int_equal(d.controller[0].temperature, 301);
	advance(40);
	assert_int_equal(d.controller[0].temperature, 330);
	assert_int_equal(simulator_wait(&sim, 40000), 50);
	advance(71);
	assert_int_equal(d.controller[0].temperature, 360);
	assert_int_equal(simulator_wait(&sim, 71000), UINT32_MAX);
	advance(105);
	assert_int_equal(d.controller[0].temperature, 355);
}

static void curve_passes_through_its_points(void **state)
{
	(void)state;
	start("at 5s curve controller.1.temperature 0:300 10s:320 1m:270\n");
	assert_int_equal(d.controller[1].temperature, 293);
	advance(5);
	assert_int_equal(d.controller[1].temperature, 300);
	advance(10);
	assert_int_equal(d.controller[1].temperature, 310);
	advance(15);
	assert_int_equal(d.controller[1].temperature, 320);
	advance(40);
	assert_int_equal(d.controller[1].temperature, 295);
	advance(80);
	assert_int_equal(d.controller[1].temperature, 270);
	assert_int_equal(d.controller[0].temperature, 293);
}

static void later_action_ends_curve_of_its_value_only(void **state)
{
	(void)state;
	start("at 0 ramp controller.0.temperature=393 over 100s\n"
	      "at 0 ramp controller.1.temperature=393 over 100s\n"
	      "at 10s set controller.0.temperature=350\n");
	advance(50);
	assert_int_equal(d.controller[0].temperature, 350);
	assert_int_equal(d.controller[1].temperature, 343);
}

static void power_loss_counts_unsafe_shutdown_and_ends(void **state)
{
	struct drive_controller *c = &d.controller[0];

	(void)state;
	c->features.saved[DRIVE_FEATURE_WRITE_ATOMICITY] = 1;
	drive_feature_set(&d, 0, DRIVE_FEATURE_ERROR_RECOVERY, 5, false);
	assert_int_equal(drive_self_test_start(&d, 0, DRIVE_SELF_TEST_SHORT, 0),
			 ERR_OK);
	start("at 1s power-loss for 5s\n"
	      "at 20s power-loss\n"
	      "at 30s power-on\n");
	advance(1);
	assert_true(d.off);
	assert_int_equal(c->counters.unsafe_shutdowns, 1);
	assert_int_equal(simulator_wait(&sim, 2000), 4000);
	advance(5);
	assert_true(d.off);
	advance(6);
	assert_false(d.off);
	assert_int_equal(c->counters.power_cycles, 2);
	assert_int_equal(drive_feature_get(c, DRIVE_FEATURE_ERROR_RECOVERY,
					   DRIVE_FEATURE_CURRENT),
			 0);
	assert_int_equal(drive_feature_get(c, DRIVE_FEATURE_WRITE_ATOMICITY,
					   DRIVE_FEATURE_CURRENT),
			 1);
	assert_int_equal(c->self_test.result[0].result,
			 DRIVE_SELF_TEST_ABORTED_BY_RESET);
	drive_shutdown(&d, false);
	advance(20);
	assert_true(d.off);
	advance(29);
	assert_true(d.off);
	advance(30);
	assert_false(d.off);
	assert_false(c->shut_down);
	assert_int_equal(c->counters.unsafe_shutdowns, 1);
	assert_int_equal(c->counters.power_cycles, 3);
}

static void operations_stand_still_without_power(void **state)
{
	const struct drive_sanitize request = {
		.action = DRIVE_SANITIZE_BLOCK_ERASE,
	};
	uint32_t left;

	(void)state;
	drive_poll(&d, 0);
	assert_int_equal(drive_sanitize_start(&d, &request), ERR_OK);
	start("at 1s power-loss for 50s\n");
	advance(1);
	left = drive_operation_remaining(&d, &d.sanitize.operation);
	assert_true(left > 0);
	advance(40);
	assert_int_equal(drive_operation_remaining(&d, &d.sanitize.operation),
			 left);
	assert_int_equal(d.clock.uptime_ms, 1000);
	advance(51);
	assert_int_equal(drive_operation_remaining(&d, &d.sanitize.operation),
			 left);
	advance(52 + left / 1000);
	assert_int_equal(d.sanitize.result, DRIVE_SANITIZE_COMPLETED);
}

static void scenario_repeats(void **state)
{
	(void)state;
	start("repeat every 10s\n"
	      "at 2s set controller.0.spare=20\n"
	      "at 6s set controller.0.spare=60\n");
	advance(7);
	assert_int_equal(d.controller[0].spare, 60);
	assert_int_equal(scenario_wait(&s, 7000), 3000);
	advance(11);
	assert_int_equal(d.controller[0].spare, 60);
	advance(12);
	assert_int_equal(d.controller[0].spare, 20);
	advance(1006);
	assert_int_equal(d.controller[0].spare, 60);
}

static void scenario_waits_for_first_request(void **state)
{
	(void)state;
	start("start at-request\nat 5s set controller.0.spare=5\n");
	advance(20);
	assert_int_equal(d.controller[0].spare, 100);
	scenario_start(&s, 30000, true);
	scenario_start(&s, 34000, true); /* only the first request counts */
	advance(34);
	assert_int_equal(d.controller[0].spare, 100);
	advance(35);
	assert_int_equal(d.controller[0].spare, 5);
}

static void self_test_fails_in_the_segment(void **state)
{
	const struct drive_self_tests *t = &d.controller[0].self_test;

	(void)state;
	start("at 0 set controller.0.self-test-fails=3\n");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
			drive_self_test_start(&d, 0, DRIVE_SELF_TEST_SHORT, 0),
			ERR_OK);
		advance(30 * (uint32_t)(i + 1));
	}
	assert_int_equal(t->result[1].result, DRIVE_SELF_TEST_SEGMENT_FAILED);
	assert_int_equal(t->result[1].segment, 3);
	assert_int_equal(t->result[0].result, DRIVE_SELF_TEST_PASSED);
	assert_int_equal(t->result[0].segment, 0);
}

/* --- faults --- */

static void add(const char *words)
{
	char text[256];

	snprintf(text, sizeof(text), "fault %s", words);
	if (simulator_do(&sim, text, 0, error, sizeof(error)))
		fail_msg("%s", error);
}

static struct nvme_mi_fault find(uint8_t type, uint8_t opcode, uint8_t id,
				 uint32_t now_ms)
{
	const struct nvme_mi_fault_request r = {
		.now_ms = now_ms,
		.type = type,
		.opcode = opcode,
		.id = id,
		.controller = 1,
		.nsid = 2,
	};
	struct nvme_mi_fault f = { 0 };

	fault_set_find(&sim.faults, &r, &f);
	return f;
}

static bool log_fails(uint8_t id)
{
	return find(NVME_MI_ADMIN_COMMAND, NVME_ADMIN_GET_LOG_PAGE, id, 0)
		.lose_request;
}

static void rule_selects_by_each_field(void **state)
{
	static const struct {
		const char *words;
		bool admin, mi;
	} rules[] = {
		{ "", true, true },
		{ "command=any", true, true },
		{ "command=admin.any", true, false },
		{ "command=admin.get-log-page", true, false },
		{ "command=admin.0x02", true, false },
		{ "command=admin.identify", false, false },
		{ "command=mi.subsystem-health", false, true },
		{ "command=mi.1", false, true },
		{ "command=control.any", false, false },
		{ "id=7", true, false },
		{ "id=8", false, false },
		{ "controller=1", true, false },
		{ "controller=0", false, false },
		{ "nsid=2", true, false },
		{ "nsid=1", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		char words[128];

		snprintf(words, sizeof(words), "%s lose=request",
			 rules[i].words);
		add(words);
		assert_int_equal(log_fails(7), rules[i].admin);
		assert_int_equal(find(NVME_MI_COMMAND,
				      NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0,
				      0)
					 .lose_request,
				 rules[i].mi);
		assert_int_equal(simulator_do(&sim, "clear-faults", 0, error,
					      sizeof(error)),
				 ERR_OK);
		assert_false(log_fails(7));
	}
}

static void rule_sets_each_fault(void **state)
{
	struct nvme_mi_fault f;

	(void)state;
	add("command=admin.identify status=internal-error lose=response "
	    "bad-mic delay=2s silent count=1");
	add("command=admin.identify status=0x10b delay=0..1ms");
	add("command=mi.any message-status=0x07");
	f = find(NVME_MI_ADMIN_COMMAND, NVME_ADMIN_IDENTIFY, 0, 0);
	assert_int_equal(f.completion, NVME_STATUS_INTERNAL_ERROR);
	assert_true(f.lose_response && f.corrupt_check && f.silent);
	assert_false(f.lose_request);
	assert_int_equal(f.delay_ms, 2000);
	/* The first rule has ended. */
	f = find(NVME_MI_ADMIN_COMMAND, NVME_ADMIN_IDENTIFY, 0, 0);
	assert_int_equal(f.completion, 0x10b);
	assert_false(f.lose_response || f.corrupt_check || f.silent);
	assert_true(f.delay_ms <= 1);
	f = find(NVME_MI_COMMAND, NVME_MI_VPD_READ, 0, 0);
	assert_int_equal(f.message_status, NVME_MI_ACCESS_DENIED);
}

static void rule_ends_by_count_and_time(void **state)
{
	(void)state;
	add("lose=request skip=2 count=3");
	for (int i = 0; i < 8; i++)
		assert_int_equal(log_fails(0), i >= 2 && i < 5);
	add("lose=request for=10s");
	assert_true(find(1, 0, 0, 9999).lose_request);
	assert_false(find(1, 0, 0, 10000).lose_request);
	assert_int_equal(sim.faults.rules, 0);
}

static uint32_t draw_faults(uint64_t seed)
{
	uint32_t faults = 0;

	simulator_init(&sim, &d, seed);
	add("lose=request chance=40");
	for (int i = 0; i < 32; i++)
		faults |= (uint32_t)log_fails(0) << i;
	return faults;
}

static void seed_determines_random_faults(void **state)
{
	uint32_t first = draw_faults(1);
	int count = 0;

	(void)state;
	assert_int_equal(draw_faults(1), first);
	assert_int_not_equal(draw_faults(2), first);
	simulator_init(&sim, &d, 3);
	add("lose=request chance=40");
	for (int i = 0; i < 1000; i++)
		count += log_fails(0);
	assert_in_range(count, 340, 460);
}

static void delay_is_drawn_from_its_range(void **state)
{
	uint32_t low = UINT32_MAX, high = 0;

	(void)state;
	add("delay=100ms..1s");
	for (int i = 0; i < 500; i++) {
		uint32_t ms = find(1, 0, 0, 0).delay_ms;

		low = ms < low ? ms : low;
		high = ms > high ? ms : high;
	}
	assert_in_range(low, 100, 150);
	assert_in_range(high, 950, 1000);
}

static void limits_number_of_faults_and_curves(void **state)
{
	(void)state;
	for (int i = 0; i < FAULT_SET_RULES; i++)
		add("bad-mic");
	assert_int_equal(
		simulator_do(&sim, "fault bad-mic", 0, error, sizeof(error)),
		ERR_FULL);
	assert_non_null(strstr(error, "clear-faults"));
}

/* --- errors --- */

static void wrong(const char *text, const char *message)
{
	assert_int_equal(scenario_parse(&s, &d, text, strlen(text), "s", error,
					sizeof(error)),
			 ERR_INVALID);
	if (!strstr(error, message))
		fail_msg("\"%s\" lacks \"%s\"", error, message);
}

static void rejects_invalid_line_with_its_number(void **state)
{
	(void)state;
	wrong("\n\nfoo", "s:3: foo: expected at, repeat, seed or start");
	wrong("at", "s:1: : expected a time");
	wrong("at 5 power-on", "5: expected a time");
	wrong("at 5x power-on", "5x: expected a time");
	wrong("at 5s5m power-on", "5s5m: expected a time");
	wrong("at 200h power-on", "expected a time of up to a week");
	wrong("at 100h power-on\nat +100h power-on", "s:2: +100h: expected");
	wrong("at 5s", "unknown action \"\"");
	wrong("at 5s explode", "unknown action explode (expected set, ramp");
	wrong("at 0 set controller.0.spare", "unknown key");
	wrong("at 0 set controller.9.spare=1", "expected controller 0 to 1");
	wrong("at 0 set controller.0.spare=101", "a number from 0 to 100");
	wrong("at 0 set a b", "expected set KEY=VALUE");
	wrong("at 0 ramp controller.0.spare=1", "expected ramp KEY=VALUE over");
	wrong("at 0 ramp controller.0.spare=1 in 5s", "expected ramp");
	wrong("at 0 ramp controller.0.fatal=true over 5s", "Use set");
	wrong("at 0 curve controller.0.spare", "expected curve KEY");
	wrong("at 0 curve controller.0.spare 5:1", "expected points");
	wrong("at 0 curve controller.0.spare 5s:1 5s:2", "ascending times");
	wrong("at 0 curve controller.0.spare 5s", "expected points");
	wrong("at 0 curve controller.0.spare 5s:200", "from 0 to 100");
	wrong("at 0 power-loss 5s", "power-loss for DURATION");
	wrong("at 0 power-loss for 0", "power-loss for DURATION");
	wrong("at 0 power-on now", "without further words");
	wrong("at 0 clear-faults 1", "without further words");
	wrong("seed x", "expected seed and a number");
	wrong("seed 1\nseed 2", "s:2: duplicate seed");
	wrong("start now", "expected start at-request");
	wrong("repeat 5s", "expected repeat every");
	wrong("repeat every 0", "expected repeat every");
	wrong("repeat every 5s\nrepeat every 5s", "first in line 1");
	wrong("repeat every 5s\nat 5s power-on", "s:2: the time is not before");
	wrong("at 0 power-on \x01", "only ASCII");
}

static void rejects_invalid_fault_with_reason(void **state)
{
	(void)state;
	wrong("at 0 fault", "expected what goes wrong");
	wrong("at 0 fault count=1", "expected what goes wrong");
	wrong("at 0 fault colour=1",
	      "unknown word colour=1 (expected command=");
	wrong("at 0 fault bad-mic=1", "unknown word bad-mic=1");
	wrong("at 0 fault count", "unknown word count");
	wrong("at 0 fault bad-mic bad-mic", "expected this word once");
	wrong("at 0 fault command=x bad-mic", "expected any, or admin");
	wrong("at 0 fault command=x.any bad-mic", "expected any, or admin");
	wrong("at 0 fault command=mi.x bad-mic", "read-data-structure");
	wrong("at 0 fault command=mi.256 bad-mic", "expected a number, or");
	wrong("at 0 fault status=x", "invalid-field");
	wrong("at 0 fault status=0x800", "expected a number");
	wrong("at 0 fault status=0", "expected a number");
	wrong("at 0 fault status=0x06", "expected command=admin.NAME");
	wrong("at 0 fault command=mi.any status=6", "Use message-status=");
	wrong("at 0 fault message-status=1", "access-denied");
	wrong("at 0 fault lose=all", "request or response");
	wrong("at 0 fault delay=0", "expected a duration");
	wrong("at 0 fault delay=2s..1s", "expected a duration");
	wrong("at 0 fault bad-mic silent", "silent: expected delay=");
	wrong("at 0 fault command=control.replay delay=1s", "at once");
	wrong("at 0 fault bad-mic chance=101", "from 1 to 100");
	wrong("at 0 fault bad-mic count=0", "from 1 to 4294967295");
	wrong("at 0 fault bad-mic for=x", "expected a duration");
	wrong("at 0 fault bad-mic id=256", "from 0 to 255");
	wrong("at 0 fault bad-mic controller=65536", "from 0 to 65535");
}

static void shipped_examples_are_valid(void **state)
{
	static const char *const names[] = { "overheat", "wear-out",
					     "bad-cable", "power-cycles",
					     "busy-firmware" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[512];

		snprintf(path, sizeof(path), SCENARIOS "/%s.scenario",
			 names[i]);
		if (scenario_load(&s, &d, path, error, sizeof(error)))
			fail_msg("%s", error);
		assert_true(s.events > 0);
	}
	assert_int_equal(
		scenario_load(&s, &d, SCENARIOS "/none", error, sizeof(error)),
		ERR_IO);
	assert_non_null(strstr(error, "cannot read scenario"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(actions_run_at_their_times, setup),
		cmocka_unit_test_setup(late_turn_runs_all_actions_in_order,
				       setup),
		cmocka_unit_test_setup(
			ramp_changes_value_evenly_from_current_value, setup),
		cmocka_unit_test_setup(curve_passes_through_its_points, setup),
		cmocka_unit_test_setup(
			later_action_ends_curve_of_its_value_only, setup),
		cmocka_unit_test_setup(
			power_loss_counts_unsafe_shutdown_and_ends, setup),
		cmocka_unit_test_setup(operations_stand_still_without_power,
				       setup),
		cmocka_unit_test_setup(scenario_repeats, setup),
		cmocka_unit_test_setup(scenario_waits_for_first_request, setup),
		cmocka_unit_test_setup(self_test_fails_in_the_segment, setup),
		cmocka_unit_test_setup(rule_selects_by_each_field, setup),
		cmocka_unit_test_setup(rule_sets_each_fault, setup),
		cmocka_unit_test_setup(rule_ends_by_count_and_time, setup),
		cmocka_unit_test_setup(seed_determines_random_faults, setup),
		cmocka_unit_test_setup(delay_is_drawn_from_its_range, setup),
		cmocka_unit_test_setup(limits_number_of_faults_and_curves,
				       setup),
		cmocka_unit_test_setup(rejects_invalid_line_with_its_number,
				       setup),
		cmocka_unit_test_setup(rejects_invalid_fault_with_reason,
				       setup),
		cmocka_unit_test_setup(shipped_examples_are_valid, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

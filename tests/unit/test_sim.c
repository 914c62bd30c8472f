/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of changes to a running drive: the effect of each key, and errors. */
#include "cm.h"

#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "drive/drive.h"
#include "drive_file/sim_set.h"

static struct drive s;
static char error[768];

static int setup(void **state)
{
	(void)state;
	drive_init_default(&s);
	drive_start(&s);
	s.changes = 0;
	return 0;
}

/* Apply a setting. Returns the change flags of the drive. */
static uint16_t changes(const char *text)
{
	s.changes = 0;
	assert_int_equal(sim_set(&s, text, error, sizeof(error)), ERR_OK);
	return s.changes;
}

static void each_key_changes_its_value(void **state)
{
	struct drive_controller *c = &s.controller[1];

	(void)state;
	assert_int_equal(changes("controller.1.temperature=350"),
			 DRIVE_CHANGE_TEMPERATURE);
	assert_int_equal(c->temperature, 350);
	assert_int_equal(s.controller[0].changes, 0);
	assert_int_equal(changes("controller.1.temperature=350"), 0);
	assert_int_equal(changes("controller.1.too-hot=340"),
			 DRIVE_CHANGE_WARNING);
	assert_int_equal(drive_controller_warnings(c),
			 DRIVE_WARNING_TEMPERATURE);
	assert_int_equal(
		s.event_log.entry[(s.event_log.count - 1) % DRIVE_EVENTS].type,
		DRIVE_EVENT_THERMAL);
	assert_int_equal(changes("controller.1.too-cold=100"), 0);
	assert_int_equal(changes("controller.1.spare=4"),
			 DRIVE_CHANGE_SPARE | DRIVE_CHANGE_WARNING);
	assert_int_equal(changes("controller.1.life-used=0x65"),
			 DRIVE_CHANGE_LIFE_USED);
	assert_int_equal(c->life_used, 101);
	assert_int_equal(changes("controller.1.enabled=false"),
			 DRIVE_CHANGE_READY | DRIVE_CHANGE_ENABLE |
				 DRIVE_CHANGE_STATUS);
	assert_false(c->enabled);
	assert_int_equal(changes("controller.1.fatal=true"),
			 DRIVE_CHANGE_FATAL | DRIVE_CHANGE_STATUS |
				 DRIVE_CHANGE_TELEMETRY);
	assert_int_equal(changes("controller.1.warnings=0x1c"),
			 DRIVE_CHANGE_WARNING);
	assert_int_equal(drive_controller_warnings(c), 0x1f);
	assert_int_equal(changes("controller.1.media-errors=7"), 0);
	assert_int_equal(c->counters.media_errors, 7);
	assert_int_equal(changes("port.0.speed=0"), 0);
	assert_false(drive_port_link_is_up(&s, 0));
	assert_int_equal(changes("subsystem.sanitize-fails=true"), 0);
	assert_true(s.sanitize.fail_next);
	assert_int_equal(changes("subsystem.sanitize-fails=false"), 0);
	assert_false(s.sanitize.fail_next);
}

static void wrong(const char *text, const char *message)
{
	static struct drive before;

	before = s;
	assert_int_equal(sim_set(&s, text, error, sizeof(error)), ERR_INVALID);
	assert_non_null(strstr(error, message));
	assert_memory_equal(&s, &before, sizeof(s));
}

static void rejects_invalid_setting_with_reason(void **state)
{
	char text[400];

	(void)state;
	wrong("", "unknown key  (expected controller.N.temperature");
	wrong("controller.0.temperature", "unknown key");
	wrong("controller.0=1", "unknown key");
	wrong("controller.0.colour=1", "unknown key");
	wrong("=.0.temperature", "unknown key");
	wrong("controller.2.spare=1", "expected controller 0 to 1");
	wrong("controller..spare=1", "expected controller 0 to 1");
	wrong("controller.0.spare=101", "101: expected a number from 0 to 100");
	wrong("controller.0.spare=", "a number from 0 to 100");
	wrong("controller.0.temperature=-1", "a number from 0 to 65535");
	wrong("controller.0.fatal=1", "1: expected true or false");
	wrong("port.1.speed=1", "port 1 is not a pcie port");
	wrong("port.2.speed=1", "expected port 0 to 1");
	wrong("subsystem.0.sanitize-fails=true", "unknown key");
	wrong("subsystem.sanitize-fails=1", "1: expected true or false");
	wrong("controller.temperature=1", ", subsystem.sanitize-fails");
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	wrong(text, "unknown key");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_key_changes_its_value, setup),
		cmocka_unit_test_setup(rejects_invalid_setting_with_reason,
				       setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

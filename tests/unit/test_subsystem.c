/* SPDX-License-Identifier: Apache-2.0 */
#include "cm.h"

#include <stdbool.h>
#include <string.h>

#include "drive/drive.h"

static struct subsystem s;

static int setup(void **state)
{
	(void)state;
	subsystem_init_default(&s);
	return 0;
}

static void the_default_one(void **state)
{
	(void)state;
	assert_int_equal(s.mi_major, 1);
	assert_int_equal(s.mi_minor, 2);
	assert_string_equal(s.serial, "1000");
	assert_string_equal(s.model, "MIDEV");
	assert_string_equal(s.firmware, "00.00.01");
	assert_int_equal(s.ports, 2);
	assert_int_equal(s.port[0].type, PORT_PCIE);
	assert_int_equal(s.port[0].speeds, 0x3f);
	assert_int_equal(s.port[1].type, PORT_TWOWIRE);
	assert_int_equal(s.port[1].address >> 1, 0x1d);
	assert_int_equal(s.port[1].frequency, PORT_100K);
	assert_int_equal(s.endpoint, 1);
	assert_int_equal(s.controllers, 2);
	assert_int_equal(s.controller[1].port, 0);
	assert_int_equal(s.controller[1].temperature, 293);
	assert_int_equal(s.controller[1].spare, 100);
	assert_int_equal(s.controller[1].spare_threshold, 5);
	assert_true(s.controller[1].enabled);
	assert_true(controller_is_attached(&s.controller[0], 1));
	assert_false(controller_is_attached(&s.controller[1], 1));
	assert_true(subsystem_allocated(&s) <= UINT64_C(10000000000000));
	assert_true(subsystem_allocated(&s) > UINT64_C(9999999999000));
	assert_int_equal(s.changed, 0); /* nothing happened yet */
	assert_int_equal(s.controller[0].changed, 0);
}

static void an_empty_one_has_names_only(void **state)
{
	(void)state;
	subsystem_init_empty(&s);
	assert_int_equal(s.ports, 0);
	assert_int_equal(s.controllers, 0);
	assert_int_equal(subsystem_capacity(&s), 0);
	assert_null(subsystem_port(&s, 0));
	assert_string_equal(s.model, "MIDEV");
}

static void attaching_asks_for_both_ends(void **state)
{
	(void)state;
	assert_int_equal(subsystem_attach(&s, 0, 1), ERR_BUSY);
	assert_int_equal(subsystem_attach(&s, 1, 1), ERR_OK);
	assert_int_equal(subsystem_attach(&s, 2, 1), ERR_NOT_FOUND);
	assert_int_equal(subsystem_attach(&s, 0xffff, 1), ERR_NOT_FOUND);
	assert_int_equal(subsystem_attach(&s, 0, 0), ERR_NOT_FOUND);
	assert_int_equal(subsystem_attach(&s, 0, 2), ERR_NOT_FOUND);
	assert_int_equal(subsystem_attach(&s, 0, SUBSYSTEM_NAMESPACES + 1),
			 ERR_NOT_FOUND);
	assert_int_equal(subsystem_attach(&s, 0, UINT32_MAX), ERR_NOT_FOUND);
	assert_int_equal(s.controller[0].changed, 0);
	assert_int_equal(s.controller[1].changed,
			 CHANGE_NAMESPACE | CHANGE_STATUS);
	assert_int_equal(s.changed, CHANGE_NAMESPACE | CHANGE_STATUS);
}

static void the_last_namespace_is_one_as_well(void **state)
{
	(void)state;
	s.namespace[SUBSYSTEM_NAMESPACES - 1].blocks = 1;
	assert_true(namespace_exists(&s, SUBSYSTEM_NAMESPACES));
	assert_int_equal(subsystem_attach(&s, 1, SUBSYSTEM_NAMESPACES), ERR_OK);
	assert_true(
		controller_is_attached(&s.controller[1], SUBSYSTEM_NAMESPACES));
	assert_false(controller_is_attached(&s.controller[1],
					    SUBSYSTEM_NAMESPACES - 1));
}

static void what_is_no_nsid_is_attached_nowhere(void **state)
{
	(void)state;
	memset(s.controller[0].attached, 0xff,
	       sizeof(s.controller[0].attached));
	assert_false(controller_is_attached(&s.controller[0], 0));
	assert_false(controller_is_attached(&s.controller[0],
					    SUBSYSTEM_NAMESPACES + 1));
	assert_false(controller_is_attached(&s.controller[0], UINT32_MAX));
	assert_false(namespace_exists(&s, 0));
	assert_false(namespace_exists(&s, UINT32_MAX));
}

static void warnings_at_the_thresholds(void **state)
{
	struct controller *c = &s.controller[0];

	(void)state;
	assert_int_equal(controller_warnings(c), 0);
	c->temperature = 399;
	assert_int_equal(controller_warnings(c), 0);
	c->temperature = 400;
	assert_int_equal(controller_warnings(c), WARNING_TEMPERATURE);
	c->temperature = 213;
	assert_int_equal(controller_warnings(c), WARNING_TEMPERATURE);
	c->temperature = 214;
	assert_int_equal(controller_warnings(c), 0);
	c->spare = 5;
	assert_int_equal(controller_warnings(c), 0);
	c->spare = 4;
	assert_int_equal(controller_warnings(c), WARNING_SPARE);
}

static void health_is_that_of_the_worst(void **state)
{
	struct subsystem_health h;

	(void)state;
	subsystem_health(&s, &h);
	assert_true(h.functional);
	assert_int_equal(h.warnings, 0);
	assert_int_equal(h.temperature, 293);
	assert_int_equal(h.life_used, 0);
	s.controller[0].temperature = 400;
	s.controller[0].life_used = 7;
	s.controller[1].life_used = 3;
	s.controller[1].spare = 0;
	s.controller[1].fatal = true;
	subsystem_health(&s, &h);
	assert_false(h.functional);
	assert_int_equal(h.warnings, WARNING_TEMPERATURE | WARNING_SPARE);
	assert_int_equal(h.temperature, 400);
	assert_int_equal(h.life_used, 7);
	s.controllers = 0;
	subsystem_health(&s, &h);
	assert_true(h.functional);
	assert_int_equal(h.temperature, 0);
}

static void ports_and_links(void **state)
{
	(void)state;
	assert_ptr_equal(subsystem_port(&s, 1), &s.port[1]);
	assert_null(subsystem_port(&s, 2));
	assert_null(subsystem_port(&s, 255));
	assert_true(subsystem_link_active(&s, 0));
	assert_false(subsystem_link_active(&s, 1)); /* two-wire */
	assert_false(subsystem_link_active(&s, 2));
	s.port[0].speed = 0;
	assert_false(subsystem_link_active(&s, 0));
	s.port[0].type = PORT_INACTIVE;
	assert_null(subsystem_port(&s, 0));
}

static void frequency_within_the_ports(void **state)
{
	(void)state;
	assert_int_equal(subsystem_set_frequency(&s, 0, PORT_100K),
			 ERR_NOT_FOUND);
	assert_int_equal(subsystem_set_frequency(&s, 2, PORT_100K),
			 ERR_NOT_FOUND);
	assert_int_equal(subsystem_set_frequency(&s, 1, 0), ERR_INVALID);
	assert_int_equal(subsystem_set_frequency(&s, 1, PORT_400K),
			 ERR_INVALID);
	s.port[1].frequency_max = PORT_1M;
	assert_int_equal(subsystem_set_frequency(&s, 1, PORT_1M), ERR_OK);
	assert_int_equal(s.port[1].frequency, PORT_1M);
	assert_int_equal(subsystem_set_frequency(&s, 1, PORT_1M + 1),
			 ERR_INVALID);
	assert_int_equal(s.port[1].frequency, PORT_1M);
}

static void unit_within_the_ports(void **state)
{
	(void)state;
	assert_int_equal(subsystem_set_unit(&s, 2, 64), ERR_NOT_FOUND);
	assert_int_equal(subsystem_set_unit(&s, 0, 63), ERR_INVALID);
	assert_int_equal(subsystem_set_unit(&s, 0, 248), ERR_INVALID);
	assert_int_equal(s.port[0].unit, 64);
	assert_int_equal(subsystem_set_unit(&s, 0, 247), ERR_OK);
	assert_int_equal(s.port[0].unit, 247);
	s.port[1].unit_max = 8183;
	assert_int_equal(subsystem_set_unit(&s, 1, 8184), ERR_INVALID);
	assert_int_equal(subsystem_set_unit(&s, 1, 8183), ERR_OK);
	subsystem_reset_endpoint(&s);
	assert_int_equal(s.port[1].unit, 64);
	assert_int_equal(s.port[0].unit, 247); /* not the endpoint's */
}

static void changes_of_status_say_so(void **state)
{
	static const uint16_t status[] = {
		CHANGE_READY,  CHANGE_FATAL,	 CHANGE_SHUTDOWN, CHANGE_RESET,
		CHANGE_ENABLE, CHANGE_NAMESPACE, CHANGE_FIRMWARE,
	};

	(void)state;
	subsystem_changed(&s, 1, CHANGE_SPARE);
	assert_int_equal(s.changed, CHANGE_SPARE);
	for (unsigned int i = 0; i < sizeof(status) / sizeof(status[0]); i++) {
		s.changed = s.controller[1].changed = 0;
		subsystem_changed(&s, 1, status[i]);
		assert_int_equal(s.changed, status[i] | CHANGE_STATUS);
		assert_int_equal(s.controller[1].changed,
				 status[i] | CHANGE_STATUS);
		assert_int_equal(s.controller[0].changed, 0);
	}
}

static void a_reset_forgets_what_was_not_saved(void **state)
{
	static const uint8_t none[16];
	struct controller *c = &s.controller[1];

	(void)state;
	subsystem_start(&s);
	controller_set_thresholds(&s, 1, 250, 280);
	assert_int_equal(controller_warnings(c), WARNING_TEMPERATURE);
	c->feature[0] = c->feature[1] = c->feature_saved[1] = 5;
	memset(c->host_id, 7, sizeof(c->host_id));
	memset(c->host_behavior, 1, sizeof(c->host_behavior));
	c->not_coalesced = 0x80000001;
	subsystem_reset(&s);
	assert_int_equal(c->too_cold, 213);
	assert_int_equal(c->too_hot, 400);
	assert_int_equal(controller_warnings(c), 0);
	assert_int_equal(c->feature[0], 0);
	assert_int_equal(c->feature[1], 5);
	assert_memory_equal(c->host_id, none, sizeof(c->host_id));
	assert_memory_equal(c->host_behavior, none, sizeof(c->host_behavior));
	assert_int_equal(c->not_coalesced, 0);
}

static void download(const char *image, enum firmware_action action,
		     uint8_t slot)
{
	assert_int_equal(firmware_download(&s, 0, image, 12), ERR_OK);
	assert_int_equal(firmware_commit(&s, action, slot), ERR_OK);
}

static void a_reset_loads_what_the_active_slot_got(void **state)
{
	(void)state;
	subsystem_start(&s);
	download("1.1.1   code", FIRMWARE_ACTIVATE_NOW, 2);
	assert_string_equal(s.firmware, "1.1.1   ");
	/* In place, not activated: the old one runs on. */
	download("2.2.2   code", FIRMWARE_STORE, 2);
	assert_string_equal(firmware_slot(&s, 2)->revision, "2.2.2   ");
	assert_string_equal(s.firmware, "1.1.1   ");
	assert_int_equal(s.slot_next, 0);
	s.changed = 0;
	subsystem_reset(&s);
	assert_string_equal(s.firmware, "2.2.2   ");
	assert_int_equal(s.slot_active, 2);
	assert_true(s.changed & CHANGE_FIRMWARE);
	/* And nothing is left to be loaded. */
	s.changed = 0;
	subsystem_reset(&s);
	assert_false(s.changed & CHANGE_FIRMWARE);
	download("3.3.3   code", FIRMWARE_STORE_ACTIVATE_AT_RESET, 2);
	assert_int_equal(s.slot_next, 2);
	assert_string_equal(s.firmware, "2.2.2   ");
	subsystem_reset(&s);
	assert_string_equal(s.firmware, "3.3.3   ");
	/* Another slot is activated: that one runs, not the replaced. */
	download("4.4.4   code", FIRMWARE_STORE, 2);
	download("5.5.5   code", FIRMWARE_STORE_ACTIVATE_AT_RESET, 3);
	subsystem_reset(&s);
	assert_string_equal(s.firmware, "5.5.5   ");
	assert_int_equal(s.slot_active, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_default_one, setup),
		cmocka_unit_test_setup(an_empty_one_has_names_only, setup),
		cmocka_unit_test_setup(attaching_asks_for_both_ends, setup),
		cmocka_unit_test_setup(the_last_namespace_is_one_as_well,
				       setup),
		cmocka_unit_test_setup(what_is_no_nsid_is_attached_nowhere,
				       setup),
		cmocka_unit_test_setup(warnings_at_the_thresholds, setup),
		cmocka_unit_test_setup(health_is_that_of_the_worst, setup),
		cmocka_unit_test_setup(ports_and_links, setup),
		cmocka_unit_test_setup(frequency_within_the_ports, setup),
		cmocka_unit_test_setup(unit_within_the_ports, setup),
		cmocka_unit_test_setup(changes_of_status_say_so, setup),
		cmocka_unit_test_setup(a_reset_forgets_what_was_not_saved,
				       setup),
		cmocka_unit_test_setup(a_reset_loads_what_the_active_slot_got,
				       setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

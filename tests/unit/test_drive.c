/* SPDX-License-Identifier: Apache-2.0 */
#include "cm.h"

#include <stdbool.h>
#include <string.h>

#include "drive/drive.h"

static struct drive s;

static int setup(void **state)
{
	(void)state;
	drive_init_default(&s);
	return 0;
}

static void default_drive_has_documented_values(void **state)
{
	(void)state;
	assert_int_equal(s.identity.mi_major, 1);
	assert_int_equal(s.identity.mi_minor, 2);
	assert_string_equal(s.identity.serial, "1000");
	assert_string_equal(s.identity.model, "MIDEV");
	assert_string_equal(s.firmware.running, "00.00.01");
	assert_int_equal(s.ports, 2);
	assert_int_equal(s.port[0].type, DRIVE_PORT_PCIE);
	assert_int_equal(s.port[0].speeds, 0x3f);
	assert_int_equal(s.port[1].type, DRIVE_PORT_TWO_WIRE);
	assert_int_equal(s.port[1].address >> 1, 0x1d);
	assert_int_equal(s.port[1].frequency, DRIVE_FREQUENCY_100_KHZ);
	assert_int_equal(s.endpoint_port, 1);
	assert_int_equal(s.controllers, 2);
	assert_int_equal(s.controller[1].port, 0);
	assert_int_equal(s.controller[1].temperature, 293);
	assert_int_equal(s.controller[1].spare, 100);
	assert_int_equal(s.controller[1].spare_threshold, 5);
	assert_true(s.controller[1].enabled);
	assert_true(drive_controller_has_namespace(&s.controller[0], 1));
	assert_false(drive_controller_has_namespace(&s.controller[1], 1));
	assert_true(drive_capacity_allocated(&s) <= UINT64_C(10000000000000));
	assert_true(drive_capacity_allocated(&s) > UINT64_C(9999999999000));
	assert_int_equal(s.changes, 0); /* no change yet */
	assert_int_equal(s.controller[0].changes, 0);
}

static void empty_drive_has_names_only(void **state)
{
	(void)state;
	drive_init_empty(&s);
	assert_int_equal(s.ports, 0);
	assert_int_equal(s.controllers, 0);
	assert_int_equal(drive_capacity(&s), 0);
	assert_null(drive_port_find(&s, 0));
	assert_string_equal(s.identity.model, "MIDEV");
}

static void attach_requires_controller_and_namespace(void **state)
{
	(void)state;
	assert_int_equal(drive_namespace_attach(&s, 0, 1), ERR_BUSY);
	assert_int_equal(drive_namespace_attach(&s, 1, 1), ERR_OK);
	assert_int_equal(drive_namespace_attach(&s, 2, 1), ERR_NOT_FOUND);
	assert_int_equal(drive_namespace_attach(&s, 0xffff, 1), ERR_NOT_FOUND);
	assert_int_equal(drive_namespace_attach(&s, 0, 0), ERR_NOT_FOUND);
	assert_int_equal(drive_namespace_attach(&s, 0, 2), ERR_NOT_FOUND);
	assert_int_equal(drive_namespace_attach(&s, 0, DRIVE_NAMESPACES + 1),
			 ERR_NOT_FOUND);
	assert_int_equal(drive_namespace_attach(&s, 0, UINT32_MAX),
			 ERR_NOT_FOUND);
	assert_int_equal(s.controller[0].changes, 0);
	assert_int_equal(s.controller[1].changes,
			 DRIVE_CHANGE_NAMESPACE | DRIVE_CHANGE_STATUS);
	assert_int_equal(s.changes,
			 DRIVE_CHANGE_NAMESPACE | DRIVE_CHANGE_STATUS);
}

static void last_nsid_is_valid(void **state)
{
	(void)state;
	s.namespace[DRIVE_NAMESPACES - 1].blocks = 1;
	assert_true(drive_namespace_exists(&s, DRIVE_NAMESPACES));
	assert_int_equal(drive_namespace_attach(&s, 1, DRIVE_NAMESPACES),
			 ERR_OK);
	assert_true(drive_controller_has_namespace(&s.controller[1],
						   DRIVE_NAMESPACES));
	assert_false(drive_controller_has_namespace(&s.controller[1],
						    DRIVE_NAMESPACES - 1));
}

static void invalid_nsid_is_attached_nowhere(void **state)
{
	(void)state;
	memset(s.controller[0].attached, 0xff,
	       sizeof(s.controller[0].attached));
	assert_false(drive_controller_has_namespace(&s.controller[0], 0));
	assert_false(drive_controller_has_namespace(&s.controller[0],
						    DRIVE_NAMESPACES + 1));
	assert_false(
		drive_controller_has_namespace(&s.controller[0], UINT32_MAX));
	assert_false(drive_namespace_exists(&s, 0));
	assert_false(drive_namespace_exists(&s, UINT32_MAX));
}

static void warns_at_thresholds(void **state)
{
	struct drive_controller *c = &s.controller[0];

	(void)state;
	assert_int_equal(drive_controller_warnings(c), 0);
	c->temperature = 399;
	assert_int_equal(drive_controller_warnings(c), 0);
	c->temperature = 400;
	assert_int_equal(drive_controller_warnings(c),
			 DRIVE_WARNING_TEMPERATURE);
	c->temperature = 213;
	assert_int_equal(drive_controller_warnings(c),
			 DRIVE_WARNING_TEMPERATURE);
	c->temperature = 214;
	assert_int_equal(drive_controller_warnings(c), 0);
	c->spare = 5;
	assert_int_equal(drive_controller_warnings(c), 0);
	c->spare = 4;
	assert_int_equal(drive_controller_warnings(c), DRIVE_WARNING_SPARE);
}

static void health_combines_worst_values(void **state)
{
	struct drive_health h;

	(void)state;
	drive_health_read(&s, &h);
	assert_true(h.functional);
	assert_int_equal(h.warnings, 0);
	assert_int_equal(h.temperature, 293);
	assert_int_equal(h.life_used, 0);
	s.controller[0].temperature = 400;
	s.controller[0].life_used = 7;
	s.controller[1].life_used = 3;
	s.controller[1].spare = 0;
	s.controller[1].fatal = true;
	drive_health_read(&s, &h);
	assert_false(h.functional);
	assert_int_equal(h.warnings,
			 DRIVE_WARNING_TEMPERATURE | DRIVE_WARNING_SPARE);
	assert_int_equal(h.temperature, 400);
	assert_int_equal(h.life_used, 7);
	s.controllers = 0;
	drive_health_read(&s, &h);
	assert_true(h.functional);
	assert_int_equal(h.temperature, 0);
}

static void finds_active_ports_and_links(void **state)
{
	(void)state;
	assert_ptr_equal(drive_port_find(&s, 1), &s.port[1]);
	assert_null(drive_port_find(&s, 2));
	assert_null(drive_port_find(&s, 255));
	assert_true(drive_port_link_is_up(&s, 0));
	assert_false(drive_port_link_is_up(&s, 1)); /* two-wire */
	assert_false(drive_port_link_is_up(&s, 2));
	s.port[0].speed = 0;
	assert_false(drive_port_link_is_up(&s, 0));
	s.port[0].type = DRIVE_PORT_INACTIVE;
	assert_null(drive_port_find(&s, 0));
}

static void frequency_is_limited_by_port(void **state)
{
	(void)state;
	assert_int_equal(
		drive_port_set_frequency(&s, 0, DRIVE_FREQUENCY_100_KHZ),
		ERR_NOT_FOUND);
	assert_int_equal(
		drive_port_set_frequency(&s, 2, DRIVE_FREQUENCY_100_KHZ),
		ERR_NOT_FOUND);
	assert_int_equal(drive_port_set_frequency(&s, 1, 0), ERR_INVALID);
	assert_int_equal(
		drive_port_set_frequency(&s, 1, DRIVE_FREQUENCY_400_KHZ),
		ERR_INVALID);
	s.port[1].frequency_max = DRIVE_FREQUENCY_1_MHZ;
	assert_int_equal(drive_port_set_frequency(&s, 1, DRIVE_FREQUENCY_1_MHZ),
			 ERR_OK);
	assert_int_equal(s.port[1].frequency, DRIVE_FREQUENCY_1_MHZ);
	assert_int_equal(
		drive_port_set_frequency(&s, 1, DRIVE_FREQUENCY_1_MHZ + 1),
		ERR_INVALID);
	assert_int_equal(s.port[1].frequency, DRIVE_FREQUENCY_1_MHZ);
}

static void unit_is_limited_by_port(void **state)
{
	(void)state;
	assert_int_equal(drive_port_set_unit(&s, 2, 64), ERR_NOT_FOUND);
	assert_int_equal(drive_port_set_unit(&s, 0, 63), ERR_INVALID);
	assert_int_equal(drive_port_set_unit(&s, 0, 248), ERR_INVALID);
	assert_int_equal(s.port[0].unit, 64);
	assert_int_equal(drive_port_set_unit(&s, 0, 247), ERR_OK);
	assert_int_equal(s.port[0].unit, 247);
	s.port[1].unit_max = 8183;
	assert_int_equal(drive_port_set_unit(&s, 1, 8184), ERR_INVALID);
	assert_int_equal(drive_port_set_unit(&s, 1, 8183), ERR_OK);
	drive_endpoint_reset(&s);
	assert_int_equal(s.port[1].unit, 64);
	assert_int_equal(s.port[0].unit,
			 247); /* the other port keeps its unit */
}

static void status_change_sets_status_flag(void **state)
{
	static const uint16_t status[] = {
		DRIVE_CHANGE_READY,    DRIVE_CHANGE_FATAL,
		DRIVE_CHANGE_SHUTDOWN, DRIVE_CHANGE_RESET,
		DRIVE_CHANGE_ENABLE,   DRIVE_CHANGE_NAMESPACE,
		DRIVE_CHANGE_FIRMWARE,
	};

	(void)state;
	drive_changes_set(&s, 1, DRIVE_CHANGE_SPARE);
	assert_int_equal(s.changes, DRIVE_CHANGE_SPARE);
	for (unsigned int i = 0; i < sizeof(status) / sizeof(status[0]); i++) {
		s.changes = s.controller[1].changes = 0;
		drive_changes_set(&s, 1, status[i]);
		assert_int_equal(s.changes, status[i] | DRIVE_CHANGE_STATUS);
		assert_int_equal(s.controller[1].changes,
				 status[i] | DRIVE_CHANGE_STATUS);
		assert_int_equal(s.controller[0].changes, 0);
	}
}

static void reset_discards_unsaved_features(void **state)
{
	static const uint8_t none[16];
	struct drive_controller *c = &s.controller[1];

	(void)state;
	drive_start(&s);
	drive_controller_set_thresholds(&s, 1, 250, 280);
	assert_int_equal(drive_controller_warnings(c),
			 DRIVE_WARNING_TEMPERATURE);
	c->features.current[0] = c->features.current[1] = c->features.saved[1] =
		5;
	memset(c->features.host_id, 7, sizeof(c->features.host_id));
	c->features.host_behavior.telemetry_area_4 = true;
	c->features.uncoalesced_vectors = 0x80000001;
	drive_reset(&s);
	assert_int_equal(c->cold_threshold, 213);
	assert_int_equal(c->hot_threshold, 400);
	assert_int_equal(drive_controller_warnings(c), 0);
	assert_int_equal(c->features.current[0], 0);
	assert_int_equal(c->features.current[1], 5);
	assert_memory_equal(c->features.host_id, none,
			    sizeof(c->features.host_id));
	assert_false(c->features.host_behavior.telemetry_area_4);
	assert_int_equal(c->features.uncoalesced_vectors, 0);
}

static void download(const char *image, enum drive_firmware_action action,
		     uint8_t slot)
{
	assert_int_equal(drive_firmware_download(&s, 0, image, 12), ERR_OK);
	assert_int_equal(drive_firmware_commit(&s, action, slot), ERR_OK);
}

static void reset_activates_image_in_active_slot(void **state)
{
	(void)state;
	drive_start(&s);
	download("1.1.1   code", DRIVE_FIRMWARE_ACTIVATE_NOW, 2);
	assert_string_equal(s.firmware.running, "1.1.1   ");
	/* The new image is stored but not activated: the old image still runs.
	 */
	download("2.2.2   code", DRIVE_FIRMWARE_STORE, 2);
	assert_string_equal(drive_firmware_slot(&s, 2)->revision, "2.2.2   ");
	assert_string_equal(s.firmware.running, "1.1.1   ");
	assert_int_equal(s.firmware.next, 0);
	s.changes = 0;
	drive_reset(&s);
	assert_string_equal(s.firmware.running, "2.2.2   ");
	assert_int_equal(s.firmware.active, 2);
	assert_true(s.changes & DRIVE_CHANGE_FIRMWARE);
	/* The next reset activates nothing. */
	s.changes = 0;
	drive_reset(&s);
	assert_false(s.changes & DRIVE_CHANGE_FIRMWARE);
	download("3.3.3   code", DRIVE_FIRMWARE_STORE_AND_ACTIVATE_AT_RESET, 2);
	assert_int_equal(s.firmware.next, 2);
	assert_string_equal(s.firmware.running, "2.2.2   ");
	drive_reset(&s);
	assert_string_equal(s.firmware.running, "3.3.3   ");
	/* The activation of another slot takes precedence over a new image in
	 * the active slot. */
	download("4.4.4   code", DRIVE_FIRMWARE_STORE, 2);
	download("5.5.5   code", DRIVE_FIRMWARE_STORE_AND_ACTIVATE_AT_RESET, 3);
	drive_reset(&s);
	assert_string_equal(s.firmware.running, "5.5.5   ");
	assert_int_equal(s.firmware.active, 3);
}

static void complete_download_becomes_the_image_of_a_slot(void **state)
{
	(void)state;
	drive_firmware_discard(&s);
	assert_int_equal(drive_firmware_download(&s, 0, "2.2.2   code", 12),
			 ERR_OK);
	assert_int_equal(drive_firmware_download(&s, 12, "more of it  ", 12),
			 ERR_OK);
	assert_int_equal(drive_firmware_downloaded(&s), 24);
	assert_int_equal(drive_firmware_commit(&s, DRIVE_FIRMWARE_STORE, 3),
			 ERR_OK);
	assert_int_equal(drive_firmware_slot(&s, 3)->size, 24);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(default_drive_has_documented_values,
				       setup),
		cmocka_unit_test_setup(
			complete_download_becomes_the_image_of_a_slot, setup),
		cmocka_unit_test_setup(empty_drive_has_names_only, setup),
		cmocka_unit_test_setup(attach_requires_controller_and_namespace,
				       setup),
		cmocka_unit_test_setup(last_nsid_is_valid, setup),
		cmocka_unit_test_setup(invalid_nsid_is_attached_nowhere, setup),
		cmocka_unit_test_setup(warns_at_thresholds, setup),
		cmocka_unit_test_setup(health_combines_worst_values, setup),
		cmocka_unit_test_setup(finds_active_ports_and_links, setup),
		cmocka_unit_test_setup(frequency_is_limited_by_port, setup),
		cmocka_unit_test_setup(unit_is_limited_by_port, setup),
		cmocka_unit_test_setup(status_change_sets_status_flag, setup),
		cmocka_unit_test_setup(reset_discards_unsaved_features, setup),
		cmocka_unit_test_setup(reset_activates_image_in_active_slot,
				       setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

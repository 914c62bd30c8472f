/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of log pages whose content no vector can show: telemetry captures, and
 * the pages of OCP's specification, which the drive of the vectors does not
 * have. */
#include "nvme_mi_rig.h"

#include <stdlib.h>

enum { AT_DATA = NVME_MI_ADMIN_RESPONSE_SIZE };

static int setup_drive(void **state)
{
	int err = setup(state);

	drive_start(&s);
	return err;
}

/* Get `len` bytes of a log page from `offset` on. Returns the status. */
static uint16_t get_log(uint8_t id, uint8_t specific, uint32_t offset,
			uint32_t len)
{
	uint8_t p[4 + NVME_MI_ADMIN_REQUEST_SIZE + NVME_MI_MIC_SIZE];
	struct wr w = wr_init(p, sizeof(p));
	uint32_t dwords = len / 4 - 1;
	size_t unit;
	struct rd r;

	wr_bytes(&w, (const uint8_t[]){ 1, OWN, PEER, 0xc8, 0x84, 0x10 }, 6);
	wr_fill(&w, 0, 2);
	wr_u8(&w, NVME_ADMIN_GET_LOG_PAGE);
	wr_fill(&w, 0, 3);
	wr_le32(&w, NVME_NSID_ALL);
	wr_fill(&w, 0, 20);
	wr_le32(&w, len);
	wr_fill(&w, 0, 8);
	wr_le32(&w, dwords << NVME_LOG_DWORDS_SHIFT |
			    (uint32_t)specific << NVME_LOG_SPECIFIC_SHIFT | id);
	wr_le32(&w, 0);
	wr_le32(&w, offset);
	wr_fill(&w, 0, 12);
	wr_le32(&w, crc32c(0, p + 4, NVME_MI_ADMIN_REQUEST_SIZE));
	mctp_rx(&m, p, wr_len(&w), 0);
	assert_true(take(&unit) >= AT_DATA);
	assert_int_equal(answer[4], NVME_MI_SUCCESS);
	r = rd_init(answer + 16, 4);
	return rd_le32(&r) >> NVME_COMPLETION_STATUS_SHIFT &
	       NVME_COMPLETION_STATUS;
}

static uint64_t field(size_t at, unsigned int size)
{
	struct rd r = rd_init(answer + AT_DATA + at, size);

	return rd_le(&r, size);
}

/* --- telemetry --- */

static void host_capture_has_areas_with_live_values(void **state)
{
	char text[NVME_MI_DATA_MAX + 1] = "";
	unsigned int last;

	(void)state;
	drive_controller_set_temperature(&s, 1, 341);
	assert_int_equal(get_log(7, 0, 0, 512), NVME_STATUS_SUCCESS);
	assert_int_equal(field(NVME_TELEMETRY_AT_HOST_GENERATION, 1), 0);
	assert_int_equal(field(NVME_TELEMETRY_AT_AREA_3_LAST_BLOCK, 2), 0);
	assert_int_equal(get_log(7, NVME_TELEMETRY_CREATE, 0, 512),
			 NVME_STATUS_SUCCESS);
	assert_int_equal(field(NVME_TELEMETRY_AT_HOST_GENERATION, 1), 1);
	assert_int_equal(field(NVME_TELEMETRY_AT_AREA_1_LAST_BLOCK, 2), 1);
	assert_true(field(NVME_TELEMETRY_AT_AREA_2_LAST_BLOCK, 2) >= 2);
	last = (unsigned int)field(NVME_TELEMETRY_AT_AREA_3_LAST_BLOCK, 2);
	assert_in_range(last, 3, DRIVE_TELEMETRY_BLOCKS);
	assert_int_equal(field(NVME_TELEMETRY_AT_REASON, 1),
			 DRIVE_TELEMETRY_REQUEST);
	assert_int_equal(field(NVME_TELEMETRY_AT_CONTROLLER_DATA_AVAILABLE, 1),
			 0);
	/* The capture stays as it is until the next one. */
	drive_controller_set_temperature(&s, 1, 299);
	assert_int_equal(get_log(7, 0, 1024, 512), NVME_STATUS_SUCCESS);
	memcpy(text, answer + AT_DATA, 512);
	assert_non_null(strstr(text, "temperature 341"));
	/* A part across the header and the blocks is the same as in pieces. */
	assert_int_equal(get_log(7, 0, 0, 4096), NVME_STATUS_SUCCESS);
	assert_memory_equal(answer + AT_DATA + 1024, text, 512);
	memcpy(text, answer + AT_DATA, NVME_MI_DATA_MAX);
	assert_non_null(strstr(text + 512, "tether telemetry 1\n"));
	assert_non_null(strstr(text + 512, "reason host request\n"));
}

static void data_behind_last_block_is_zero(void **state)
{
	static const uint8_t zeros[512];

	(void)state;
	assert_int_equal(get_log(7, NVME_TELEMETRY_CREATE, 256, 512),
			 NVME_STATUS_INVALID_FIELD_IN_COMMAND);
	assert_int_equal(get_log(7, NVME_TELEMETRY_CREATE, 0, 256),
			 NVME_STATUS_INVALID_FIELD_IN_COMMAND);
	assert_int_equal(s.telemetry[DRIVE_TELEMETRY_HOST].generation, 0);
	assert_int_equal(get_log(7, NVME_TELEMETRY_CREATE, 0x100000, 512),
			 NVME_STATUS_SUCCESS);
	assert_memory_equal(answer + AT_DATA, zeros, 512);
}

static void failure_captures_controller_telemetry(void **state)
{
	const struct drive_sanitize request = {
		.action = DRIVE_SANITIZE_BLOCK_ERASE,
	};

	(void)state;
	drive_controller_set_fatal(&s, 0, true);
	assert_true(s.changes & DRIVE_CHANGE_TELEMETRY);
	assert_true(s.controller[1].changes & DRIVE_CHANGE_TELEMETRY);
	assert_int_equal(get_log(8, 0x80, 0, 512), NVME_STATUS_SUCCESS);
	assert_int_equal(field(NVME_TELEMETRY_AT_LOG_IDENTIFIER, 1), 8);
	assert_int_equal(field(NVME_TELEMETRY_AT_CONTROLLER_DATA_AVAILABLE, 1),
			 1);
	assert_int_equal(field(NVME_TELEMETRY_AT_CONTROLLER_GENERATION, 1), 1);
	assert_int_equal(field(NVME_TELEMETRY_AT_REASON, 1),
			 DRIVE_TELEMETRY_FATAL);
	/* The first read without RAE acknowledges the data, which stays. */
	assert_int_equal(get_log(8, 0, 512, 512), NVME_STATUS_SUCCESS);
	assert_memory_equal(answer + AT_DATA, "tether telemetry 1\n", 19);
	assert_int_equal(get_log(7, 0, 0, 512), NVME_STATUS_SUCCESS);
	assert_int_equal(field(NVME_TELEMETRY_AT_CONTROLLER_DATA_AVAILABLE, 1),
			 0);
	assert_int_equal(field(NVME_TELEMETRY_AT_CONTROLLER_GENERATION, 1), 1);
	assert_int_equal(get_log(8, 0, 512, 512), NVME_STATUS_SUCCESS);
	assert_memory_equal(answer + AT_DATA, "tether telemetry 1\n", 19);

	s.controller[0].self_test.fail_segment = 2;
	drive_poll(&s, 0);
	assert_int_equal(drive_self_test_start(&s, 0, DRIVE_SELF_TEST_SHORT, 0),
			 ERR_OK);
	drive_poll(&s, 60000);
	assert_int_equal(s.telemetry[DRIVE_TELEMETRY_CONTROLLER].reason,
			 DRIVE_TELEMETRY_SELF_TEST);
	s.sanitize.fail_next = true;
	assert_int_equal(drive_sanitize_start(&s, &request), ERR_OK);
	drive_poll(&s, 600000);
	assert_int_equal(s.telemetry[DRIVE_TELEMETRY_CONTROLLER].reason,
			 DRIVE_TELEMETRY_SANITIZE);
	assert_int_equal(s.telemetry[DRIVE_TELEMETRY_CONTROLLER].generation, 3);
}

/* Every text fits, or is cut off at the end of a line. */
static void full_drive_is_captured_in_order(void **state)
{
	const struct drive_telemetry *t = &s.telemetry[DRIVE_TELEMETRY_HOST];
	struct drive_error_entry e = { .status = { 1, 0x0b } };

	(void)state;
	s.controllers = DRIVE_CONTROLLERS;
	for (uint16_t i = 0; i < DRIVE_CONTROLLERS * DRIVE_ERRORS; i++)
		drive_error_log_add(&s, i % DRIVE_CONTROLLERS, &e);
	for (int i = 0; i < DRIVE_NAMESPACES; i++)
		s.namespace[i].blocks = UINT64_MAX / 512 / 256;
	drive_telemetry_capture(&s, DRIVE_TELEMETRY_HOST,
				DRIVE_TELEMETRY_REQUEST);
	assert_true(t->last_block[0] <= t->last_block[1]);
	assert_true(t->last_block[1] <= t->last_block[2]);
	assert_int_equal(t->last_block[2], DRIVE_TELEMETRY_BLOCKS);
	assert_true(memchr(t->data, 0, sizeof(t->data)) != NULL);
}

/* --- OCP --- */

static void drive_without_ocp_has_no_page(void **state)
{
	(void)state;
	assert_int_equal(get_log(OCP_LOG_SMART_EXTENDED, 0, 0, 512),
			 NVME_STATUS_INVALID_LOG_PAGE);
	s.ocp = true;
	assert_int_equal(get_log(0, 0, 0, 1024), NVME_STATUS_SUCCESS);
	assert_int_equal(field((size_t)4 * OCP_LOG_SMART_EXTENDED, 4),
			 NVME_EFFECTS_SUPPORTED);
	assert_int_equal(field((size_t)4 * OCP_LOG_LATENCY_MONITOR, 4),
			 NVME_EFFECTS_SUPPORTED);
	assert_int_equal(field((size_t)4 * 0xc1, 4), 0);
}

static void extended_health_follows_the_drive(void **state)
{
	struct drive_controller *c = &s.controller[0];

	(void)state;
	s.ocp = true;
	c->counters.bytes_written = 123456789;
	c->counters.bytes_read = 42;
	c->counters.media_errors = 7;
	c->counters.unsafe_shutdowns = 3;
	drive_controller_set_spare(&s, 0, 90);
	drive_controller_set_life_used(&s, 0, 10);
	for (int i = 0; i < 2; i++) {
		drive_controller_set_temperature(&s, 0, 300);
		drive_controller_set_temperature(&s, 0, 401);
	}
	assert_int_equal(get_log(OCP_LOG_SMART_EXTENDED, 0, 0, 512),
			 NVME_STATUS_SUCCESS);
	assert_int_equal(field(0, 8), 123456789);
	assert_int_equal(field(16, 8), 42);
	assert_int_equal(field(32, 6), 10);
	assert_int_equal(field(38, 2), 90);
	assert_int_equal(field(46, 2), 100);
	assert_int_equal(field(56, 8), 7);
	assert_int_equal(field(80, 1), 10);
	assert_int_equal(field(88, 4), 300);
	assert_int_equal(field(92, 4), 300);
	assert_int_equal(field(96, 2), 0x0102); /* two events, first level */
	assert_int_equal(field(103, 1), 2);
	assert_int_equal(field(112, 4), 3);
	assert_int_equal(field(120, 1), 90);
	assert_int_equal(field(128, 2), 100);
	assert_int_equal(field(152, 8), UINT64_C(10000000000000) / 512);
	assert_int_equal(field(160, 8), 3);
	assert_int_equal(field(494, 2), 3);
	assert_memory_equal(answer + AT_DATA + 496,
			    "\xc5\xaf\x10\x28\xea\xbf\xf2\xa4"
			    "\x9c\x4f\x6f\x7c\xc9\x14\xd5\xaf",
			    16);
	drive_controller_set_warnings(&s, 0, DRIVE_WARNING_BACKUP);
	drive_controller_set_temperature(&s, 0, 300);
	assert_int_equal(get_log(OCP_LOG_SMART_EXTENDED, 0, 0, 512),
			 NVME_STATUS_SUCCESS);
	assert_int_equal(field(128, 2), 0);
	assert_int_equal(field(96, 2), 0x0002);
}

static void store(const char *revision, uint8_t slot,
		  enum drive_firmware_action action)
{
	assert_int_equal(drive_firmware_download(&s, 0, revision, 8), ERR_OK);
	assert_int_equal(drive_firmware_commit(&s, action, slot), ERR_OK);
}

static void activation_at_reset_is_in_history(void **state)
{
	const uint8_t *entry = answer + AT_DATA + 8;

	(void)state;
	s.ocp = true;
	store("00.00.02", 2, DRIVE_FIRMWARE_STORE_AND_ACTIVATE_AT_RESET);
	drive_reset(&s);
	assert_int_equal(
		get_log(OCP_LOG_FIRMWARE_ACTIVATION_HISTORY, 0, 0, 4096),
		NVME_STATUS_SUCCESS);
	assert_int_equal(field(0, 1), 0xc2);
	assert_int_equal(field(4, 4), 1);
	assert_int_equal(entry[0], 1);
	assert_int_equal(entry[1], 64);
	assert_int_equal(entry[4], 1);
	assert_int_equal(entry[22], 1); /* power cycles */
	assert_memory_equal(entry + 30, "00.00.0100.00.02", 16);
	assert_int_equal(entry[46], 2);
	assert_int_equal(entry[47], DRIVE_FIRMWARE_STORE_AND_ACTIVATE_AT_RESET);
	assert_int_equal(field(4078, 2), 1);
}

static void history_keeps_last_twenty_activations(void **state)
{
	(void)state;
	s.ocp = true;
	for (int i = 0; i < 23; i++) {
		store(i % 2 ? "revise-1" : "revise-0", 2,
		      DRIVE_FIRMWARE_STORE_AND_ACTIVATE_AT_RESET);
		drive_reset(&s);
	}
	assert_int_equal(
		get_log(OCP_LOG_FIRMWARE_ACTIVATION_HISTORY, 0, 0, 4096),
		NVME_STATUS_SUCCESS);
	assert_int_equal(field(4, 4), 20);
	assert_int_equal(field(8 + 4, 2), 4); /* the oldest first */
	assert_int_equal(field(8 + 19 * 64 + 4, 2), 23);
}

static void latency_monitor_is_off(void **state)
{
	(void)state;
	s.ocp = true;
	assert_int_equal(get_log(OCP_LOG_LATENCY_MONITOR, 0, 0, 512),
			 NVME_STATUS_SUCCESS);
	assert_int_equal(field(0, 1), 0);
	assert_int_equal(field(4, 2), 2016);
	assert_int_equal(field(0x20, 4), 0);
	assert_int_equal(field(0x60, 4), UINT32_MAX);
	assert_int_equal(field(494, 2), 1);
}

static void unsupported_requirements_are_sorted(void **state)
{
	char before[17] = "", now[17] = "";
	uint64_t count;

	(void)state;
	s.ocp = true;
	assert_int_equal(get_log(OCP_LOG_UNSUPPORTED_REQUIREMENTS, 0, 0, 4096),
			 NVME_STATUS_SUCCESS);
	count = field(0, 2);
	assert_in_range(count, 100, OCP_REQUIREMENTS_MAX);
	for (uint64_t i = 0; i < count; i++) {
		memcpy(now, answer + AT_DATA + 16 + i * 16, 16);
		assert_true(strcmp(before, now) < 0);
		memcpy(before, now, sizeof(before));
	}
	assert_string_equal(now, "SROWTM-9");
	assert_int_equal(field(16 + (size_t)count * 16, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(host_capture_has_areas_with_live_values,
				       setup_drive),
		cmocka_unit_test_setup(data_behind_last_block_is_zero,
				       setup_drive),
		cmocka_unit_test_setup(failure_captures_controller_telemetry,
				       setup_drive),
		cmocka_unit_test_setup(full_drive_is_captured_in_order,
				       setup_drive),
		cmocka_unit_test_setup(drive_without_ocp_has_no_page,
				       setup_drive),
		cmocka_unit_test_setup(extended_health_follows_the_drive,
				       setup_drive),
		cmocka_unit_test_setup(activation_at_reset_is_in_history,
				       setup_drive),
		cmocka_unit_test_setup(history_keeps_last_twenty_activations,
				       setup_drive),
		cmocka_unit_test_setup(latency_monitor_is_off, setup_drive),
		cmocka_unit_test_setup(unsupported_requirements_are_sorted,
				       setup_drive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

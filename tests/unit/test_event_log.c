/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the Persistent Event log page, base 5.16.1.14: the data of each
 * event type. */
#include "nvme_mi_rig.h"

enum {
	NEWEST = 512, /* behind the log's header */
	DATA = 24,    /* of an event, behind its header */
	CONTEXT = 1 << 8,
	RELEASE = 2 << 8,
	TIMESTAMP = 0x0e,
	START = NEWEST + DATA + 8, /* the event before a SANITIZE_END */
	RESET = 36,		   /* a controller's part of a reset event */
};

static const uint8_t *const log_page = answer + NVME_MI_ADMIN_RESPONSE_SIZE;
static uint32_t now;

static int start(void **state)
{
	(void)setup(state);
	drive_start(&s);
	now = 0;
	nvme_mi_poll(&mi, now);
	return 0;
}

static void wait_ms(uint32_t ms)
{
	now += ms;
	nvme_mi_poll(&mi, now);
}

/* Send an Admin command in one packet. Returns the status of its completion. */
static uint16_t admin(uint8_t opcode, uint32_t dword10, uint32_t expected,
		      const void *data, size_t len)
{
	static uint8_t p[4 + NVME_MI_ADMIN_REQUEST_SIZE + 64];
	struct wr w = wr_init(p, sizeof(p));
	size_t unit;

	wr_bytes(&w, (const uint8_t[]){ 1, OWN, PEER, 0xc8, 0x84, 0x10 }, 6);
	wr_fill(&w, 0, 2);
	wr_u8(&w, opcode);
	wr_fill(&w, 0, 3);
	wr_le32(&w, 0xffffffff);
	wr_fill(&w, 0, 20);
	wr_le32(&w, expected + (uint32_t)len);
	wr_fill(&w, 0, 8);
	wr_le32(&w, dword10);
	wr_fill(&w, 0, 20);
	wr_bytes(&w, data, len);
	wr_le32(&w, crc32c(0, p + 4, wr_len(&w) - 4));
	assert_true(wr_ok(&w));
	mctp_rx(&m, p, wr_len(&w), now);
	assert_true(take(&unit) >= NVME_MI_ADMIN_RESPONSE_SIZE);
	assert_int_equal(answer[4], NVME_MI_SUCCESS);
	return (answer[18] | answer[19] << 8) >> 1 & NVME_COMPLETION_STATUS;
}

static uint64_t at(size_t where, unsigned int size)
{
	struct rd r = rd_init(log_page + where, size);

	return rd_le(&r, size);
}

/* Read the log. The newest event must have this type and this size. Returns its
 * data. */
static const uint8_t *read_newest(uint8_t type, size_t size)
{
	assert_int_equal(
		admin(NVME_ADMIN_GET_LOG_PAGE, 0x0d | RELEASE, 4, NULL, 0), 0);
	assert_int_equal(admin(NVME_ADMIN_GET_LOG_PAGE, 0x03ff000d | CONTEXT,
			       4096, NULL, 0),
			 0);
	assert_int_equal(log_page[NEWEST], type);
	assert_int_equal(at(NEWEST + 22, 2), size);
	return log_page + NEWEST + DATA;
}

static void reset_event_describes_each_controller(void **state)
{
	const uint8_t *d;

	(void)state;
	wait_ms(7000);
	drive_reset(&s);
	d = read_newest(DRIVE_EVENT_RESET, 8 + 2 * RESET);
	assert_memory_equal(d, "00.00.01", 8);
	for (uint8_t id = 0; id < 2; id++) {
		const size_t to = NEWEST + DATA + 8 + (size_t)id * RESET;

		assert_int_equal(at(to, 2), id);
		assert_int_equal(at(to + 2, 1),
				 0); /* no firmware was activated */
		assert_int_equal(at(to + 16, 4), 1);
		assert_int_equal(at(to + 20, 8), 7000);
		assert_int_equal(at(to + 28, 8), 0); /* time since the reset */
	}
	/* Two events of 24 + 8 + 72 bytes, and the log's length. */
	assert_int_equal(at(4, 4), 2);
	assert_int_equal(at(8, 8), NEWEST + 2 * (DATA + 8 + 2 * RESET));
}

static void commit_event_has_both_revisions_and_action(void **state)
{
	const uint8_t *d;

	(void)state;
	assert_int_equal(admin(NVME_ADMIN_FIRMWARE_IMAGE_DOWNLOAD, 2, 0,
			       "7.7.7   code", 12),
			 0);
	assert_int_equal(
		admin(NVME_ADMIN_FIRMWARE_COMMIT, 1 << 3 | 2, 0, NULL, 0), 0);
	d = read_newest(DRIVE_EVENT_FIRMWARE_COMMIT, 22);
	assert_memory_equal(d, "00.00.017.7.7   \x01\x02\0\0\0\0", 22);
	/* The event of the reset reports the activation. */
	drive_reset(&s);
	d = read_newest(DRIVE_EVENT_RESET, 8 + 2 * RESET);
	assert_memory_equal(d, "7.7.7   ", 8);
	assert_int_equal(d[8 + 2], 1);
	assert_int_equal(d[8 + RESET + 2], 1);
	/* A failed commit is also an event. */
	assert_int_equal(admin(NVME_ADMIN_FIRMWARE_COMMIT, 3, 0, NULL, 0),
			 0x107);
	d = read_newest(DRIVE_EVENT_FIRMWARE_COMMIT, 22);
	assert_memory_equal(d, "7.7.7   \0\0\0\0\0\0\0\0\x00\x03\x01\x07\0\0",
			    22);
	assert_int_equal(
		admin(NVME_ADMIN_FIRMWARE_COMMIT, 3 << 3 | 1, 0, NULL, 0), 0);
	d = read_newest(DRIVE_EVENT_FIRMWARE_COMMIT, 22);
	assert_memory_equal(d, "7.7.7   00.00.01\x03\x01\0\0\0\0", 22);
}

static void timestamp_event_has_previous_timestamp(void **state)
{
	static const uint8_t first[8] = { 0x10, 0x27 }; /* 10000 ms */
	static const uint8_t second[8] = { 1 };

	(void)state;
	wait_ms(3000);
	assert_int_equal(admin(NVME_ADMIN_SET_FEATURES, TIMESTAMP, 0, first, 8),
			 0);
	(void)read_newest(DRIVE_EVENT_TIMESTAMP_CHANGE, 16);
	assert_int_equal(at(NEWEST + 6, 8), 10000 | UINT64_C(2) << 48);
	assert_int_equal(at(NEWEST + DATA, 8), 3000); /* from power-on */
	assert_int_equal(at(NEWEST + DATA + 8, 8), 3000);
	wait_ms(500);
	assert_int_equal(
		admin(NVME_ADMIN_SET_FEATURES, TIMESTAMP, 0, second, 8), 0);
	(void)read_newest(DRIVE_EVENT_TIMESTAMP_CHANGE, 16);
	assert_int_equal(at(NEWEST + 6, 8), 1 | UINT64_C(2) << 48);
	assert_int_equal(at(NEWEST + DATA, 8), 10500 | UINT64_C(2) << 48);
	assert_int_equal(at(NEWEST + DATA + 8, 8), 3500);
	/* The log's header has the current timestamp. */
	assert_int_equal(at(20, 8), 1 | UINT64_C(2) << 48);
	drive_reset(&s);
	wait_ms(20);
	assert_int_equal(admin(NVME_ADMIN_SET_FEATURES, TIMESTAMP, 0, first, 8),
			 0);
	(void)read_newest(DRIVE_EVENT_TIMESTAMP_CHANGE, 16);
	assert_int_equal(at(NEWEST + DATA, 8), 20);
	assert_int_equal(at(NEWEST + DATA + 8, 8), 20);
}

static void thermal_event_has_direction_and_distance(void **state)
{
	(void)state;
	drive_controller_set_temperature(&s, 1, 407);
	assert_memory_equal(read_newest(DRIVE_EVENT_THERMAL, 2), "\x07\x01", 2);
	assert_int_equal(at(NEWEST + 4, 2), 1); /* controller */
	drive_controller_set_temperature(&s, 1, 390);
	assert_memory_equal(read_newest(DRIVE_EVENT_THERMAL, 2), "\x0a\x88", 2);
	drive_controller_set_temperature(&s, 1, 210);
	assert_memory_equal(read_newest(DRIVE_EVENT_THERMAL, 2), "\x03\xb0", 2);
	drive_controller_set_temperature(&s, 1, 1000);
	assert_memory_equal(read_newest(DRIVE_EVENT_THERMAL, 2), "\xff\x01", 2);
}

static void namespace_and_sanitize_events_have_command_parameters(void **state)
{
	(void)state;
	assert_int_equal(drive_namespace_create(&s, 1000, 1, true), 2);
	(void)read_newest(DRIVE_EVENT_NAMESPACE_CHANGE, 48);
	assert_int_equal(at(NEWEST + DATA + 8, 8), 1000);
	assert_int_equal(at(NEWEST + DATA + 32, 4), 0x00010001);
	assert_int_equal(at(NEWEST + DATA + 44, 4), 2);
	assert_int_equal(
		drive_sanitize_start(&s,
				     &(struct drive_sanitize){
					     .action = DRIVE_SANITIZE_OVERWRITE,
					     .passes = 2,
					     .pattern = 0x12345678 }),
		ERR_OK);
	wait_ms(60000); /* the log cannot be read while the operation runs */
	(void)read_newest(DRIVE_EVENT_SANITIZE_END, 8);
	assert_int_equal(at(NEWEST + DATA + 2, 2), 0x111); /* two passes */
	assert_int_equal(at(START, 1), DRIVE_EVENT_SANITIZE_START);
	assert_int_equal(at(START + DATA, 4), 0x40000007);
	assert_int_equal(at(START + DATA + 4, 4), 0x23);
	assert_int_equal(at(START + DATA + 8, 4), 0x12345678);
	/* after an unrestricted failure, a host may exit and read the log */
	s.sanitize.fail_next = true;
	assert_int_equal(
		drive_sanitize_start(
			&s,
			&(struct drive_sanitize){ DRIVE_SANITIZE_BLOCK_ERASE,
						  .unrestricted_exit = true }),
		ERR_OK);
	wait_ms(60000);
	assert_int_equal(
		drive_sanitize_start(&s,
				     &(struct drive_sanitize){
					     DRIVE_SANITIZE_EXIT_FAILURE }),
		ERR_OK);
	(void)read_newest(DRIVE_EVENT_SANITIZE_END, 8);
	assert_int_equal(at(NEWEST + DATA + 2, 2), 3);
}

static void page_has_as_many_events_as_fit(void **state)
{
	(void)state;
	s.controllers = DRIVE_CONTROLLERS;
	for (int i = 0; i < DRIVE_EVENTS; i++)
		drive_reset(&s);
	(void)read_newest(DRIVE_EVENT_RESET, 8 + DRIVE_CONTROLLERS * RESET);
	assert_int_equal(at(4, 4),
			 (4096 - NEWEST) /
				 (DATA + 8 + DRIVE_CONTROLLERS * RESET));
	assert_int_equal(
		at(8, 8),
		NEWEST + at(4, 4) * (DATA + 8 + DRIVE_CONTROLLERS * RESET));
	s.controllers = 2;
	for (int i = 0; i < DRIVE_EVENTS; i++)
		drive_controller_set_temperature(&s, 0, i % 2 ? 300 : 500);
	(void)read_newest(DRIVE_EVENT_THERMAL, 2);
	assert_int_equal(at(4, 4), DRIVE_EVENTS);
}

/* The context is a copy of the log, and its generation counts changes. */
static void context_keeps_replaced_events_and_counts_generations(void **state)
{
	static uint8_t before[DATA];

	(void)state;
	drive_controller_set_temperature(&s, 0, 500);
	(void)read_newest(DRIVE_EVENT_THERMAL, 2);
	assert_int_equal(at(372, 2), 1);
	memcpy(before, log_page + NEWEST, sizeof(before));
	for (int i = 0; i < 2 * DRIVE_EVENTS; i++)
		drive_controller_set_temperature(&s, 0, i % 2 ? 500 : 300);
	assert_int_equal(
		admin(NVME_ADMIN_GET_LOG_PAGE, 0x03ff000d, 4096, NULL, 0), 0);
	assert_int_equal(at(4, 4), 2); /* with the event of power-on */
	assert_memory_equal(before, log_page + NEWEST, sizeof(before));
	(void)read_newest(DRIVE_EVENT_THERMAL, 2);
	assert_int_equal(at(372, 2), 2);
	assert_int_equal(at(4, 4), DRIVE_EVENTS);
	(void)read_newest(DRIVE_EVENT_THERMAL, 2);
	assert_int_equal(at(372, 2), 2); /* the log has not changed */
	drive_reset(&s);
	assert_int_equal(admin(NVME_ADMIN_GET_LOG_PAGE, 0x0d, 4, NULL, 0),
			 NVME_STATUS_COMMAND_SEQUENCE_ERROR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(reset_event_describes_each_controller,
				       start),
		cmocka_unit_test_setup(
			commit_event_has_both_revisions_and_action, start),
		cmocka_unit_test_setup(timestamp_event_has_previous_timestamp,
				       start),
		cmocka_unit_test_setup(thermal_event_has_direction_and_distance,
				       start),
		cmocka_unit_test_setup(
			namespace_and_sanitize_events_have_command_parameters,
			start),
		cmocka_unit_test_setup(page_has_as_many_events_as_fit, start),
		cmocka_unit_test_setup(
			context_keeps_replaced_events_and_counts_generations,
			start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

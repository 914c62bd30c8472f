/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of simulated faults: what the responder sends for each of them. */
#include "nvme_mi_rig.h"

static struct nvme_mi_fault fault;
static struct nvme_mi_fault_request asked;

static void find_fault(void *ctx, const struct nvme_mi_fault_request *r,
		       struct nvme_mi_fault *f)
{
	(void)ctx;
	asked = *r;
	*f = fault;
}

static int setup_faults(void **state)
{
	int err = setup(state);

	fault = (struct nvme_mi_fault){ 0 };
	mi.faults.find = find_fault;
	return err;
}

static void poll_health(void)
{
	give(0, NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
}

static bool has_valid_check(size_t len)
{
	struct rd r =
		rd_init(answer + len - NVME_MI_MIC_SIZE, NVME_MI_MIC_SIZE);

	return rd_le32(&r) == crc32c(0, answer, len - NVME_MI_MIC_SIZE);
}

/* Send a control primitive for slot 0. */
static void give_primitive(uint8_t opcode)
{
	uint8_t p[4 + NVME_MI_PRIMITIVE_SIZE + NVME_MI_MIC_SIZE];
	struct wr w = wr_init(p, sizeof(p));

	wr_bytes(&w, (const uint8_t[]){ 1, OWN, PEER, 0xc9, 0x84 }, 5);
	wr_fill(&w, 0, 3);
	wr_u8(&w, opcode);
	wr_u8(&w, 0x77);
	wr_le16(&w, 0);
	wr_le32(&w, crc32c(0, p + 4, NVME_MI_PRIMITIVE_SIZE));
	mctp_rx(&m, p, wr_len(&w), 0);
}

/* Replay the response of slot 0. Returns its length; `answer` has it. */
static size_t replay(void)
{
	size_t unit;

	fault = (struct nvme_mi_fault){ 0 };
	give_primitive(NVME_MI_REPLAY);
	assert_int_equal(take(&unit), NVME_MI_PRIMITIVE_MAX);
	assert_int_equal(answer[5], 0x77);
	return take(&unit);
}

static void lost_request_leaves_slot_idle(void **state)
{
	size_t unit;

	(void)state;
	fault.lose_request = true;
	poll_health();
	assert_int_equal(take(&unit), 0);
	fault.lose_request = false;
	assert_int_equal(ask(NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0),
			 NVME_MI_SUCCESS);
}

static void lost_response_is_replayed(void **state)
{
	size_t unit, len;

	(void)state;
	s.changes = DRIVE_CHANGE_SPARE;
	fault.lose_response = true;
	give(0, NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0,
	     NVME_MI_HEALTH_CLEAR_STATUS);
	assert_int_equal(take(&unit), 0);
	assert_int_equal(s.changes, 0); /* the command was executed */
	len = replay();
	assert_int_equal(len, 20);
	assert_true(has_valid_check(len));
	assert_int_equal(answer[NVME_MI_RESPONSE_SIZE + 5],
			 DRIVE_CHANGE_SPARE >> 8);
}

static void wrong_check_is_correct_in_replay(void **state)
{
	size_t unit, len;

	(void)state;
	fault.corrupt_check = true;
	poll_health();
	len = take(&unit);
	assert_int_equal(len, 20);
	assert_false(has_valid_check(len));
	assert_true(has_valid_check(replay()));
	/* The next response has its own check. */
	poll_health();
	assert_true(has_valid_check(take(&unit)));
}

static void message_status_replaces_command(void **state)
{
	size_t unit;

	(void)state;
	fault.message_status = NVME_MI_ACCESS_DENIED;
	s.changes = DRIVE_CHANGE_SPARE;
	give(0, NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0,
	     NVME_MI_HEALTH_CLEAR_STATUS);
	assert_int_equal(take(&unit), 12);
	assert_int_equal(answer[4], NVME_MI_ACCESS_DENIED);
	assert_int_equal(s.changes, DRIVE_CHANGE_SPARE);
}

static void control_primitive_has_faults(void **state)
{
	size_t unit;

	(void)state;
	fault.lose_response = true;
	give_primitive(NVME_MI_GET_STATE);
	assert_int_equal(take(&unit), 0);
	fault = (struct nvme_mi_fault){ .corrupt_check = true };
	give_primitive(NVME_MI_GET_STATE);
	assert_int_equal(take(&unit), NVME_MI_PRIMITIVE_MAX);
	assert_false(has_valid_check(NVME_MI_PRIMITIVE_MAX));
	assert_int_equal(asked.type, NVME_MI_CONTROL_PRIMITIVE);
	assert_int_equal(asked.opcode, NVME_MI_GET_STATE);
}

static void give_admin(uint8_t opcode, uint32_t nsid, uint32_t dword10)
{
	uint8_t p[4 + NVME_MI_ADMIN_REQUEST_SIZE + NVME_MI_MIC_SIZE] = { 0 };
	struct wr w = wr_init(p, sizeof(p));

	wr_bytes(&w, (const uint8_t[]){ 1, OWN, PEER, 0xc8, 0x84, 0x10 }, 6);
	wr_fill(&w, 0, 2);
	wr_u8(&w, opcode);
	wr_u8(&w, 0);
	wr_le16(&w, 1);
	wr_le32(&w, nsid);
	wr_fill(&w, 0, 20);
	wr_le32(&w, 16); /* DLEN */
	wr_fill(&w, 0, 8);
	wr_le32(&w, dword10);
	wr_fill(&w, 0, 20);
	wr_le32(&w, crc32c(0, p + 4, NVME_MI_ADMIN_REQUEST_SIZE));
	mctp_rx(&m, p, wr_len(&w), 0);
}

static void completion_replaces_command_and_is_logged(void **state)
{
	const struct drive_error_log *log = &s.controller[1].error_log;
	size_t unit;
	struct rd r;

	(void)state;
	fault.completion = NVME_STATUS_NAMESPACE_NOT_READY;
	give_admin(NVME_ADMIN_IDENTIFY, 1, 0x00010001);
	assert_int_equal(take(&unit),
			 NVME_MI_ADMIN_RESPONSE_SIZE + NVME_MI_MIC_SIZE);
	assert_int_equal(answer[4], NVME_MI_SUCCESS);
	r = rd_init(answer + 16, 4);
	assert_int_equal(rd_le32(&r) >> NVME_COMPLETION_STATUS_SHIFT &
				 NVME_COMPLETION_STATUS,
			 NVME_STATUS_NAMESPACE_NOT_READY);
	assert_int_equal(log->count, 1);
	assert_int_equal(log->entry[0].status.code,
			 NVME_STATUS_NAMESPACE_NOT_READY);
}

static void source_sees_fields_of_request(void **state)
{
	size_t unit;

	(void)state;
	give_admin(NVME_ADMIN_GET_LOG_PAGE, 7, 0x00030002);
	assert_true(take(&unit) > 0);
	assert_int_equal(asked.type, NVME_MI_ADMIN_COMMAND);
	assert_int_equal(asked.opcode, NVME_ADMIN_GET_LOG_PAGE);
	assert_int_equal(asked.id, 2);
	assert_int_equal(asked.controller, 1);
	assert_int_equal(asked.nsid, 7);
	ask(NVME_MI_READ_DATA_STRUCTURE,
	    (uint32_t)NVME_MI_CONTROLLER_LIST << NVME_MI_TYPE_SHIFT, 0);
	assert_int_equal(asked.type, NVME_MI_COMMAND);
	assert_int_equal(asked.id, NVME_MI_CONTROLLER_LIST);
	ask(NVME_MI_CONFIGURATION_GET, 3, 0);
	assert_int_equal(asked.id, 3);
	ask(NVME_MI_VPD_READ, 3, 0);
	assert_int_equal(asked.id, 0);
}

static void delay_announces_more_processing(void **state)
{
	size_t unit;

	(void)state;
	fault.delay_ms = 2000;
	poll_health();
	assert_int_equal(take(&unit), 12);
	assert_int_equal(answer[4], NVME_MI_MORE_PROCESSING_REQUIRED);
	nvme_mi_poll(&mi, 1999);
	assert_int_equal(take(&unit), 0);
	nvme_mi_poll(&mi, 2000);
	assert_int_equal(take(&unit), 20);
	assert_int_equal(answer[4], NVME_MI_SUCCESS);
}

static void silent_delay_sends_nothing_before_response(void **state)
{
	size_t unit;

	(void)state;
	fault.delay_ms = 2000;
	fault.silent = true;
	poll_health();
	assert_int_equal(take(&unit), 0);
	nvme_mi_poll(&mi, 2000);
	assert_int_equal(take(&unit), 20);
	/* Nor does a delay that is shorter than the response time. */
	fault.delay_ms = 30;
	fault.silent = false;
	poll_health();
	assert_int_equal(take(&unit), 0);
	nvme_mi_poll(&mi, 2030);
	assert_int_equal(take(&unit), 20);
}

static void drive_without_power_ignores_messages(void **state)
{
	size_t unit;

	(void)state;
	drive_power_off(&s);
	poll_health();
	give_primitive(NVME_MI_GET_STATE);
	assert_int_equal(take(&unit), 0);
	drive_power_on(&s);
	assert_int_equal(ask(NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0),
			 NVME_MI_SUCCESS);
}

static void power_loss_drops_pending_response(void **state)
{
	size_t unit;

	(void)state;
	fault.delay_ms = 2000;
	fault.silent = true;
	poll_health();
	drive_power_off(&s);
	nvme_mi_poll(&mi, 1000);
	drive_power_on(&s);
	nvme_mi_poll(&mi, 3000);
	assert_int_equal(take(&unit), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(lost_request_leaves_slot_idle,
				       setup_faults),
		cmocka_unit_test_setup(lost_response_is_replayed, setup_faults),
		cmocka_unit_test_setup(wrong_check_is_correct_in_replay,
				       setup_faults),
		cmocka_unit_test_setup(message_status_replaces_command,
				       setup_faults),
		cmocka_unit_test_setup(control_primitive_has_faults,
				       setup_faults),
		cmocka_unit_test_setup(
			completion_replaces_command_and_is_logged,
			setup_faults),
		cmocka_unit_test_setup(source_sees_fields_of_request,
				       setup_faults),
		cmocka_unit_test_setup(delay_announces_more_processing,
				       setup_faults),
		cmocka_unit_test_setup(
			silent_delay_sends_nothing_before_response,
			setup_faults),
		cmocka_unit_test_setup(drive_without_power_ignores_messages,
				       setup_faults),
		cmocka_unit_test_setup(power_loss_drops_pending_response,
				       setup_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* NVMe-MI behaviour over time: More Processing Required, asynchronous events,
 * sanitize operations and self-tests. */
#include "cm.h"

#include <stdbool.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/wire.h"
#include "nvme_mi/nvme_mi.h"
#include "nvme_mi/vpd.h"

enum { OWN = 9, PEER = 8, TAG = 5 };

static struct mctp m;
static struct nvme_mi mi;
static struct drive s;
static uint8_t answer[NVME_MI_RESPONSE_MAX];
static uint8_t flags; /* flags of the last packet that was read */
static uint32_t now;

static int setup(void **state)
{
	(void)state;
	mctp_init(&m);
	m.eid = OWN;
	now = 0xffffff00; /* wraps during the test */
	drive_init_default(&s);
	drive_start(&s);
	assert_int_equal(nvme_mi_init(&mi, &m, &s), ERR_OK);
	nvme_mi_poll(&mi, now);
	return 0;
}

static void wait_ms(uint32_t ms)
{
	now += ms;
	nvme_mi_poll(&mi, now);
}

/* Send a message with its integrity check, in packets of 64 bytes. `nmp`
 * selects the message type and the command slot. */
static void give(uint8_t nmp, const void *body, size_t len)
{
	uint8_t message[4 + 512 + 4], packet[4 + 64];
	struct wr w = wr_init(message, sizeof(message));
	uint8_t f = MCTP_SOM | MCTP_TAG_OWNER | TAG;

	wr_u8(&w, 0x84);
	wr_u8(&w, nmp);
	wr_le16(&w, 0);
	wr_bytes(&w, body, len);
	wr_le32(&w, crc32c(0, message, 4 + len));
	for (size_t at = 0; at < wr_len(&w); at += 64) {
		size_t n = wr_len(&w) - at;

		if (n <= 64)
			f |= MCTP_EOM;
		n = n < 64 ? n : 64;
		memcpy(packet, (const uint8_t[]){ 1, OWN, PEER, f }, 4);
		memcpy(packet + 4, message + at, n);
		mctp_rx(&m, packet, 4 + n, now);
		f = mctp_next_flags(f);
	}
}

/* Receive the next message in `answer`, and verify its integrity check. Returns
 * the length without the check; 0: no message. */
static size_t take(void)
{
	struct mctp_packet p = { 0 };
	size_t len = 0;
	struct rd r;

	while (mctp_tx_peek(&m, &p)) {
		memcpy(answer + len, p.body, p.len);
		len += p.len;
		flags = p.header[3];
		mctp_tx_consume(&m, &p);
		if (flags & MCTP_EOM)
			break;
	}
	if (!len)
		return 0;
	r = rd_init(answer + len - 4, 4);
	assert_int_equal(rd_le32(&r), crc32c(0, answer, len - 4));
	return len - 4;
}

static void command(uint8_t opcode, uint32_t nmd0, uint32_t nmd1)
{
	uint8_t body[12];
	struct wr w = wr_init(body, sizeof(body));

	wr_le32(&w, opcode);
	wr_le32(&w, nmd0);
	wr_le32(&w, nmd1);
	give(0x08, body, sizeof(body));
}

/* Send an Admin command. Returns the status of its completion, or ffffh without
 * a completion. */
static uint16_t admin(uint8_t opcode, uint32_t nsid, uint32_t dword10)
{
	uint8_t body[64] = { opcode };
	struct wr w = wr_init(body + 4, 4);

	wr_le32(&w, nsid);
	w = wr_init(body + 40, 4);
	wr_le32(&w, dword10);
	give(0x10, body, sizeof(body));
	if (take() < 20)
		return 0xffff;
	return (answer[18] | answer[19] << 8) >> 1 & NVME_COMPLETION_STATUS;
}

static uint16_t primitive(uint8_t opcode, uint16_t parameter)
{
	uint8_t body[4] = { opcode, 1, (uint8_t)parameter };

	give(0, body, sizeof(body));
	assert_int_equal(take(), 8);
	assert_int_equal(answer[4], NVME_MI_SUCCESS);
	return (uint16_t)(answer[6] | answer[7] << 8);
}

/* A format takes 10 s for 10 TB. The announced time is a little longer. */
static void announces_time_of_format(void **state)
{
	(void)state;
	assert_int_equal(admin(NVME_ADMIN_FORMAT_NVM, 1, 1), 0xffff);
	assert_int_equal(answer[4], NVME_MI_MORE_PROCESSING_REQUIRED);
	assert_int_equal(answer[6] | answer[7] << 8, 110);
	assert_int_equal(flags & (MCTP_TAG_OWNER | MCTP_TAG), TAG);
	assert_true(s.namespace[0].formatting.active);
	wait_ms(5000);
	assert_int_equal(take(), 0);
	assert_int_equal(
		drive_operation_percent(&s, &s.namespace[0].formatting), 50);
	assert_int_equal(primitive(NVME_MI_GET_STATE, 0), NVME_MI_SLOT_PROCESS);
	wait_ms(4999);
	assert_int_equal(take(), 0);
	wait_ms(1);
	assert_int_equal(take(), 20);
	assert_int_equal(answer[4], NVME_MI_SUCCESS);
	assert_int_equal(flags & (MCTP_TAG_OWNER | MCTP_TAG), TAG);
	assert_false(s.namespace[0].formatting.active);
	assert_int_equal(s.namespace[0].format, 1);
	assert_int_equal(s.formats, 0);
}

static void drops_command_while_slot_processes(void **state)
{
	uint8_t poll[12] = { NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL };

	(void)state;
	(void)admin(NVME_ADMIN_FORMAT_NVM, 1, 1);
	command(NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
	assert_int_equal(take(), 0);
	assert_int_equal(m.count[MCTP_DROP_BUSY], 1);
	give(0x09, poll, sizeof(poll)); /* the other slot accepts a command */
	assert_int_equal(take(), 16);
	assert_int_equal(primitive(NVME_MI_GET_STATE, 0), 0x000a);
	/* Replay repeats the announcement. */
	wait_ms(9000);
	assert_int_equal(primitive(NVME_MI_REPLAY, 0), 1);
	assert_int_equal(take(), 8);
	assert_int_equal(answer[4], NVME_MI_MORE_PROCESSING_REQUIRED);
	assert_int_equal(answer[6], 20);
	/* Abort drops the response; the format continues. */
	assert_int_equal(primitive(NVME_MI_ABORT, 0),
			 NVME_MI_ABORT_PARTIALLY_PROCESSED);
	assert_true(s.namespace[0].formatting.active);
	wait_ms(60000);
	assert_int_equal(take(), 0);
	assert_false(s.namespace[0].formatting.active);
	assert_int_equal(primitive(NVME_MI_GET_STATE, 1), 0x0008);
}

static void pause_holds_response_of_processed_command(void **state)
{
	(void)state;
	(void)admin(NVME_ADMIN_FORMAT_NVM, 1, 1);
	(void)primitive(NVME_MI_PAUSE, 0);
	wait_ms(20000);
	assert_int_equal(take(), 0);
	assert_int_equal(primitive(NVME_MI_GET_STATE, 0), 0x8003);
	(void)primitive(NVME_MI_RESUME, 0);
	assert_int_equal(take(), 20);
}

/* Pause also holds More Processing Required. */
static void pause_holds_more_processing_required(void **state)
{
	uint8_t body[64] = { NVME_ADMIN_FORMAT_NVM };
	struct wr w = wr_init(body + 4, 4);

	(void)state;
	wr_le32(&w, 1);
	give(0x10, body, sizeof(body)); /* announced, not yet sent */
	(void)primitive(NVME_MI_PAUSE, 0);
	assert_int_equal(take(), 0);
	wait_ms(4000);
	(void)primitive(NVME_MI_RESUME, 0);
	assert_int_equal(take(), 8);
	assert_int_equal(answer[4], NVME_MI_MORE_PROCESSING_REQUIRED);
	wait_ms(6000);
	assert_int_equal(take(), 20);
	/* After the command has completed, only its response is sent. */
	give(0x10, body, sizeof(body));
	(void)primitive(NVME_MI_PAUSE, 0);
	wait_ms(20000);
	assert_int_equal(take(), 0);
	(void)primitive(NVME_MI_RESUME, 0);
	assert_int_equal(take(), 20);
	assert_int_equal(answer[4], NVME_MI_SUCCESS);
	assert_int_equal(take(), 0);
}

static void link_reset_drops_processed_command(void **state)
{
	(void)state;
	(void)admin(NVME_ADMIN_FORMAT_NVM, 1, 1);
	(void)primitive(NVME_MI_PAUSE, 0);
	mctp_reset(&m);
	nvme_mi_reset(&mi);
	wait_ms(20000);
	assert_int_equal(take(), 0);
	command(NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
	assert_int_equal(take(), 16);
}

static void refuses_to_delete_namespace_during_format(void **state)
{
	(void)state;
	(void)admin(NVME_ADMIN_FORMAT_NVM, 1, 1);
	assert_int_equal(drive_namespace_delete(&s, 1), ERR_BUSY);
	assert_int_equal(drive_namespace_delete(&s, DRIVE_NSID_ALL), ERR_BUSY);
	assert_true(drive_namespace_exists(&s, 1));
	wait_ms(10000);
	assert_int_equal(drive_namespace_delete(&s, 1), ERR_OK);
}

static void self_tests_end_after_their_time(void **state)
{
	const struct drive_controller *c = &s.controller[0];

	(void)state;
	assert_int_equal(
		admin(NVME_ADMIN_DEVICE_SELF_TEST, 1, DRIVE_SELF_TEST_SHORT),
		0);
	wait_ms(19999);
	assert_true(c->self_test.operation.active);
	wait_ms(1);
	assert_false(c->self_test.operation.active);
	assert_int_equal(c->self_test.count, 1);
	assert_int_equal(c->self_test.result[0].result, DRIVE_SELF_TEST_PASSED);
	(void)admin(NVME_ADMIN_DEVICE_SELF_TEST, 1, DRIVE_SELF_TEST_EXTENDED);
	assert_int_equal(drive_namespace_delete(&s, 1), ERR_OK);
	assert_int_equal(c->self_test.result[0].result,
			 DRIVE_SELF_TEST_ABORTED_BY_NAMESPACE_REMOVAL);
	(void)admin(NVME_ADMIN_DEVICE_SELF_TEST, 0, DRIVE_SELF_TEST_SHORT);
	drive_reset(&s);
	assert_int_equal(c->self_test.result[0].result,
			 DRIVE_SELF_TEST_ABORTED_BY_RESET);
	assert_int_equal(c->self_test.count, 3);
	(void)admin(NVME_ADMIN_DEVICE_SELF_TEST, 0, DRIVE_SELF_TEST_EXTENDED);
	drive_reset(&s); /* the self-test continues */
	assert_true(c->self_test.operation.active);
	for (int i = 0; i < 30; i++) {
		drive_self_test_end(&s, 0, DRIVE_SELF_TEST_PASSED);
		(void)admin(NVME_ADMIN_DEVICE_SELF_TEST, 0,
			    DRIVE_SELF_TEST_SHORT);
	}
	assert_int_equal(c->self_test.count, DRIVE_SELF_TEST_RESULTS);
}

static void vpd_write_from_buffer(uint8_t len)
{
	uint8_t message[16 + 4] = { 0x84, 0x08, NVME_MI_ENDPOINT_BUFFER, 0,
				    NVME_MI_VPD_WRITE };
	uint8_t packet[4 + sizeof(message)] = {
		1, OWN, PEER, MCTP_SOM | MCTP_EOM | MCTP_TAG_OWNER | TAG
	};
	struct wr w = wr_init(message + 16, 4);

	message[12] = len;
	wr_le32(&w, crc32c(0, message, 16));
	memcpy(packet + 4, message, sizeof(message));
	mctp_rx(&m, packet, sizeof(packet), now);
	assert_int_equal(take(), 8);
}

static void sanitize_runs_in_background_and_clears_buffer(void **state)
{
	(void)state;
	mi.buffer[7] = 7;
	assert_int_equal(
		admin(NVME_ADMIN_SANITIZE, 0, DRIVE_SANITIZE_BLOCK_ERASE), 0);
	assert_int_equal(s.sanitize.result, DRIVE_SANITIZE_RUNNING);
	assert_int_equal(mi.buffer[7], 0); /* cleared at the start */
	vpd_write_from_buffer(4);
	assert_int_equal(answer[4], NVME_MI_BUFFER_CLEARED_DUE_TO_SANITIZE);
	assert_false(s.vpd.written);
	vpd_write_from_buffer(0); /* does not use the buffer */
	assert_int_equal(answer[4], NVME_MI_SUCCESS);
	wait_ms(15999);
	assert_true(s.sanitize.operation.active);
	wait_ms(1);
	assert_false(s.sanitize.operation.active);
	assert_int_equal(s.sanitize.result, DRIVE_SANITIZE_COMPLETED);
	assert_int_equal(mi.buffer[7], 0);
	command(NVME_MI_BUFFER_READ, 0, 4);
	assert_int_equal(take(), 8);
	assert_int_equal(answer[4], NVME_MI_BUFFER_CLEARED_DUE_TO_SANITIZE);
	command(NVME_MI_BUFFER_READ, 0, 0); /* a read of 0 bytes succeeds */
	(void)take();
	assert_int_equal(answer[4], NVME_MI_SUCCESS);
	/* An overwrite with two passes takes twice as long. */
	assert_int_equal(admin(NVME_ADMIN_SANITIZE, 0,
			       DRIVE_SANITIZE_OVERWRITE | 2 << 4 | 0x200),
			 0);
	wait_ms(31999);
	assert_true(s.sanitize.operation.active);
	wait_ms(1);
	assert_int_equal(s.sanitize.result,
			 DRIVE_SANITIZE_COMPLETED_NO_DEALLOCATE);
}

static uint8_t subsystem_status(void)
{
	command(NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
	assert_int_equal(take(), 16);
	return answer[8];
}

static void sanitize_that_fails(uint32_t dword10)
{
	s.sanitize.fail_next = true;
	assert_int_equal(admin(NVME_ADMIN_SANITIZE, 0, dword10), 0);
	assert_int_equal(subsystem_status() & 0x40, 0);
	wait_ms(16000);
	assert_false(s.sanitize.operation.active);
	assert_int_equal(s.sanitize.result, DRIVE_SANITIZE_FAILED);
	assert_false(s.sanitize.fail_next);
	assert_false(s.sanitize.data_erased);
	assert_int_equal(subsystem_status() & 0x40, 0x40);
}

enum { ALLOW_EXIT = 0x08 };

/* NVMe base specification 5.24 and 8.21. */
static void restricted_sanitize_failure_needs_another_sanitize(void **state)
{
	(void)state;
	sanitize_that_fails(DRIVE_SANITIZE_BLOCK_ERASE);
	/* Commands that a running sanitize forbids stay forbidden. */
	assert_int_equal(admin(NVME_ADMIN_FORMAT_NVM, 1, 0), 0x1c);
	assert_int_equal(
		admin(NVME_ADMIN_DEVICE_SELF_TEST, 0, DRIVE_SELF_TEST_SHORT),
		0x1c);
	assert_int_equal(admin(NVME_ADMIN_GET_FEATURES, 0, 4), 0);
	/* Only a restricted operation may follow a restricted one. */
	assert_int_equal(
		admin(NVME_ADMIN_SANITIZE, 0, DRIVE_SANITIZE_EXIT_FAILURE),
		0x1c);
	assert_int_equal(admin(NVME_ADMIN_SANITIZE, 0,
			       DRIVE_SANITIZE_CRYPTO_ERASE | ALLOW_EXIT),
			 0x1c);
	drive_reset(&s); /* a reset does not end failure mode */
	assert_int_equal(subsystem_status() & 0x40, 0x40);
	assert_int_equal(
		admin(NVME_ADMIN_SANITIZE, 0, DRIVE_SANITIZE_CRYPTO_ERASE), 0);
	assert_int_equal(admin(NVME_ADMIN_FORMAT_NVM, 1, 0), 0x1d);
	wait_ms(1600);
	assert_int_equal(s.sanitize.result, DRIVE_SANITIZE_COMPLETED);
	assert_int_equal(subsystem_status() & 0x40, 0);
	assert_int_equal(
		admin(NVME_ADMIN_DEVICE_SELF_TEST, 0, DRIVE_SELF_TEST_SHORT),
		0);
}

static void unrestricted_sanitize_failure_can_be_exited(void **state)
{
	(void)state;
	sanitize_that_fails(DRIVE_SANITIZE_BLOCK_ERASE | ALLOW_EXIT);
	assert_int_equal(
		admin(NVME_ADMIN_DEVICE_SELF_TEST, 0, DRIVE_SELF_TEST_SHORT),
		0x1c);
	assert_int_equal(
		admin(NVME_ADMIN_SANITIZE, 0, DRIVE_SANITIZE_EXIT_FAILURE), 0);
	assert_int_equal(subsystem_status() & 0x40, 0);
	assert_int_equal(s.sanitize.result,
			 DRIVE_SANITIZE_FAILED); /* the last operation failed */
	assert_int_equal(
		admin(NVME_ADMIN_DEVICE_SELF_TEST, 0, DRIVE_SELF_TEST_SHORT),
		0);
	sanitize_that_fails(DRIVE_SANITIZE_BLOCK_ERASE | ALLOW_EXIT);
	assert_int_equal(admin(NVME_ADMIN_SANITIZE, 0,
			       DRIVE_SANITIZE_BLOCK_ERASE | ALLOW_EXIT),
			 0);
}

/* --- asynchronous events --- */

/* Enable temperature and warnings, with delay (s) and retry (100 ms). */
static void enable(uint8_t delay, uint8_t retry)
{
	uint8_t body[12 + 11];
	struct wr w = wr_init(body, sizeof(body));

	wr_le32(&w, NVME_MI_CONFIGURATION_SET);
	wr_le32(&w, 0x01000004U | (uint32_t)delay << 16 | (uint32_t)retry << 8);
	wr_le32(&w, 0);
	wr_bytes(&w,
		 (const uint8_t[]){ 2, 0, 11, 0, 5, 3, 6, 0x80, 3, 9, 0x80 },
		 11);
	give(0x08, body, sizeof(body));
	assert_int_equal(take(), 8 + 7);
	assert_int_equal(answer[4], NVME_MI_SUCCESS);
	assert_int_equal(answer[8], 0);
}

static size_t acknowledge(void)
{
	uint8_t body[12 + 5];
	struct wr w = wr_init(body, sizeof(body));

	wr_le32(&w, NVME_MI_CONFIGURATION_SET);
	wr_le32(&w, 4);
	wr_le32(&w, 0);
	wr_bytes(&w, (const uint8_t[]){ 0, 0, 5, 0, 5 }, 5);
	give(0x08, body, sizeof(body));
	return take();
}

static void sends_event_once_without_retry(void **state)
{
	static const uint8_t items[] = { 9, 0, 0, 6, 1, 0, 0, 0, 1,
					 9, 0, 0, 9, 1, 0, 0, 0, 1 };

	(void)state;
	enable(2, 0);
	drive_controller_set_temperature(&s, 1, 401);
	drive_controller_set_spare(&s, 1, 50); /* not enabled */
	wait_ms(0);
	wait_ms(1999);
	assert_int_equal(take(), 0);
	wait_ms(1);
	assert_int_equal(take(), 4 + 7 + sizeof(items));
	assert_int_equal(answer[0], 0x84);
	assert_int_equal(answer[1], 0x28);
	assert_int_equal(answer[4], 2);	 /* occurrences */
	assert_int_equal(answer[6], 25); /* bytes */
	assert_int_equal(answer[9], 7);
	assert_memory_equal(answer + 11, items, sizeof(items));
	assert_true(flags & MCTP_TAG_OWNER);
	wait_ms(60000); /* no retransmission was configured */
	assert_int_equal(take(), 0);
	assert_int_equal(acknowledge(), 8);
	wait_ms(60000);
	assert_int_equal(take(), 0);
	drive_controller_set_temperature(&s, 1, 402);
	wait_ms(0);
	wait_ms(2000);
	assert_int_equal(take(), 4 + 7 + 9);
}

static void retransmits_event_until_acknowledged(void **state)
{
	uint8_t generation;

	(void)state;
	enable(0, 5);
	drive_controller_set_temperature(&s, 0, 300);
	wait_ms(0);
	assert_int_equal(take(), 4 + 7 + 9);
	generation = answer[10] >> 3;
	for (uint8_t retry = 1; retry <= 3; retry++) {
		wait_ms(499);
		assert_int_equal(take(), 0);
		wait_ms(1);
		assert_int_equal(take(), 4 + 7 + 9);
		assert_int_equal(answer[10], generation << 3 | retry);
	}
	assert_int_equal(subsystem_status() & 0x80, 0);
	wait_ms(5000);
	assert_int_equal(take(), 0);
	/* The health poll reports the missing acknowledgement (2.0). */
	assert_int_equal(subsystem_status() & 0x80, 0x80);
	/* Events in the meantime are in the response. */
	drive_controller_set_temperature(&s, 0, 301);
	wait_ms(500);
	assert_int_equal(take(), 0);
	assert_int_equal(acknowledge(), 8 + 7 + 9);
	assert_int_equal(answer[8], 1);
	assert_int_equal(answer[14] >> 3, (generation + 1) % 32);
	assert_int_equal(subsystem_status() & 0x80, 0);
	wait_ms(5000);
	assert_int_equal(take(), 0);
}

static void sends_no_event_that_is_not_enabled(void **state)
{
	(void)state;
	drive_controller_set_temperature(&s, 0, 300);
	wait_ms(1000);
	assert_int_equal(take(), 0);
	enable(0, 1);
	wait_ms(1000); /* earlier events are not reported */
	assert_int_equal(take(), 0);
	drive_controller_set_temperature(&s, 0, 301);
	nvme_mi_reset(&mi);
	wait_ms(1000);
	assert_int_equal(take(), 0);
	assert_int_equal(mi.events.enabled, 0);
}

/* --- VPD --- */

static void refuses_pcie_command_while_link_is_down(void **state)
{
	uint8_t body[16] = { NVME_MI_PCIE_CONFIGURATION_READ, 0, 0, 0, 4 };

	(void)state;
	give(0x20, body, sizeof(body));
	assert_int_equal(take(), 8 + 4);
	assert_int_equal(answer[4], NVME_MI_SUCCESS);
	s.port[0].speed = 0;
	give(0x20, body, sizeof(body));
	assert_int_equal(take(), 8);
	assert_int_equal(answer[4], NVME_MI_PCIE_INACCESSIBLE);
}

/* Read VWCI of Identify Controller. */
static uint8_t vpd_write_cycles(void)
{
	uint8_t body[64] = {
		NVME_ADMIN_IDENTIFY, [24] = 252, [28] = 4, [40] = 1
	};

	give(0x10, body, sizeof(body));
	assert_int_equal(take(), 20 + 4);
	return answer[20 + 2];
}

static void limits_number_of_vpd_writes(void **state)
{
	uint8_t body[13] = { NVME_MI_VPD_WRITE, 0, 0, 0, 0, 0, 0, 0, 1 };
	const uint8_t byte = 1;

	(void)state;
	s.vpd.writes_left = 2;
	assert_int_equal(vpd_write(&s, 255, &byte, 1), ERR_OK);
	assert_int_equal(vpd_write_cycles(), 0x81);
	assert_int_equal(vpd_write(&s, 255, &byte, 1), ERR_OK);
	assert_int_equal(vpd_write_cycles(), 0x80);
	assert_int_equal(vpd_write(&s, 255, &byte, 1), ERR_FULL);
	assert_int_equal(vpd_write(&s, 256, &byte, 1), ERR_LENGTH);
	assert_int_equal(vpd_write(&s, 0, &byte, 0), ERR_OK);
	give(0x08, body, sizeof(body));
	assert_int_equal(take(), 8);
	assert_int_equal(answer[4], NVME_MI_VPD_UPDATES_EXCEEDED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(announces_time_of_format, setup),
		cmocka_unit_test_setup(drops_command_while_slot_processes,
				       setup),
		cmocka_unit_test_setup(
			pause_holds_response_of_processed_command, setup),
		cmocka_unit_test_setup(pause_holds_more_processing_required,
				       setup),
		cmocka_unit_test_setup(link_reset_drops_processed_command,
				       setup),
		cmocka_unit_test_setup(
			refuses_to_delete_namespace_during_format, setup),
		cmocka_unit_test_setup(self_tests_end_after_their_time, setup),
		cmocka_unit_test_setup(
			sanitize_runs_in_background_and_clears_buffer, setup),
		cmocka_unit_test_setup(
			restricted_sanitize_failure_needs_another_sanitize,
			setup),
		cmocka_unit_test_setup(
			unrestricted_sanitize_failure_can_be_exited, setup),
		cmocka_unit_test_setup(sends_event_once_without_retry, setup),
		cmocka_unit_test_setup(retransmits_event_until_acknowledged,
				       setup),
		cmocka_unit_test_setup(sends_no_event_that_is_not_enabled,
				       setup),
		cmocka_unit_test_setup(refuses_pcie_command_while_link_is_down,
				       setup),
		cmocka_unit_test_setup(limits_number_of_vpd_writes, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the control primitives: their effects on command slots, transmission
 * and reception, and their reported errors. */
#include "nvme_mi_rig.h"

static void give_primitive(uint8_t slot, uint8_t opcode, uint16_t parameter)
{
	uint8_t p[4 + NVME_MI_PRIMITIVE_SIZE + NVME_MI_MIC_SIZE];
	struct wr w = wr_init(p, sizeof(p));

	wr_bytes(&w, (const uint8_t[]){ 1, OWN, PEER, 0xcb, 0x84 }, 5);
	wr_u8(&w, slot);
	wr_le16(&w, 0);
	wr_u8(&w, opcode);
	wr_u8(&w, 0x5a);
	wr_le16(&w, parameter);
	wr_le32(&w, crc32c(0, p + 4, NVME_MI_PRIMITIVE_SIZE));
	mctp_rx(&m, p, wr_len(&w), 0);
}

/* Send a primitive and return its CPSR. Its response precedes all other
 * responses. */
static uint16_t ask_primitive(uint8_t slot, uint8_t opcode, uint16_t parameter)
{
	size_t unit;

	give_primitive(slot, opcode, parameter);
	assert_int_equal(take(&unit), 12);
	assert_int_equal(answer[1], 0x80 | slot);
	assert_int_equal(answer[4], NVME_MI_SUCCESS);
	assert_int_equal(answer[5], 0x5a);
	return (uint16_t)(answer[6] | answer[7] << 8);
}

static void primitives_do_not_occupy_command_slots(void **state)
{
	size_t unit;

	(void)state;
	give(0, NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
	give(1, NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
	give_primitive(0, NVME_MI_RESUME, 0);
	assert_int_equal(m.count[MCTP_DROP_BUSY], 0);
	/* This primitive replaces the earlier one, whose response was not
	 * fetched. */
	give_primitive(0, NVME_MI_GET_STATE, 0);
	assert_int_equal(m.count[MCTP_DROP_BUSY], 1);
	assert_int_equal(take(&unit), 12); /* overtakes the others */
	assert_int_equal(answer[1], 0x80);
	assert_int_equal(answer[4], NVME_MI_SUCCESS);
	assert_int_equal(answer[6], NVME_MI_SLOT_TRANSMIT);
	assert_int_equal(take(&unit), 20);
	assert_int_equal(answer[1], 0x88);
	assert_int_equal(take(&unit), 20);
	assert_int_equal(answer[1], 0x89);
	assert_int_equal(ask_primitive(0, NVME_MI_GET_STATE, 0), 0);
}

/* Request a response of several packets: the health of sixteen controllers. */
static void give_long(void)
{
	s.controllers = 16;
	for (uint8_t i = 0; i < 16; i++)
		drive_controller_init(&s.controller[i], 0);
	give(0, NVME_MI_CONTROLLER_HEALTH_STATUS_POLL, 0x81fe0000, 0);
}

static size_t take_packet(uint8_t *data, uint8_t *flags)
{
	struct mctp_packet p = { 0 };

	if (!mctp_tx_peek(&m, &p))
		return 0;
	memcpy(data, p.body, p.len);
	*flags = p.header[3];
	mctp_tx_consume(&m, &p);
	return p.len;
}

enum { LONG = 8 + 16 * 16 + 4 };

static void pause_stops_transmission_between_packets(void **state)
{
	uint8_t data[LONG], flags;
	size_t unit;

	(void)state;
	give_long();
	assert_int_equal(take_packet(data, &flags), 64);
	assert_int_equal(ask_primitive(0, NVME_MI_PAUSE, 0), 3);
	assert_false(mctp_tx_pending(&m));
	assert_int_equal(ask_primitive(0, NVME_MI_GET_STATE, 0), 0x8003);
	assert_int_equal(ask_primitive(1, NVME_MI_GET_STATE, 0), 0);
	(void)ask_primitive(0, NVME_MI_RESUME, 0);
	assert_int_equal(take_packet(data, &flags), 64);
	assert_int_equal(flags, 0x10); /* continues with the next packet */
	assert_int_equal(take(&unit), LONG - 128);
	assert_int_equal(ask_primitive(0, NVME_MI_GET_STATE, 0), 0);
	/* Pause has no effect on an idle slot. */
	(void)ask_primitive(0, NVME_MI_PAUSE, 0);
	assert_int_equal(ask_primitive(0, NVME_MI_GET_STATE, 0), 0);
	give(0, NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
	assert_int_equal(take(&unit), 20);
}

static void abort_drops_response(void **state)
{
	uint8_t data[LONG], flags;
	size_t unit;

	(void)state;
	assert_int_equal(ask_primitive(0, NVME_MI_ABORT, 0),
			 NVME_MI_ABORT_AFTER_COMPLETION);
	give_long();
	assert_int_equal(take_packet(data, &flags), 64);
	(void)ask_primitive(0, NVME_MI_PAUSE, 0);
	assert_int_equal(ask_primitive(0, NVME_MI_ABORT, 0),
			 NVME_MI_ABORT_AFTER_COMPLETION);
	assert_false(mctp_tx_pending(&m));
	assert_int_equal(ask_primitive(0, NVME_MI_GET_STATE, 0), 0);
	assert_int_equal(ask_primitive(0, NVME_MI_REPLAY, 0), 0);
	assert_false(mctp_tx_pending(&m));
	give(0, NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
	assert_int_equal(take(&unit), 20);
}

static void replay_starts_at_requested_packet(void **state)
{
	uint8_t whole[LONG], first[4];
	size_t unit;

	(void)state;
	assert_int_equal(ask_primitive(0, NVME_MI_REPLAY, 0), 0);
	give_long();
	assert_int_equal(take(&unit), LONG);
	memcpy(whole, answer, LONG);
	memcpy(first, whole, 4);
	for (uint16_t from = 4; from; from--) {
		size_t at = (size_t)64 * from;

		assert_int_equal(ask_primitive(0, NVME_MI_REPLAY, from), 1);
		assert_int_equal(take(&unit), LONG - at + 4);
		assert_memory_equal(answer, first, 4); /* a new header */
		assert_memory_equal(answer + 4, whole + at, LONG - at);
	}
	assert_int_equal(ask_primitive(0, NVME_MI_REPLAY, 0), 1);
	assert_int_equal(take(&unit), LONG);
	assert_memory_equal(answer, whole, LONG);
	give_primitive(0, NVME_MI_REPLAY, 5);
	assert_int_equal(take(&unit), 12);
	assert_int_equal(answer[4], NVME_MI_INVALID_PARAMETER);
	assert_int_equal(answer[5], 0x5a);
	/* Replay resumes the slots, and an interrupted response starts again.
	 */
	give_long();
	give(1, NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
	(void)ask_primitive(0, NVME_MI_PAUSE, 0);
	assert_false(mctp_tx_pending(&m));
	assert_int_equal(ask_primitive(0, NVME_MI_REPLAY, 0), 1);
	assert_int_equal(take(&unit), LONG);
	assert_int_equal(answer[1], 0x88);
	assert_int_equal(take(&unit), 20);
	assert_int_equal(answer[1], 0x89);
}

/* After the first of two packets, the command slot that the message header
 * names is in state receive. */
static void get_state_reports_receive(void **state)
{
	uint8_t first[4 + 64] = { 1, OWN, PEER, 0x8a, 0x84, 0x09 };
	uint8_t last[4 + 12] = { 1, OWN, PEER, 0x5a };
	uint8_t other[4 + 64] = { 1, OWN, PEER, 0x8b, 0x7e, 0x00 };

	(void)state;
	mctp_rx(&m, other, sizeof(other), 0);
	assert_int_equal(ask_primitive(0, 3, 0) & 3, 0);
	mctp_rx(&m, first, sizeof(first), 0);
	assert_int_equal(ask_primitive(0, 3, 0) & 3, 0);
	assert_int_equal(ask_primitive(1, 3, 0) & 3, 1);
	mctp_rx(&m, last, sizeof(last), 0); /* complete, with a wrong check */
	assert_int_equal(ask_primitive(1, 3, 1) & 0x13, 0x10);
}

/* Get Log Page for slot 1 has 72 bytes: a first packet, and the rest. */
static uint8_t request[NVME_MI_ADMIN_REQUEST_SIZE + NVME_MI_MIC_SIZE];

static void give_first(void)
{
	uint8_t p[4 + 64] = { 1, OWN, PEER, 0x8a };
	struct wr w =
		wr_init(request + NVME_MI_ADMIN_REQUEST_SIZE, NVME_MI_MIC_SIZE);

	memset(request, 0, sizeof(request));
	memcpy(request, (const uint8_t[]){ 0x84, 0x11, 0, 0, 2 }, 5);
	request[32] = 8; /* bytes of the health log */
	request[44] = 2;
	request[46] = 1;
	wr_le32(&w, crc32c(0, request, NVME_MI_ADMIN_REQUEST_SIZE));
	memcpy(p + 4, request, 64);
	mctp_rx(&m, p, sizeof(p), 0);
}

static void give_rest_at(uint8_t flags)
{
	uint8_t p[4 + 8] = { 1, OWN, PEER, flags };

	memcpy(p + 4, request + 64, 8);
	mctp_rx(&m, p, sizeof(p), 0);
}

static void give_rest(void)
{
	give_rest_at(0x5a);
}

enum { GOT = 20 + 8 + 4 };

static void abort_drops_partly_received_request(void **state)
{
	size_t unit;

	(void)state;
	give_first();
	assert_int_equal(ask_primitive(0, NVME_MI_ABORT, 0),
			 NVME_MI_ABORT_AFTER_COMPLETION); /* the other slot */
	assert_int_equal(ask_primitive(1, NVME_MI_GET_STATE, 0),
			 NVME_MI_SLOT_RECEIVE);
	assert_int_equal(ask_primitive(1, NVME_MI_ABORT, 0),
			 NVME_MI_ABORT_BEFORE_PROCESSING);
	assert_int_equal(m.in_use, 0);
	give_rest(); /* the first packet was dropped */
	assert_int_equal(take(&unit), 0);
	assert_int_equal(ask_primitive(1, NVME_MI_GET_STATE, 0), 0x0400);
	give_first();
	give_rest();
	assert_int_equal(take(&unit), GOT);
}

static void replay_sends_nothing_while_receiving(void **state)
{
	size_t unit;

	(void)state;
	give_first();
	give_rest();
	assert_int_equal(take(&unit), GOT);
	assert_int_equal(ask_primitive(1, NVME_MI_REPLAY, 0), 1);
	assert_int_equal(take(&unit), GOT);
	give_first();
	assert_int_equal(ask_primitive(1, NVME_MI_REPLAY, 0), 0);
	assert_int_equal(take(&unit), 0);
	give_rest();
	assert_int_equal(take(&unit), GOT);
}

static void pause_holds_response_to_request_being_received(void **state)
{
	size_t unit;

	(void)state;
	give_first();
	(void)ask_primitive(0, NVME_MI_PAUSE, 0);
	assert_int_equal(ask_primitive(1, NVME_MI_GET_STATE, 0), 0x8001);
	assert_int_equal(ask_primitive(0, NVME_MI_GET_STATE, 0), 0);
	give_rest();
	assert_int_equal(take(&unit), 0);
	assert_int_equal(ask_primitive(1, NVME_MI_GET_STATE, 0), 0x8003);
	(void)ask_primitive(0, NVME_MI_RESUME, 0);
	assert_int_equal(take(&unit), GOT);
	/* The pause ends when the request is dropped. */
	give_first();
	(void)ask_primitive(0, NVME_MI_PAUSE, 0);
	give_rest_at(0x6a); /* out of sequence: the request is dropped */
	nvme_mi_poll(&mi, 0);
	assert_int_equal(ask_primitive(1, NVME_MI_GET_STATE, 1), 0x0800);
	give_first();
	give_rest();
	assert_int_equal(take(&unit), GOT);
}

static void pause_suspends_reassembly_timeout(void **state)
{
	size_t unit;

	(void)state;
	give_first();
	(void)ask_primitive(0, NVME_MI_PAUSE, 0);
	mctp_poll(&m, 10 * MCTP_TIMEOUT_MS);
	nvme_mi_poll(&mi, 10 * MCTP_TIMEOUT_MS);
	assert_int_equal(ask_primitive(1, NVME_MI_GET_STATE, 0), 0x8001);
	/* The time-out starts again at Resume. */
	(void)ask_primitive(0, NVME_MI_RESUME, 0);
	mctp_poll(&m, MCTP_TIMEOUT_MS - 1);
	give_rest();
	assert_int_equal(take(&unit), GOT);
	give_first();
	(void)ask_primitive(0, NVME_MI_PAUSE, 0);
	(void)ask_primitive(0, NVME_MI_RESUME, 0);
	mctp_poll(&m, MCTP_TIMEOUT_MS);
	assert_int_equal(m.count[MCTP_DROP_TIMEOUT], 1);
	/* A pause does not hold a later message. */
	give_first();
	(void)ask_primitive(0, NVME_MI_PAUSE, 0);
	(void)ask_primitive(1, NVME_MI_ABORT, 0);
	give_first();
	mctp_poll(&m, MCTP_TIMEOUT_MS);
	assert_int_equal(m.count[MCTP_DROP_TIMEOUT], 2);
}

static void get_state_reports_errors_until_cleared(void **state)
{
	static const uint8_t middle[] = { 1, OWN, PEER, 0x10, 0 };
	static const uint8_t elsewhere[] = { 1, OWN + 1, PEER, 0xc8, 0x84 };
	static const uint8_t version[] = { 2, OWN, PEER, 0xc8, 0x84 };
	static const uint8_t mic[] = { 1, OWN, PEER, 0xc8, 0x84, 8,
				       0, 0,   0,    0,	   0,	 0 };
	size_t unit;

	(void)state;
	assert_int_equal(ask_primitive(0, NVME_MI_GET_STATE, 0), 0);
	mctp_rx(&m, middle, sizeof(middle), 0);
	assert_int_equal(ask_primitive(0, NVME_MI_GET_STATE, 0), 0x0400);
	mctp_rx(&m, elsewhere, sizeof(elsewhere), 0);
	mctp_rx(&m, version, sizeof(version), 0);
	mctp_rx(&m, mic, sizeof(mic), 0);
	assert_int_equal(ask_primitive(1, NVME_MI_GET_STATE, 0), 0x0590);
	give(0, NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
	give(0, NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
	assert_int_equal(ask_primitive(0, NVME_MI_GET_STATE, 1), 0x059b);
	assert_int_equal(take(&unit), 20);
	assert_int_equal(ask_primitive(0, NVME_MI_GET_STATE, 0), 0);
	/* An NVM Subsystem Reset clears earlier errors and is reported. */
	mctp_rx(&m, middle, sizeof(middle), 0);
	mctp_rx(&m, mic, sizeof(mic), 0);
	assert_int_equal(ask_primitive(0, NVME_MI_GET_STATE, 0), 0x0410);
	give(0, NVME_MI_RESET, 0, 0);
	assert_int_equal(take(&unit), 0); /* no response */
	assert_int_equal(ask_primitive(0, NVME_MI_GET_STATE, 1), 0x4000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(primitives_do_not_occupy_command_slots,
				       setup),
		cmocka_unit_test_setup(pause_stops_transmission_between_packets,
				       setup),
		cmocka_unit_test_setup(abort_drops_response, setup),
		cmocka_unit_test_setup(replay_starts_at_requested_packet,
				       setup),
		cmocka_unit_test_setup(get_state_reports_receive, setup),
		cmocka_unit_test_setup(abort_drops_partly_received_request,
				       setup),
		cmocka_unit_test_setup(replay_sends_nothing_while_receiving,
				       setup),
		cmocka_unit_test_setup(
			pause_holds_response_to_request_being_received, setup),
		cmocka_unit_test_setup(pause_suspends_reassembly_timeout,
				       setup),
		cmocka_unit_test_setup(get_state_reports_errors_until_cleared,
				       setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

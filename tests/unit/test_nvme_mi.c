/* SPDX-License-Identifier: Apache-2.0 */
/* NVMe-MI responder behaviour that vectors cannot show: state, command slots,
 * transmission units, other models. */
#include "nvme_mi_rig.h"

static void drops_command_for_busy_slot(void **state)
{
	size_t unit;

	(void)state;
	give(0, NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
	give(0, NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
	give(1, NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
	assert_int_equal(m.count[MCTP_DROP_BUSY], 1);
	assert_int_equal(take(&unit), 20);
	assert_int_equal(answer[1], 0x88);
	assert_int_equal(take(&unit), 20);
	assert_int_equal(answer[1], 0x89);
	assert_int_equal(take(&unit), 0);
}

static void splits_response_by_configured_unit(void **state)
{
	size_t unit;

	(void)state;
	s.controllers = 16;
	for (uint8_t i = 0; i < 16; i++)
		drive_controller_init(&s.controller[i], 0);
	give(0, NVME_MI_CONTROLLER_HEALTH_STATUS_POLL, 0x81fe0000, 0);
	assert_int_equal(take(&unit), 8 + 16 * 16 + 4);
	assert_int_equal(unit, 64);
	assert_int_equal(ask(NVME_MI_CONFIGURATION_SET, 0x01000003, 100),
			 NVME_MI_SUCCESS);
	give(0, NVME_MI_CONTROLLER_HEALTH_STATUS_POLL, 0x81fe0000, 0);
	assert_int_equal(take(&unit), 8 + 16 * 16 + 4);
	assert_int_equal(unit, 100);
}

static void health_polls_report_and_clear_changes(void **state)
{
	(void)state;
	drive_changes_set(&s, 1,
			  DRIVE_CHANGE_TEMPERATURE | DRIVE_CHANGE_STATUS);
	(void)ask(NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
	assert_int_equal(answer[12] | answer[13] << 8, 0x0300);
	/* The filter bit of the temperature selects controller 1. */
	(void)ask(NVME_MI_CONTROLLER_HEALTH_STATUS_POLL, 0x01fe0000, 0x02);
	assert_int_equal(answer[7], 1);
	assert_int_equal(answer[8], 1);
	(void)ask(NVME_MI_CONTROLLER_HEALTH_STATUS_POLL, 0x01fe0000, 0x04);
	assert_int_equal(answer[7], 0);
	/* Reading clears the change on request. */
	(void)ask(NVME_MI_CONTROLLER_HEALTH_STATUS_POLL, 0x01fe0000,
		  0x80000002);
	assert_int_equal(answer[7], 1);
	(void)ask(NVME_MI_CONTROLLER_HEALTH_STATUS_POLL, 0x01fe0000, 0x02);
	assert_int_equal(answer[7], 0);
	/* The composite flags are cleared separately. */
	(void)ask(NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0x80000000);
	assert_int_equal(answer[12] | answer[13] << 8, 0x0300);
	(void)ask(NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
	assert_int_equal(answer[12] | answer[13] << 8, 0);
}

/* NVMe-MI 5.2.2: the position of a clear bit differs from the position of its
 * flag. */
static void configuration_set_clears_each_change_by_its_bit(void **state)
{
	static const uint16_t flags[] = {
		0x0001, 0x0002, 0x0004, 0x0010, 0x0020, 0x0040,
		0x0080, 0x0100, 0x0200, 0x0400, 0x0800, 0x1000,
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		s.changes = 0x1ff7;
		assert_int_equal(
			ask(NVME_MI_CONFIGURATION_SET, 2, UINT32_C(1) << i),
			NVME_MI_SUCCESS);
		assert_int_equal(s.changes, 0x1ff7 & ~flags[i]);
	}
	s.changes = 0x1ff7;
	(void)ask(NVME_MI_CONFIGURATION_SET, 2, 0xfffff000);
	assert_int_equal(s.changes, 0x1ff7); /* all bits that 1.2 defines */
}

static void health_of(uint16_t kelvin, uint8_t composite)
{
	s.controller[1].temperature = kelvin;
	s.controller[0].temperature = 0;
	(void)ask(NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
	assert_int_equal(answer[10], composite);
}

static void reports_composite_temperature_in_celsius(void **state)
{
	(void)state;
	health_of(273, 0x00);
	health_of(274, 0x01);
	health_of(272, 0xff);
	health_of(399, 0x7e);
	health_of(400, 0x7f);
	health_of(65535, 0x7f);
	health_of(214, 0xc5);
	health_of(213, 0xc4);
	health_of(0, 0xc4);
}

static void inverts_warnings_in_subsystem_health(void **state)
{
	(void)state;
	s.controller[0].temperature = 400;
	s.controller[1].spare = 4;
	(void)ask(NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
	assert_int_equal(answer[9], 0xfc);
	(void)ask(NVME_MI_CONTROLLER_HEALTH_STATUS_POLL, 0x81fe0000, 0);
	assert_int_equal(answer[8 + 8], DRIVE_WARNING_TEMPERATURE);
	assert_int_equal(answer[8 + 16 + 8], DRIVE_WARNING_SPARE);
	s.controller[1].fatal = true;
	(void)ask(NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
	assert_int_equal(answer[8], 0x18);
}

static void accepts_frequencies_up_to_port_maximum(void **state)
{
	(void)state;
	s.port[1].frequency_max = DRIVE_FREQUENCY_1_MHZ;
	for (uint32_t f = 1; f <= 3; f++) {
		assert_int_equal(
			ask(NVME_MI_CONFIGURATION_SET, 0x01000001 | f << 8, 0),
			NVME_MI_SUCCESS);
		assert_int_equal(ask(NVME_MI_CONFIGURATION_GET, 0x01000001, 0),
				 NVME_MI_SUCCESS);
		assert_int_equal(answer[5], f);
	}
	assert_int_equal(ask(NVME_MI_CONFIGURATION_SET, 0x01000001, 0),
			 NVME_MI_INVALID_PARAMETER);
	assert_int_equal(ask(NVME_MI_CONFIGURATION_SET, 0x01000401, 0),
			 NVME_MI_INVALID_PARAMETER);
}

static void counts_messages_without_response(void **state)
{
	static const uint8_t bad[] = { 1, OWN, PEER, 0xc8, 0x84, 0x08,
				       0, 0,   0,    0,	   0,	 0 };
	uint32_t before = mi.silent;

	(void)state;
	mctp_rx(&m, bad, sizeof(bad), 0);
	assert_int_equal(mi.silent, before + 1);
	assert_false(mctp_tx_pending(&m));
}

/* Send a message in one packet. Returns whether there is a response. */
static bool is_answered(const uint8_t *message, size_t len)
{
	uint8_t p[4 + 128] = { 1, OWN, PEER, 0xc8 };
	size_t unit;

	memcpy(p + 4, message, len);
	mctp_rx(&m, p, 4 + len, 0);
	return take(&unit) > 0;
}

/* Build a health poll with these first two bytes and a valid MIC. */
static size_t poll_message(uint8_t *p, uint8_t type, uint8_t nmp)
{
	struct wr w = wr_init(p, NVME_MI_REQUEST_SIZE + NVME_MI_MIC_SIZE);

	wr_u8(&w, type);
	wr_u8(&w, nmp);
	wr_le16(&w, 0);
	wr_le32(&w, NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL);
	wr_fill(&w, 0, 8);
	wr_le32(&w, crc32c(0, p, NVME_MI_REQUEST_SIZE));
	return wr_len(&w);
}

static void ignores_messages_that_are_not_requests(void **state)
{
	uint8_t p[NVME_MI_REQUEST_SIZE + NVME_MI_MIC_SIZE];
	size_t len = poll_message(p, 0x84, 0x08);
	uint32_t silent = mi.silent;

	(void)state;
	assert_true(is_answered(
		p, len)); /* each message below changes one detail of it */
	assert_int_equal(mi.silent, silent);
	len = poll_message(p, 0x04, 0x08); /* no IC */
	assert_false(is_answered(p, len));
	assert_int_equal(mi.silent, ++silent);
	len = poll_message(p, 0x84, 0x88); /* ROR */
	assert_false(is_answered(p, len));
	assert_int_equal(mi.silent, ++silent);
	for (unsigned int i = 0; i < len * 8; i++) { /* one wrong bit */
		len = poll_message(p, 0x84, 0x08);
		p[i / 8] ^= (uint8_t)(1U << i % 8);
		assert_false(is_answered(p, len));
	}
	for (uint8_t kind = 0; kind < 16; kind++) {
		len = poll_message(p, 0x84, (uint8_t)(kind << 3));
		assert_int_equal(is_answered(p, len), kind <= 2 || kind == 4);
	}
}

static void ignores_message_without_header_and_mic(void **state)
{
	uint8_t p[8];

	(void)state;
	for (size_t len = 1; len <= 8; len++) {
		struct wr w = wr_init(p, sizeof(p));
		size_t body = len < 4 ? len : len - 4;

		wr_bytes(&w, (const uint8_t[]){ 0x84, 0x08, 0, 0 }, body);
		if (len > 4)
			wr_le32(&w, crc32c(0, p, body));
		/* Eight bytes are a valid message without an opcode. */
		assert_int_equal(is_answered(p, len), len == 8);
	}
	assert_int_equal(answer[4], NVME_MI_INVALID_COMMAND_SIZE);
}

static enum nvme_mi_status status_of_length(size_t len)
{
	uint8_t p[64 + NVME_MI_MIC_SIZE] = {
		0x84, 0x08, 0, 0, NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL
	};
	struct wr w = wr_init(p + len, NVME_MI_MIC_SIZE);

	wr_le32(&w, crc32c(0, p, len));
	assert_true(is_answered(p, len + NVME_MI_MIC_SIZE));
	return answer[4];
}

static void each_request_length_has_its_status(void **state)
{
	(void)state;
	for (size_t len = 4; len < 16; len++)
		assert_int_equal(status_of_length(len),
				 NVME_MI_INVALID_COMMAND_SIZE);
	assert_int_equal(status_of_length(16), NVME_MI_SUCCESS);
	for (size_t len = 17; len <= 60; len++)
		assert_int_equal(status_of_length(len),
				 NVME_MI_INVALID_COMMAND_INPUT_DATA_SIZE);
}

static void responses_have_a_valid_mic(void **state)
{
	size_t unit, len;
	struct rd r;

	(void)state;
	give(0, NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
	len = take(&unit);
	assert_int_equal(len, 8 + 8 + 4);
	assert_int_equal(answer[0], 0x84);
	r = rd_init(answer + len - 4, 4);
	assert_int_equal(rd_le32(&r), crc32c(0, answer, len - 4));
}

static void accepts_units_up_to_port_maximum(void **state)
{
	(void)state;
	s.port[1].unit_max = 8183;
	assert_int_equal(ask(NVME_MI_CONFIGURATION_SET, 0x01000003, 8183),
			 NVME_MI_SUCCESS);
	assert_int_equal(ask(NVME_MI_CONFIGURATION_GET, 0x01000003, 0),
			 NVME_MI_SUCCESS);
	assert_int_equal(answer[5] | answer[6] << 8, 8183);
	assert_int_equal(ask(NVME_MI_CONFIGURATION_SET, 0x01000003, 8184),
			 NVME_MI_INVALID_PARAMETER);
	assert_int_equal(ask(NVME_MI_READ_DATA_STRUCTURE, 0x01010000, 0),
			 NVME_MI_SUCCESS);
	assert_int_equal(answer[10] | answer[11] << 8, 8183);
}

static void endpoint_reset_restores_default_unit(void **state)
{
	size_t unit;

	(void)state;
	assert_int_equal(ask(NVME_MI_CONFIGURATION_SET, 0x01000003, 247),
			 NVME_MI_SUCCESS);
	s.controller[0].temperature = 300;
	give(0, NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
	mctp_reset(&m);
	nvme_mi_reset(&mi);
	assert_int_equal(take(&unit), 0);
	assert_int_equal(ask(NVME_MI_CONFIGURATION_GET, 0x01000003, 0),
			 NVME_MI_SUCCESS);
	assert_int_equal(answer[5] | answer[6] << 8, 64);
	assert_int_equal(s.controller[0].temperature, 300);
}

static void reports_inactive_port(void **state)
{
	static const uint8_t zero[24];

	(void)state;
	s.endpoint_port = 0;
	s.port[1].type = DRIVE_PORT_INACTIVE;
	assert_int_equal(ask(NVME_MI_READ_DATA_STRUCTURE, 0x01010000, 0),
			 NVME_MI_SUCCESS);
	assert_int_equal(answer[8], 0);
	assert_memory_equal(answer + 16, zero, sizeof(zero));
	s.port[0].type = DRIVE_PORT_INACTIVE;
	assert_int_equal(ask(NVME_MI_CONFIGURATION_GET, 0x00000003, 0),
			 NVME_MI_INVALID_PARAMETER);
	(void)ask(NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
	assert_int_equal(answer[8], 0x30); /* no link */
}

static void lists_all_controllers_of_a_full_drive(void **state)
{
	uint16_t all = DRIVE_CONTROLLERS;

	(void)state;
	s.controllers = DRIVE_CONTROLLERS;
	assert_int_equal(ask(NVME_MI_READ_DATA_STRUCTURE, 0x02000000, 0),
			 NVME_MI_SUCCESS);
	/* An even number of identifiers needs two bytes of padding. */
	assert_int_equal(answer[5], 2 + 2 * all + 2);
	assert_int_equal(answer[8], all);
	assert_int_equal(answer[8 + 2 * all], all - 1);
	/* At most three controllers, from 5 on. */
	assert_int_equal(
		ask(NVME_MI_CONTROLLER_HEALTH_STATUS_POLL, 0x81020005, 0),
		NVME_MI_SUCCESS);
	assert_int_equal(answer[7], 3);
	assert_int_equal(answer[8], 5);
	assert_int_equal(answer[8 + 32], 7);
}

static void identify_part(uint16_t offset, uint16_t length)
{
	uint8_t p[NVME_MI_ADMIN_REQUEST_SIZE + NVME_MI_MIC_SIZE] = {
		0x84, 0x10, 0, 0, NVME_ADMIN_IDENTIFY
	};
	struct wr w = wr_init(p + 28, 8);

	wr_le32(&w, offset);
	wr_le32(&w, length);
	p[44] = 1;
	w = wr_init(p + NVME_MI_ADMIN_REQUEST_SIZE, NVME_MI_MIC_SIZE);
	wr_le32(&w, crc32c(0, p, NVME_MI_ADMIN_REQUEST_SIZE));
	assert_true(is_answered(p, sizeof(p)));
	assert_int_equal(answer[4], NVME_MI_SUCCESS);
}

/* Identify Controller: fields that the vectors do not check. */
static void identify_in_parts_equals_whole_page(void **state)
{
	static uint8_t whole[4096];

	(void)state;
	drive_start(&s);
	s.ports = 3;
	drive_port_init(&s.port[2], DRIVE_PORT_PCIE);
	s.endpoint_port = 2;
	memset(s.identity.instance, 0xab, sizeof(s.identity.instance));
	identify_part(0, 4096);
	memcpy(whole, answer + 20, sizeof(whole));
	assert_int_equal(whole[76], 0x0b);  /* CMIC: ports, controllers, ANA */
	assert_int_equal(whole[111], 0x01); /* CNTRLTYPE: I/O */
	assert_int_equal(whole[253], 0x01); /* NVMSR: storage device */
	assert_int_equal(whole[260], 0x17); /* FRMW: three slots, 1 read only */
	for (unsigned int i = 0; i < 16; i++) /* TNVMCAP */
		assert_int_equal(whole[280 + i],
				 i < 8 ? drive_capacity(&s) >> 8 * i & 0xff
				       : 0);
	assert_int_equal(whole[255], 0x02);		     /* MEC: PCIe */
	assert_int_equal(whole[266] | whole[267] << 8, 400); /* WCTEMP */
	assert_int_equal(whole[512], 0x66);
	assert_int_equal(whole[516] | whole[517] << 8, DRIVE_NAMESPACES);
	assert_string_equal((const char *)whole + 768,
			    "nqn.2014-08.org.nvmexpress:uuid:"
			    "abababab-abab-abab-abab-abababababab");
	for (uint16_t at = 0; at < 4096; at = (uint16_t)(at + 512)) {
		identify_part(at, 512);
		assert_memory_equal(answer + 20, whole + at, 512);
	}
	/* A string may fill its field without a terminator. */
	memcpy(s.firmware.running, "12345678", 8);
	identify_part(64, 8);
	assert_memory_equal(answer + 20, "12345678", 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(drops_command_for_busy_slot, setup),
		cmocka_unit_test_setup(splits_response_by_configured_unit,
				       setup),
		cmocka_unit_test_setup(health_polls_report_and_clear_changes,
				       setup),
		cmocka_unit_test_setup(
			configuration_set_clears_each_change_by_its_bit, setup),
		cmocka_unit_test_setup(reports_composite_temperature_in_celsius,
				       setup),
		cmocka_unit_test_setup(inverts_warnings_in_subsystem_health,
				       setup),
		cmocka_unit_test_setup(accepts_frequencies_up_to_port_maximum,
				       setup),
		cmocka_unit_test_setup(counts_messages_without_response, setup),
		cmocka_unit_test_setup(ignores_messages_that_are_not_requests,
				       setup),
		cmocka_unit_test_setup(ignores_message_without_header_and_mic,
				       setup),
		cmocka_unit_test_setup(each_request_length_has_its_status,
				       setup),
		cmocka_unit_test_setup(responses_have_a_valid_mic, setup),
		cmocka_unit_test_setup(accepts_units_up_to_port_maximum, setup),
		cmocka_unit_test_setup(endpoint_reset_restores_default_unit,
				       setup),
		cmocka_unit_test_setup(reports_inactive_port, setup),
		cmocka_unit_test_setup(lists_all_controllers_of_a_full_drive,
				       setup),
		cmocka_unit_test_setup(identify_in_parts_equals_whole_page,
				       setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

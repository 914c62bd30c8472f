/* What the vectors cannot show: state, slots, units, other models. */
#include "cm.h"

#include <stdbool.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/wire.h"
#include "nvme_mi/nvme_mi.h"

enum { OWN = 9, PEER = 8 };

static struct mctp m;
static struct nvme_mi mi;
static struct subsystem s;
static uint8_t answer[NVME_MI_RESPONSE_MAX];

static int setup(void **state)
{
	(void)state;
	mctp_init(&m);
	m.eid = OWN;
	assert_int_equal(mctp_set_mtu(&m, 251), ERR_OK);
	subsystem_init_default(&s);
	assert_int_equal(nvme_mi_init(&mi, &m, &s), ERR_OK);
	return 0;
}

static void give(uint8_t slot, uint8_t opcode, uint32_t nmd0, uint32_t nmd1)
{
	uint8_t p[4 + NVME_MI_REQUEST_SIZE + NVME_MI_MIC_SIZE];
	struct wr w = wr_init(p, sizeof(p));

	wr_bytes(&w, (const uint8_t[]){ 1, OWN, PEER, 0xc8, 0x84 }, 5);
	wr_u8(&w, (uint8_t)(0x08 | slot));
	wr_le16(&w, 0);
	wr_le32(&w, opcode);
	wr_le32(&w, nmd0);
	wr_le32(&w, nmd1);
	wr_le32(&w, crc32c(0, p + 4, NVME_MI_REQUEST_SIZE));
	mctp_rx(&m, p, wr_len(&w), 0);
}

/* The message sent; its packets' largest body in *unit. */
static size_t take(size_t *unit)
{
	struct mctp_packet p = { 0 };
	size_t len = 0;

	*unit = 0;
	while (mctp_tx_peek(&m, &p)) {
		memcpy(answer + len, p.body, p.len);
		len += p.len;
		if (p.len > *unit)
			*unit = p.len;
		mctp_tx_consume(&m, &p);
		if (p.header[3] & 0x40)
			break;
	}
	return len;
}

static uint8_t ask(uint8_t opcode, uint32_t nmd0, uint32_t nmd1)
{
	size_t unit, len;

	give(0, opcode, nmd0, nmd1);
	len = take(&unit);
	assert_true(len >= 12);
	return answer[4];
}

static void a_busy_slot_drops_the_other_answers(void **state)
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

static void responses_are_cut_by_the_configured_unit(void **state)
{
	size_t unit;

	(void)state;
	s.controllers = 16;
	for (uint8_t i = 0; i < 16; i++)
		controller_init(&s.controller[i], 0);
	give(0, NVME_MI_CONTROLLER_HEALTH_STATUS_POLL, 0x81ff0000, 0);
	assert_int_equal(take(&unit), 8 + 16 * 16 + 4);
	assert_int_equal(unit, 64);
	assert_int_equal(ask(NVME_MI_CONFIGURATION_SET, 0x01000003, 100),
			 NVME_MI_SUCCESS);
	give(0, NVME_MI_CONTROLLER_HEALTH_STATUS_POLL, 0x81ff0000, 0);
	assert_int_equal(take(&unit), 8 + 16 * 16 + 4);
	assert_int_equal(unit, 100);
}

static void health_shows_and_clears_changes(void **state)
{
	(void)state;
	subsystem_changed(&s, 1, CHANGE_TEMPERATURE | CHANGE_STATUS);
	(void)ask(NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
	assert_int_equal(answer[12] | answer[13] << 8, 0x0300);
	/* Only controller 1, by the temperature's filter bit. */
	(void)ask(NVME_MI_CONTROLLER_HEALTH_STATUS_POLL, 0x01ff0000, 0x02);
	assert_int_equal(answer[7], 1);
	assert_int_equal(answer[8], 1);
	(void)ask(NVME_MI_CONTROLLER_HEALTH_STATUS_POLL, 0x01ff0000, 0x04);
	assert_int_equal(answer[7], 0);
	/* Cleared as it is read. */
	(void)ask(NVME_MI_CONTROLLER_HEALTH_STATUS_POLL, 0x01ff0000,
		  0x80000002);
	assert_int_equal(answer[7], 1);
	(void)ask(NVME_MI_CONTROLLER_HEALTH_STATUS_POLL, 0x01ff0000, 0x02);
	assert_int_equal(answer[7], 0);
	/* The composite flags have their own life: one bit, then all. */
	(void)ask(NVME_MI_CONFIGURATION_SET, 2, 0x0100);
	(void)ask(NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0x80000000);
	assert_int_equal(answer[12] | answer[13] << 8, 0x0200);
	(void)ask(NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
	assert_int_equal(answer[12] | answer[13] << 8, 0);
}

static void health_of(uint16_t kelvin, uint8_t composite)
{
	s.controller[1].temperature = kelvin;
	s.controller[0].temperature = 0;
	(void)ask(NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
	assert_int_equal(answer[10], composite);
}

static void temperatures_in_celsius(void **state)
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

static void warnings_are_inverted_in_the_subsystem(void **state)
{
	(void)state;
	s.controller[0].temperature = 400;
	s.controller[1].spare = 4;
	(void)ask(NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
	assert_int_equal(answer[9], 0xfc);
	(void)ask(NVME_MI_CONTROLLER_HEALTH_STATUS_POLL, 0x81ff0000, 0);
	assert_int_equal(answer[8 + 8], WARNING_TEMPERATURE);
	assert_int_equal(answer[8 + 16 + 8], WARNING_SPARE);
	s.controller[1].fatal = true;
	(void)ask(NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL, 0, 0);
	assert_int_equal(answer[8], 0x18);
}

static void frequencies_up_to_the_ports(void **state)
{
	(void)state;
	s.port[1].frequency_max = PORT_1M;
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

static void silence_is_counted(void **state)
{
	static const uint8_t bad[] = { 1, OWN, PEER, 0xc8, 0x84, 0x08,
				       0, 0,   0,    0,	   0,	 0 };
	uint32_t before = mi.silent;

	(void)state;
	mctp_rx(&m, bad, sizeof(bad), 0);
	assert_int_equal(mi.silent, before + 1);
	assert_false(mctp_tx_pending(&m));
}

static void attaching_asks_for_both_ends(void **state)
{
	(void)state;
	assert_int_equal(subsystem_attach(&s, 0, 1), ERR_BUSY);
	assert_int_equal(subsystem_attach(&s, 1, 1), ERR_OK);
	assert_int_equal(subsystem_attach(&s, 2, 1), ERR_NOT_FOUND);
	assert_int_equal(subsystem_attach(&s, 0, 0), ERR_NOT_FOUND);
	assert_int_equal(subsystem_attach(&s, 0, 2), ERR_NOT_FOUND);
	assert_int_equal(subsystem_attach(&s, 0, SUBSYSTEM_NAMESPACES + 1),
			 ERR_NOT_FOUND);
	assert_int_equal(s.controller[1].changed & CHANGE_NAMESPACE,
			 CHANGE_NAMESPACE);
	assert_int_equal(subsystem_capacity(&s) / 1000000000, 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_busy_slot_drops_the_other_answers,
				       setup),
		cmocka_unit_test_setup(responses_are_cut_by_the_configured_unit,
				       setup),
		cmocka_unit_test_setup(health_shows_and_clears_changes, setup),
		cmocka_unit_test_setup(temperatures_in_celsius, setup),
		cmocka_unit_test_setup(warnings_are_inverted_in_the_subsystem,
				       setup),
		cmocka_unit_test_setup(frequencies_up_to_the_ports, setup),
		cmocka_unit_test_setup(silence_is_counted, setup),
		cmocka_unit_test_setup(attaching_asks_for_both_ends, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the tables of PLDM types: what they answer, and what GetPLDMTypes,
 * GetPLDMVersion and GetPLDMCommands report about them. */
#include "cm.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "mctp/mctp.h"
#include "pldm/responder.h"

enum { TYPE = 0x3f, OWN = 9, PEER = 8 };

static struct mctp m;
static struct pldm pldm;
static int counted, polled, resets;

static enum pldm_code count(void *ctx, struct pldm_call *call)
{
	assert_ptr_equal(ctx, &counted);
	assert_int_equal(call->source, PEER);
	assert_int_equal(call->now_ms, 77);
	counted++;
	wr_u8(call->w, rd_u8(call->r));
	return PLDM_SUCCESS;
}

static enum pldm_code refuse(void *ctx, struct pldm_call *call)
{
	(void)ctx;
	wr_u8(call->w, 1);
	return PLDM_ERROR_NOT_READY;
}

static enum pldm_code write_too_much(void *ctx, struct pldm_call *call)
{
	(void)ctx;
	wr_fill(call->w, 0, 100);
	wr_fill(call->w, 0, PLDM_ANSWER_MAX);
	return PLDM_SUCCESS;
}

static void poll(void *ctx, uint32_t now_ms)
{
	assert_ptr_equal(ctx, &counted);
	polled += (int)now_ms;
}

static void reset(void *ctx)
{
	assert_ptr_equal(ctx, &counted);
	resets++;
}

static const struct pldm_command first[] = {
	{ 0x01, 1, count },
	{ 0x02, PLDM_ANY_LENGTH, refuse },
	{ 0x03, PLDM_ANY_LENGTH, write_too_much },
};
static const struct pldm_command second[] = { { 0xf0, 0, NULL } };
static const struct pldm_table tables[] = {
	{ TYPE, 3, 0xf1f0f000, first, poll, reset },
	{ TYPE, 1, 0xf1f0f000, second },
};

static int setup(void **state)
{
	(void)state;
	counted = polled = resets = 0;
	mctp_init(&m);
	mctp_set_eid(&m, OWN);
	assert_int_equal(mctp_set_mtu(&m, 2048), 0);
	assert_int_equal(pldm_init(&pldm, &m), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pldm_add(&pldm, &tables[i], &counted), 0);
	return 0;
}

/* Send a request, written in hexadecimal after the message type. Returns the
 * completion code; *r has the data after it. */
static uint8_t ask(const char *hex, struct rd *r)
{
	uint8_t packet[64] = { 1, OWN, PEER, MCTP_SOM | MCTP_EOM | 8, 1 };
	struct mctp_packet p;
	size_t n = 5;

	for (const char *s = hex; *s; s += s[2] ? 3 : 2)
		packet[n++] = (uint8_t)strtoul(s, NULL, 16);
	mctp_rx(&m, packet, n, 77);
	assert_true(mctp_tx_peek(&m, &p));
	assert_true(p.len >= 5);
	*r = rd_init(p.body + 5, p.len - 5);
	mctp_tx_consume(&m, &p);
	return p.body[4];
}

static void routes_command_to_its_table(void **state)
{
	struct rd r;

	(void)state;
	assert_int_equal(ask("80 3f 01 55", &r), PLDM_SUCCESS);
	assert_int_equal(rd_u8(&r), 0x55);
	assert_true(rd_done(&r));
	assert_int_equal(counted, 1);
}

static void rejects_wrong_length_before_the_command_runs(void **state)
{
	struct rd r;

	(void)state;
	assert_int_equal(ask("80 3f 01", &r), PLDM_ERROR_INVALID_LENGTH);
	assert_int_equal(ask("80 3f 01 00 00", &r), PLDM_ERROR_INVALID_LENGTH);
	assert_int_equal(counted, 0);
}

static void response_with_an_error_has_no_data(void **state)
{
	struct rd r;

	(void)state;
	assert_int_equal(ask("80 3f 02", &r), PLDM_ERROR_NOT_READY);
	assert_int_equal(rd_remaining(&r), 0);
}

static void too_long_response_becomes_an_error(void **state)
{
	struct rd r;

	(void)state;
	assert_int_equal(ask("80 3f 03", &r), PLDM_ERROR);
	assert_int_equal(rd_remaining(&r), 0);
}

static void listed_command_without_function_is_unsupported(void **state)
{
	struct rd r;

	(void)state;
	assert_int_equal(ask("80 3f f0", &r), PLDM_ERROR_UNSUPPORTED_PLDM_CMD);
	assert_true(pldm_base_has(&pldm.base, TYPE, 0xf0));
	assert_false(pldm_base_has(&pldm.base, TYPE, 0xf1));
}

static void commands_of_both_tables_of_a_type_are_reported(void **state)
{
	struct rd r;
	uint8_t map[PLDM_COMMANDS_SIZE];

	(void)state;
	assert_int_equal(ask("80 00 05 3f 00 f0 f0 f1", &r), PLDM_SUCCESS);
	assert_int_equal(rd_remaining(&r), sizeof(map));
	memcpy(map, r.p, sizeof(map));
	for (unsigned int i = 0; i < 256; i++)
		assert_int_equal(pldm_bit(map, (uint8_t)i),
				 (i >= 1 && i <= 3) || i == 0xf0);
}

static void only_added_types_are_reported(void **state)
{
	struct rd r;
	uint8_t map[PLDM_TYPES_SIZE];

	(void)state;
	assert_int_equal(ask("80 00 04", &r), PLDM_SUCCESS);
	assert_int_equal(rd_remaining(&r), sizeof(map));
	memcpy(map, r.p, sizeof(map));
	for (uint8_t i = 0; i < PLDM_TYPES; i++)
		assert_int_equal(pldm_bit(map, i), i == 0 || i == TYPE);
	assert_int_equal(ask("80 02 50", &r), PLDM_ERROR_INVALID_PLDM_TYPE);
}

static void poll_and_reset_reach_the_tables_that_have_them(void **state)
{
	(void)state;
	pldm_poll(&pldm, 5);
	pldm_reset(&pldm);
	assert_int_equal(polled, 5);
	assert_int_equal(resets, 1);
}

static void too_many_tables_are_rejected(void **state)
{
	int err = ERR_OK;

	(void)state;
	for (int i = 0; i < PLDM_TABLES - 3; i++)
		assert_int_equal(pldm_add(&pldm, &tables[1], NULL), ERR_OK);
	err = pldm_add(&pldm, &tables[1], NULL);
	assert_int_equal(err, ERR_FULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(routes_command_to_its_table, setup),
		cmocka_unit_test_setup(
			rejects_wrong_length_before_the_command_runs, setup),
		cmocka_unit_test_setup(response_with_an_error_has_no_data,
				       setup),
		cmocka_unit_test_setup(too_long_response_becomes_an_error,
				       setup),
		cmocka_unit_test_setup(
			listed_command_without_function_is_unsupported, setup),
		cmocka_unit_test_setup(
			commands_of_both_tables_of_a_type_are_reported, setup),
		cmocka_unit_test_setup(only_added_types_are_reported, setup),
		cmocka_unit_test_setup(
			poll_and_reset_reach_the_tables_that_have_them, setup),
		cmocka_unit_test_setup(too_many_tables_are_rejected, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cm.h"

#include <stdbool.h>
#include <string.h>

#include "mctp/mctp.h"

enum { OWN = 9, PEER = 8, TYPE = 0x7e, NOW = 0xfffffff0u };

static struct mctp m;
static struct mctp_msg last;
static uint8_t last_data[MCTP_MESSAGE_MAX];
static unsigned int messages;

static void keep(void *ctx, const struct mctp_msg *msg)
{
	(void)ctx;
	last = *msg;
	memcpy(last_data, msg->data, msg->len);
	messages++;
}

static int setup(void **state)
{
	(void)state;
	mctp_init(&m);
	mctp_set_eid(&m, OWN);
	messages = 0;
	assert_int_equal(mctp_register(&m, TYPE, keep, NULL), ERR_OK);
	assert_int_equal(mctp_register(&m, MCTP_TYPE_CONTROL, keep, NULL),
			 ERR_OK);
	return 0;
}

/* Receive a packet with `body` bytes of value v. In a start packet, the first
 * byte is the message type. */
static void packet_at(uint8_t dest, uint8_t src, uint8_t flags, size_t body,
		      uint8_t v, uint32_t now)
{
	static uint8_t p[MCTP_HEADER_SIZE + 8187];

	p[0] = 1;
	p[1] = dest;
	p[2] = src;
	p[3] = flags;
	memset(p + 4, v, body);
	if (flags & 0x80)
		p[4] = TYPE;
	mctp_rx(&m, p, MCTP_HEADER_SIZE + body, now);
}

static void packet(uint8_t flags, size_t body, uint8_t v)
{
	packet_at(OWN, PEER, flags, body, v, NOW);
}

static void single_packet_request_gets_response(void **state)
{
	(void)state;
	packet(0xc0 | 0x08 | 3, 5, 0xaa);
	assert_int_equal(messages, 1);
	assert_int_equal(last.src, PEER);
	assert_int_equal(last.tag, 3);
	assert_true(last.to);
	assert_int_equal(last.len, 5);
	assert_int_equal(last_data[4], 0xaa);
}

static void packets_are_reassembled_in_order(void **state)
{
	(void)state;
	packet(0x80 | 0x30 | 0x08, 64, 1); /* the first number is arbitrary */
	packet(0x00 | 0x08, 64, 2);
	packet(0x40 | 0x10 | 0x08, 1, 3);
	assert_int_equal(messages, 1);
	assert_int_equal(last.len, 129);
	assert_int_equal(last_data[64], 2);
	assert_int_equal(last_data[128], 3);
}

static void messages_of_different_sources_do_not_mix(void **state)
{
	(void)state;
	packet(0x80 | 0x08 | 1, 10, 1);
	packet(0x80 | 0x08 | 2, 10, 2);
	packet_at(OWN, 20, 0x80 | 0x08 | 1, 10, 3, NOW);
	packet(0x40 | 0x10 | 0x08 | 2, 10, 2);
	assert_int_equal(last_data[10], 2);
	packet_at(OWN, 20, 0x40 | 0x10 | 0x08 | 1, 10, 3, NOW);
	assert_int_equal(last_data[10], 3);
	packet(0x40 | 0x10 | 0x08 | 1, 10, 1);
	assert_int_equal(last_data[10], 1);
	assert_int_equal(messages, 3);
}

/* For each drop rule, receive a packet and check that it increments the
 * counter. */
static void each_drop_rule_moves_its_counter(void **state)
{
	static const struct {
		uint8_t p[6];
		size_t len;
		enum mctp_counter why;
	} bad[] = {
		{ { 1, OWN, PEER, 0xc8 }, 4, MCTP_DROP_SHORT },
		{ { 1, OWN, PEER }, 3, MCTP_DROP_SHORT },
		{ { 0 }, 0, MCTP_DROP_SHORT },
		{ { 2, OWN, PEER, 0xc8, TYPE, 0 }, 6, MCTP_DROP_VERSION },
		{ { 0, OWN, PEER, 0xc8, TYPE, 0 }, 6, MCTP_DROP_VERSION },
		{ { 1, 10, PEER, 0xc8, TYPE, 0 }, 6, MCTP_DROP_DEST },
		{ { 1, OWN, 0xff, 0xc8, TYPE, 0 }, 6, MCTP_DROP_SOURCE },
		{ { 1, OWN, 0x05, 0xc8, TYPE, 0 }, 6, MCTP_DROP_SOURCE },
		{ { 1, 0xff, PEER, 0xc8, TYPE, 0 }, 6, MCTP_DROP_BROADCAST },
		{ { 1, 0xff, PEER, 0x88, 0, 0 }, 6, MCTP_DROP_BROADCAST },
		{ { 1, OWN, PEER, 0x08, TYPE, 0 }, 6, MCTP_DROP_NO_START },
		{ { 1, OWN, PEER, 0x48, TYPE, 0 }, 6, MCTP_DROP_NO_START },
		{ { 1, OWN, PEER, 0xc8, 0x01, 0 }, 6, MCTP_DROP_TYPE },
		{ { 1, OWN, PEER, 0xc0, TYPE, 0 }, 6, MCTP_DROP_NO_REQUEST },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint32_t before = m.count[bad[i].why];

		mctp_rx(&m, bad[i].p, bad[i].len, NOW);
		assert_int_equal(m.count[bad[i].why], before + 1);
	}
	assert_int_equal(messages, 0);
	packet(0xc8, 5, 0);
	assert_int_equal(messages, 1);
}

static void wrong_sequence_frees_the_slot(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 4 * MCTP_REASSEMBLIES; i++) {
		packet(0x88 | (i & 7), 64, 0);
		packet(0x28 | (i & 7), 64, 0); /* number 2 follows 0 */
	}
	assert_int_equal(m.count[MCTP_DROP_SEQUENCE], 4 * MCTP_REASSEMBLIES);
	for (unsigned int i = 0; i < MCTP_REASSEMBLIES; i++)
		assert_int_equal(m.slot[i].packet, 0);
	assert_int_equal(m.in_use, 0);
	assert_int_equal(messages, 0);
}

static void drops_middle_packet_with_another_size(void **state)
{
	(void)state;
	packet(0x88, 64, 0);
	packet(0x18, 63, 0);
	assert_int_equal(m.count[MCTP_DROP_UNIT], 1);
	packet(0x88, 64, 0);
	packet(0x58, 65, 0); /* the last packet may be shorter, not longer */
	assert_int_equal(m.count[MCTP_DROP_UNIT], 2);
	assert_int_equal(messages, 0);
}

static void second_start_packet_restarts_the_message(void **state)
{
	(void)state;
	packet(0x88, 64, 1);
	packet(0x88, 64, 2);
	packet(0x58, 1, 3);
	assert_int_equal(m.count[MCTP_DROP_RESTART], 1);
	assert_int_equal(messages, 1);
	assert_int_equal(last.len, 65);
	assert_int_equal(last_data[63], 2);
	packet(0x88, 64, 1);
	packet(0xc8, 4, 2); /* a single-packet message restarts too */
	assert_int_equal(messages, 2);
	assert_int_equal(m.count[MCTP_DROP_RESTART], 2);
}

static void drops_start_packets_until_a_slot_times_out(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < MCTP_REASSEMBLIES; i++)
		packet_at(OWN, (uint8_t)(16 + i), 0x88, 64, 0, NOW);
	packet(0x88, 64, 0);
	assert_int_equal(m.count[MCTP_DROP_NO_SLOT], 1);
	packet(0xc8, 4, 0); /* a single packet needs no slot */
	assert_int_equal(messages, 1);
	mctp_poll(&m, (uint32_t)NOW + MCTP_TIMEOUT_MS - 1);
	assert_int_equal(m.count[MCTP_DROP_TIMEOUT], 0);
	mctp_poll(&m, (uint32_t)NOW + MCTP_TIMEOUT_MS);
	assert_int_equal(m.count[MCTP_DROP_TIMEOUT], MCTP_REASSEMBLIES);
	packet(0x88, 64, 0);
	packet(0x58, 64, 0);
	assert_int_equal(messages, 2);
}

/* Return the flags byte of packet i of n of a request. */
static uint8_t flags_of(size_t i, size_t n)
{
	return (uint8_t)(0x08 | (i ? 0 : 0x80) | (i == n - 1 ? 0x40 : 0) |
			 (i & 3) << 4);
}

static void accepts_messages_up_to_the_limit(void **state)
{
	static const size_t unit = 4096;
	size_t n = MCTP_MESSAGE_MAX / unit;

	(void)state;
	for (size_t i = 0; i < n; i++)
		packet(flags_of(i, n), unit, (uint8_t)i);
	assert_int_equal(messages, 1);
	assert_int_equal(last.len, MCTP_MESSAGE_MAX);
	for (size_t i = 0; i <= n; i++)
		packet(flags_of(i, n + 1), i == n ? 1 : unit, 0);
	assert_int_equal(messages, 1);
	assert_int_equal(m.count[MCTP_DROP_TOO_LONG], 1);
}

static void accepts_broadcast_control_messages_only(void **state)
{
	static const uint8_t p[] = { 1, 0xff, PEER, 0xc8, 0, 0x80, 0x0c };

	(void)state;
	mctp_rx(&m, p, sizeof(p), NOW);
	assert_int_equal(messages, 1);
	assert_int_equal(last.dest, 0xff);
}

/* Read all waiting packets. Returns their number, and stores the message in
 * out. */
static unsigned int drain(uint8_t *out, size_t *len)
{
	struct mctp_packet p = { 0 };
	unsigned int n = 0;

	*len = 0;
	while (mctp_tx_peek(&m, &p)) {
		memcpy(out + *len, p.body, p.len);
		*len += p.len;
		assert_int_equal(p.header[3] >> 4 & 3, n & 3);
		assert_int_equal(p.header[3] >> 7, n == 0);
		mctp_tx_consume(&m, &p);
		n++;
	}
	return n;
}

static void splits_messages_into_packets(void **state)
{
	static uint8_t data[1000], out[1000];
	struct mctp_tx tx = { .data = data, .len = 1000, .dest = PEER };
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 3);
	assert_int_equal(mctp_send(&m, &tx), ERR_OK);
	assert_int_equal(mctp_send(&m, &tx), ERR_BUSY);
	assert_int_equal(drain(out, &len), 16);
	assert_int_equal(len, 1000);
	assert_memory_equal(out, data, 1000);
	assert_false(mctp_tx_busy(&tx));
	tx.len = 0;
	assert_int_equal(mctp_send(&m, &tx), ERR_LENGTH);
	tx.len = MCTP_MESSAGE_MAX + 1;
	assert_int_equal(mctp_send(&m, &tx), ERR_LENGTH);
}

static void urgent_message_is_sent_before_the_next_packet(void **state)
{
	static uint8_t data[200];
	struct mctp_tx slow = { .data = data, .len = 200, .dest = PEER };
	struct mctp_tx fast = {
		.data = data, .len = 4, .dest = 20, .urgent = true
	};
	struct mctp_packet p = { 0 };

	(void)state;
	assert_int_equal(mctp_send(&m, &slow), ERR_OK);
	assert_true(mctp_tx_peek(&m, &p));
	assert_int_equal(mctp_send(&m, &fast), ERR_OK);
	assert_true(
		mctp_tx_peek(&m, &p)); /* peek returns the same packet again */
	assert_int_equal(p.header[1], PEER);
	mctp_tx_consume(&m, &p);
	assert_true(mctp_tx_peek(&m, &p));
	assert_int_equal(p.header[1], 20);
	mctp_tx_consume(&m, &p);
	assert_true(mctp_tx_peek(&m, &p));
	assert_int_equal(p.header[1], PEER);
	assert_int_equal(p.header[3] & 0x30, 0x10);
}

static unsigned int answers;
static int answer_err;

static void answered(void *ctx, int err, const struct mctp_msg *response)
{
	(void)ctx;
	answers++;
	answer_err = err;
	assert_true((response != NULL) == (err == ERR_OK));
}

static void requests_get_free_tags_responses_and_time_outs(void **state)
{
	static uint8_t data[] = { TYPE, 1 };
	static uint8_t out[64];
	struct mctp_req req[9];
	uint8_t used = 0;
	size_t len;

	(void)state;
	memset(req, 0, sizeof(req));
	answers = 0;
	for (unsigned int i = 0; i < 9; i++) {
		req[i].tx.data = data;
		req[i].tx.len = sizeof(data);
		req[i].tx.dest = PEER;
		req[i].done = answered;
		assert_int_equal(mctp_request(&m, &req[i], NOW),
				 i < 8 ? ERR_OK : ERR_BUSY);
		if (i < 8)
			used |= (uint8_t)(1 << req[i].tx.tag);
	}
	assert_int_equal(used, 0xff);
	/* A response before the request was sent does not match. */
	packet(0xc0 | req[3].tx.tag, 2, 0);
	assert_int_equal(answers, 0);
	for (unsigned int i = 0; i < 8; i++) {
		struct mctp_packet p = { 0 };

		assert_true(mctp_tx_peek(&m, &p));
		mctp_tx_consume(&m, &p);
	}
	assert_int_equal(drain(out, &len), 0);
	packet_at(OWN, 20, 0xc0 | req[3].tx.tag, 2, 0, NOW);
	assert_int_equal(answers, 0); /* response from another source */
	packet(0xc0 | req[3].tx.tag, 2, 0);
	assert_int_equal(answers, 1);
	packet(0xc0 | req[3].tx.tag, 2, 0);
	assert_int_equal(answers, 1); /* a second response */
	assert_int_equal(mctp_request(&m, &req[8], NOW), ERR_OK);
	assert_int_equal(req[8].tx.tag, req[3].tx.tag);
	mctp_cancel(&m, &req[8]);
	assert_false(mctp_tx_pending(&m));
	mctp_poll(&m, (uint32_t)NOW + MCTP_TIMEOUT_MS);
	assert_int_equal(answers, 8);
	assert_int_equal(answer_err, ERR_TIMEOUT);
	assert_null(m.requests);
}

static void reset_drops_everything_but_the_eid(void **state)
{
	static uint8_t data[] = { TYPE, 1 };
	struct mctp_req req = {
		.tx = { .data = data, .len = 2, .dest = PEER },
		.done = answered,
	};
	struct mctp_tx tx = { .data = data, .len = 2, .dest = PEER };

	(void)state;
	answers = 0;
	packet(0x88, 64, 0);
	assert_int_equal(mctp_request(&m, &req, NOW), ERR_OK);
	assert_int_equal(mctp_send(&m, &tx), ERR_OK);
	mctp_reset(&m);
	assert_int_equal(answers, 1);
	assert_int_equal(answer_err, ERR_CANCELLED);
	assert_false(mctp_tx_busy(&tx));
	assert_false(mctp_tx_pending(&m));
	packet(0x58, 64, 0);
	assert_int_equal(messages, 0);
	assert_int_equal(m.eid, OWN);
}

static void new_eid_drops_messages_to_the_old_eid(void **state)
{
	(void)state;
	packet(0x88, 64, 1);
	packet(0x18, 64, 1);
	mctp_set_eid(&m, 10);
	packet(0x28, 64, 1); /* destination is still EID 9 */
	assert_int_equal(m.count[MCTP_DROP_DEST], 1);
	packet_at(10, PEER, 0xc8, 4, 1, NOW);
	assert_int_equal(messages, 1);
}

static void every_counter_has_a_name(void **state)
{
	(void)state;
	for (int i = 0; i < MCTP_COUNTERS; i++)
		assert_non_null(mctp_counter_name((enum mctp_counter)i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(single_packet_request_gets_response,
				       setup),
		cmocka_unit_test_setup(packets_are_reassembled_in_order, setup),
		cmocka_unit_test_setup(messages_of_different_sources_do_not_mix,
				       setup),
		cmocka_unit_test_setup(each_drop_rule_moves_its_counter, setup),
		cmocka_unit_test_setup(wrong_sequence_frees_the_slot, setup),
		cmocka_unit_test_setup(drops_middle_packet_with_another_size,
				       setup),
		cmocka_unit_test_setup(second_start_packet_restarts_the_message,
				       setup),
		cmocka_unit_test_setup(
			drops_start_packets_until_a_slot_times_out, setup),
		cmocka_unit_test_setup(accepts_messages_up_to_the_limit, setup),
		cmocka_unit_test_setup(accepts_broadcast_control_messages_only,
				       setup),
		cmocka_unit_test_setup(splits_messages_into_packets, setup),
		cmocka_unit_test_setup(
			urgent_message_is_sent_before_the_next_packet, setup),
		cmocka_unit_test_setup(
			requests_get_free_tags_responses_and_time_outs, setup),
		cmocka_unit_test_setup(reset_drops_everything_but_the_eid,
				       setup),
		cmocka_unit_test_setup(new_eid_drops_messages_to_the_old_eid,
				       setup),
		cmocka_unit_test_setup(every_counter_has_a_name, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cm.h"

#include <stdbool.h>
#include <string.h>

#include "base/wire.h"
#include "mctp/mctp.h"
#include "vendor/vendor.h"

enum { OWN = 9, PEER = 8 };

static struct mctp m;
static struct vendor v;
static uint8_t message[MCTP_MESSAGE_MAX];

static int setup(void **state)
{
	(void)state;
	mctp_init(&m);
	m.eid = OWN;
	assert_int_equal(mctp_set_mtu(&m, 8187), ERR_OK);
	assert_int_equal(vendor_init(&v, &m, true, true), ERR_OK);
	return 0;
}

/* Send a message of len bytes to the endpoint, in packets of 4096 bytes. */
static void give(const uint8_t *data, size_t len, uint8_t tag)
{
	static uint8_t p[4100];

	for (size_t at = 0, i = 0; at < len; at += 4096, i++) {
		size_t n = len - at < 4096 ? len - at : 4096;

		p[0] = 1;
		p[1] = OWN;
		p[2] = PEER;
		p[3] = (uint8_t)(0x08 | tag | (at ? 0 : 0x80) |
				 (at + n == len ? 0x40 : 0) | (i & 3) << 4);
		memcpy(p + 4, data + at, n);
		mctp_rx(&m, p, n + 4, 0);
	}
}

/* Read the next sent message; *flags is the fourth byte of its header. */
static size_t take(uint8_t *flags)
{
	struct mctp_packet p = { 0 };
	size_t len = 0;

	while (mctp_tx_peek(&m, &p)) {
		memcpy(message + len, p.body, p.len);
		len += p.len;
		*flags = p.header[3];
		mctp_tx_consume(&m, &p);
		if (p.header[3] & 0x40)
			break;
	}
	return len;
}

static void echoes_messages_up_to_the_limit(void **state)
{
	static uint8_t data[MCTP_MESSAGE_MAX];
	uint8_t flags = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i ^ i >> 8);
	memcpy(data, "\x7e\xcc\xde\xf0", 4);
	for (size_t len = 4; len <= MCTP_MESSAGE_MAX; len = len * 2) {
		give(data, len, 6);
		assert_int_equal(take(&flags), len);
		assert_int_equal(flags & 0x0f, 6);
		assert_memory_equal(message, data, len);
	}
}

/* A packet of DSP0283 v1.1 may exceed the message limit of a board. */
static void drops_packet_over_the_message_limit(void **state)
{
	static uint8_t p[MCTP_HEADER_SIZE + MCTP_MESSAGE_MAX + 1] = {
		1, OWN, PEER, 0xc8, 0x7e, 0xcc, 0xde, 0xf0
	};
	uint8_t flags;

	(void)state;
	mctp_rx(&m, p, sizeof(p), 0);
	assert_int_equal(m.count[MCTP_DROP_TOO_LONG], 1);
	assert_int_equal(take(&flags), 0);
	mctp_rx(&m, p, sizeof(p) - 1, 0);
	assert_int_equal(take(&flags), MCTP_MESSAGE_MAX);
}

static void echo_drops_requests_without_a_free_slot(void **state)
{
	uint8_t flags;

	(void)state;
	for (uint8_t i = 0; i < ECHO_SLOTS + 1; i++)
		give((const uint8_t *)"\x7e\xcc\xde\xf0x", 5, i & 7);
	assert_int_equal(m.count[MCTP_DROP_BUSY], 1);
	for (uint8_t i = 0; i < ECHO_SLOTS; i++)
		assert_int_equal(take(&flags), 5);
	assert_int_equal(take(&flags), 0);
}

/* Echo requests of mixed lengths return complete and in order. If the ring is
 * full, they are dropped. */
static void echo_does_not_overwrite_queued_responses(void **state)
{
	static uint8_t data[MCTP_MESSAGE_MAX];
	size_t len[ECHO_SLOTS] = { 0 }, bytes = 0;
	unsigned int given = 0, taken = 0, x = 1;
	uint32_t busy = 0;
	uint8_t flags;

	(void)state;
	memcpy(data, "\x7e\xcc\xde\xf0", 4);
	for (unsigned int i = 0; i < 20000; i++) {
		x = x * 1103515245U + 12345U;
		if (given > taken && x >> 16 & 1) {
			size_t n = len[taken % ECHO_SLOTS];

			assert_int_equal(take(&flags), n);
			memset(data + 4, (uint8_t)taken, n - 4);
			assert_memory_equal(message, data, n);
			bytes -= n;
			taken++;
		} else {
			size_t n = 4 + (x >> 8) % (MCTP_MESSAGE_MAX - 3) /
					       (1 + (x >> 28));
			bool full =
				given - taken == ECHO_SLOTS ||
				bytes + 2 * MCTP_MESSAGE_MAX > ECHO_BUFFER_SIZE;

			memset(data + 4, (uint8_t)given, n - 4);
			give(data, n, 0);
			if (m.count[MCTP_DROP_BUSY] != busy) {
				busy++;
				assert_true(full);
				continue;
			}
			len[given++ % ECHO_SLOTS] = n;
			bytes += n;
		}
	}
	assert_true(taken > 1000);
}

static void ignores_other_vendors_and_services(void **state)
{
	uint8_t flags;

	(void)state;
	give((const uint8_t *)"\x7e\xcc\xdf\xf0", 4, 0);
	give((const uint8_t *)"\x7e\xcc\xde\xf2", 4, 0);
	give((const uint8_t *)"\x7e\xcc\xde", 3, 0);
	give((const uint8_t *)"\xfe\xcc\xde\xf0", 4, 0);
	assert_int_equal(take(&flags), 0);
	v.echo = false;
	give((const uint8_t *)"\x7e\xcc\xde\xf0", 4, 0);
	assert_int_equal(take(&flags), 0);
}

/* Request a bench; returns its status, or -1 without a response. */
static int request(uint8_t command, uint32_t flags, uint16_t size,
		   uint64_t count, size_t len)
{
	uint8_t data[32];
	struct wr w = wr_init(data, sizeof(data));
	uint8_t f;

	wr_bytes(&w, "\x7e\xcc\xde\xf1\xdd\x22\x01", 7);
	wr_u8(&w, command);
	wr_le32(&w, 0xa5a50001);
	wr_le32(&w, flags);
	wr_le16(&w, size);
	wr_le64(&w, count);
	give(data, len + 1, 2);
	if (!take(&f))
		return -1;
	assert_int_equal(f, 0xc0 | 2);
	assert_memory_equal(message,
			    "\x7e\xcc\xde\xf1\xdd\x22\x01\x00\x01\x00\xa5\xa5",
			    12);
	return message[12];
}

static void bench_sends_requested_messages(void **state)
{
	uint8_t flags;

	(void)state;
	assert_int_equal(request(1, 0, 300, 20, 25), BENCH_OK);
	for (uint32_t i = 0; i < 20; i++) {
		struct rd r;

		vendor_poll(&v);
		assert_int_equal(take(&flags), 301);
		assert_int_equal(flags & 0x0f, 0x08);
		r = rd_init(message, 301);
		assert_int_equal(rd_u8(&r), 0x7e);
		assert_int_equal(rd_be32(&r) >> 8, 0xccdef1);
		r = rd_init(message + 4, 297);
		assert_int_equal(rd_le16(&r), 0xbeca);
		assert_int_equal(rd_le32(&r), (uint32_t)(0xfffffffa + i));
		for (size_t k = 9; k < 300; k++)
			assert_int_equal(message[k + 1], k & 0xff);
	}
	vendor_poll(&v);
	assert_int_equal(take(&flags), 0);
}

static void bench_rejects_bad_arguments(void **state)
{
	(void)state;
	assert_int_equal(request(1, 0, 8, 1, 25), BENCH_BAD_ARGUMENT);
	assert_int_equal(request(1, 1, 100, 1, 25), BENCH_BAD_ARGUMENT);
	assert_int_equal(request(1, 0, 100, 1, 24), BENCH_OTHER);
	assert_int_equal(request(1, 0, 100, 1, 26), BENCH_OTHER);
	assert_int_equal(request(1, 0, 100, 1, 11), BENCH_OTHER);
	assert_int_equal(request(1, 0, 100, 1, 10), -1);
	assert_int_equal(request(7, 0, 100, 1, 25), BENCH_UNKNOWN_COMMAND);
	assert_int_equal(request(1, 0, MCTP_MESSAGE_MAX - 1, 0, 25), BENCH_OK);
}

static void reset_or_new_request_ends_a_bench(void **state)
{
	uint8_t flags;

	(void)state;
	assert_int_equal(request(1, 0, 9, 1000, 25), BENCH_OK);
	assert_int_equal(request(1, 0, 9, 1, 25), BENCH_OK);
	vendor_poll(&v);
	assert_int_equal(take(&flags), 10);
	assert_int_equal(take(&flags), 0);
	assert_int_equal(request(1, 0, 9, 1000, 25), BENCH_OK);
	vendor_reset(&v);
	vendor_poll(&v);
	assert_int_equal(take(&flags), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(echoes_messages_up_to_the_limit, setup),
		cmocka_unit_test_setup(drops_packet_over_the_message_limit,
				       setup),
		cmocka_unit_test_setup(echo_drops_requests_without_a_free_slot,
				       setup),
		cmocka_unit_test_setup(echo_does_not_overwrite_queued_responses,
				       setup),
		cmocka_unit_test_setup(ignores_other_vendors_and_services,
				       setup),
		cmocka_unit_test_setup(bench_sends_requested_messages, setup),
		cmocka_unit_test_setup(bench_rejects_bad_arguments, setup),
		cmocka_unit_test_setup(reset_or_new_request_ends_a_bench,
				       setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

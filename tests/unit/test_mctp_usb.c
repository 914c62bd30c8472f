/* SPDX-License-Identifier: Apache-2.0 */
#include "cm.h"

#include <stdbool.h>
#include <string.h>

#include "mctp/mctp.h"
#include "mctp_usb/mctp_usb.h"

enum { OWN = 9, PEER = 8, TYPE = 0x7e };

static struct mctp m;
static struct mctp_usb u;
static uint8_t last[MCTP_MESSAGE_MAX];
static size_t last_len;
static unsigned int messages;

static void keep(void *ctx, const struct mctp_msg *msg)
{
	(void)ctx;
	memcpy(last, msg->data, msg->len);
	last_len = msg->len;
	messages++;
}

static int start(enum mctp_usb_version version)
{
	mctp_init(&m);
	m.eid = OWN;
	messages = 0;
	assert_int_equal(mctp_register(&m, TYPE, keep, NULL), ERR_OK);
	mctp_usb_init(&u, &m, version);
	return 0;
}

static int v1_0(void **state)
{
	(void)state;
	return start(MCTP_USB_1_0);
}

static int v1_1(void **state)
{
	(void)state;
	return start(MCTP_USB_1_1);
}

/* Write a single-packet message of `len` bytes with its USB header to p.
 * Returns its size. */
static size_t frame(uint8_t *p, size_t len, uint8_t v)
{
	size_t total = len + 8;

	p[0] = 0x1a;
	p[1] = 0xb4;
	p[2] = (uint8_t)(total >> 8);
	p[3] = (uint8_t)total;
	p[4] = 1;
	p[5] = OWN;
	p[6] = PEER;
	p[7] = 0xc8;
	memset(p + 8, v, len);
	p[8] = TYPE;
	return total;
}

static void good_one_is_answered(void)
{
	uint8_t p[64];
	unsigned int before = messages;

	mctp_usb_rx(&u, p, frame(p, 5, 0x55), true, 0);
	assert_int_equal(messages, before + 1);
	assert_int_equal(last_len, 5);
	assert_int_equal(last[4], 0x55);
}

static void processes_all_packets_of_a_transfer(void **state)
{
	uint8_t t[512];
	size_t n = 0;

	(void)state;
	n += frame(t, 247, 1);
	n += frame(t + n, 3, 2);
	n += frame(t + n, 230, 3);
	mctp_usb_rx(&u, t, n, true, 0);
	assert_int_equal(messages, 3);
	assert_int_equal(last_len, 230);
	assert_int_equal(u.count[MCTP_USB_RX_TRANSFERS], 1);
}

/* At full speed, a transfer arrives in packets of 64 bytes. */
static void joins_pieces_of_a_transfer(void **state)
{
	uint8_t t[512];
	size_t n = frame(t, 200, 1);

	(void)state;
	n += frame(t + n, 100, 2);
	for (size_t piece = 1; piece <= 64; piece++) {
		messages = 0;
		for (size_t at = 0; at < n; at += piece) {
			size_t k = n - at < piece ? n - at : piece;

			mctp_usb_rx(&u, t + at, k, at + k == n, 0);
		}
		assert_int_equal(messages, 2);
		assert_int_equal(last_len, 100);
	}
}

/* A packet that is too long for every message has the same effect in pieces as
 * in one piece: it is dropped, and the next packet is received. */
static void packet_too_long_for_a_message_is_dropped(void **state)
{
	static const size_t length[] = {
		MCTP_MESSAGE_MAX - 1,	 MCTP_MESSAGE_MAX,
		MCTP_MESSAGE_MAX + 1,	 MCTP_MESSAGE_MAX + 2,
		MCTP_USB_PACKET_1_1 - 8,
	};
	static uint8_t t[MCTP_USB_PACKET_1_1];

	(void)state;
	for (size_t i = 0; i < sizeof(length) / sizeof(length[0]); i++) {
		size_t len = length[i], n;

		if (len + 8 > sizeof(t))
			continue;
		n = frame(t, len, 0x33);
		messages = 0;
		m.count[MCTP_DROP_TOO_LONG] = 0;
		mctp_usb_rx(&u, t, n, true, 0);
		for (size_t at = 0; at < n; at += 512)
			mctp_usb_rx(&u, t + at, n - at < 512 ? n - at : 512,
				    at + 512 >= n, 0);
		assert_int_equal(messages, len > MCTP_MESSAGE_MAX ? 0 : 2);
		assert_int_equal(m.count[MCTP_DROP_TOO_LONG],
				 len > MCTP_MESSAGE_MAX ? 2 : 0);
		good_one_is_answered();
	}
}

/* Receive each kind of malformed transfer, then a valid transfer. */
static void malformed_data_drops_one_transfer_only(void **state)
{
	uint8_t t[513];
	size_t n;

	(void)state;
	for (unsigned int kind = 0; kind < 9; kind++) {
		memset(t, 0, sizeof(t));
		n = frame(t, 20, 1);
		switch (kind) {
		case 0:
			t[0] = 0x1b;
			break;
		case 1:
			t[1] = 0xb5;
			break;
		case 2:
			t[3] = 7; /* length below the headers */
			break;
		case 3:
			t[3] = 0;
			break;
		case 4:
			t[3] = 255; /* longer than the transfer */
			break;
		case 5:
			n = 3; /* ends inside the header */
			break;
		case 6:
			n = 0;
			break;
		case 7:
			n = 511; /* padding with zeros */
			break;
		default:
			n = 512;
			t[0] = 0;
			break;
		}
		messages = 0;
		mctp_usb_rx(&u, t, n, true, 0);
		assert_int_equal(messages, kind == 7 ? 1 : 0);
		good_one_is_answered();
	}
	assert_true(u.count[MCTP_USB_DROP_ID] >= 3);
	assert_int_equal(u.count[MCTP_USB_DROP_LENGTH], 2);
	if (u.version == MCTP_USB_1_0)
		assert_int_equal(u.count[MCTP_USB_DROP_TRUNCATED], 2);
}

static void v1_0_transfer_ends_after_512_bytes(void **state)
{
	uint8_t t[512] = { 0 };

	(void)state;
	mctp_usb_rx(&u, t, 512, false, 0); /* no ZLP follows */
	good_one_is_answered();
}

static void v1_1_packets_span_transfers(void **state)
{
	static uint8_t t[MCTP_USB_REST + 300];
	size_t n = frame(t, MCTP_USB_REST - 8, 7);

	(void)state;
	n += frame(t + n, 200, 8);
	for (size_t piece = 1; piece < n; piece = piece * 2 + 1) {
		messages = 0;
		for (size_t at = 0; at < n; at += piece) {
			size_t k = n - at < piece ? n - at : piece;

			mctp_usb_rx(&u, t + at, k, true, 0);
		}
		assert_int_equal(messages, 2);
		assert_int_equal(last_len, 200);
		assert_int_equal(last[199], 8);
	}
}

static void v1_1_error_drops_up_to_the_end_of_the_transfer(void **state)
{
	uint8_t t[64] = { 0 };

	(void)state;
	mctp_usb_rx(&u, t, sizeof(t), false, 0);
	(void)frame(t, 5, 0);
	mctp_usb_rx(&u, t, 13, true, 0);
	assert_int_equal(messages, 0);
	good_one_is_answered();
}

/* Send and receive messages of every size: both versions, with and without
 * packing, with every transfer size. */
static void every_size_survives_a_round_trip(void **state)
{
	static uint8_t data[3000], t[4096];
	static const size_t caps[] = { 512, 1024, 4096, 64 };
	unsigned int n_caps = u.version == MCTP_USB_1_0 ? 1 : 4;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 5);
	data[0] = TYPE;
	for (size_t len = 1; len < sizeof(data); len += 37) {
		for (unsigned int c = 0; c < 2 * n_caps; c++) {
			struct mctp_tx tx = {
				.data = data,
				.len = len,
				.dest = OWN,
				.to = true,
				.mtu = c & 1 ? 68 : 0,
			};
			size_t n;

			messages = 0;
			mctp_usb_set_packing(&u, c & 1);
			assert_int_equal(mctp_send(&m, &tx), ERR_OK);
			while ((n = mctp_usb_poll(&u, t, caps[c / 2])) > 0) {
				assert_true(n <= caps[c / 2]);
				mctp_usb_rx(&u, t, n, true, 0);
			}
			assert_int_equal(messages, 1);
			assert_int_equal(last_len, len);
			assert_memory_equal(last, data, len);
		}
	}
}

enum away { WITHDRAWN, CANCELLED, TIMED_OUT, HELD };

/* Withdraw a message after a part of one of its packets was sent, and reuse its
 * buffer at once. The framing stays intact, and the next message arrives. */
static void take_away(enum away how, size_t cap)
{
	static uint8_t data[3 * 64], other[200], t[512];
	struct mctp_req req = {
		.tx = { .data = data,
			.len = sizeof(data),
			.dest = OWN,
			.mtu = 68 },
		.timeout_ms = 10,
	};
	struct mctp_tx next = {
		.data = other,
		.len = sizeof(other),
		.dest = OWN,
		.to = true,
		.tag = 5,
	};
	size_t n;

	memset(data, 1, sizeof(data));
	memset(other, 2, sizeof(other));
	data[0] = other[0] = TYPE;
	assert_int_equal(start(MCTP_USB_1_1), 0);
	assert_int_equal(mctp_request(&m, &req, 0), ERR_OK);
	n = mctp_usb_poll(&u, t, cap);
	mctp_usb_rx(&u, t, n, true, 0);
	if (how == HELD)
		mctp_hold(&m, &req.tx);
	else if (how == WITHDRAWN)
		mctp_withdraw(&m, &req.tx);
	else if (how == CANCELLED)
		mctp_cancel(&m, &req);
	else
		mctp_poll(&m, 10);
	if (how != HELD)
		memset(data, 0xee, sizeof(data));
	assert_int_equal(mctp_send(&m, &next), ERR_OK);
	while ((n = mctp_usb_poll(&u, t, cap)) > 0)
		mctp_usb_rx(&u, t, n, true, 0);
	assert_true(messages >= 1);
	assert_int_equal(last_len, sizeof(other));
	assert_int_equal(last[199], 2);
	mctp_release(&m, &req.tx);
	while ((n = mctp_usb_poll(&u, t, cap)) > 0)
		mctp_usb_rx(&u, t, n, true, 0);
	if (how == HELD) {
		assert_int_equal(messages, 2);
		/* A message held inside its last packet completes before the
		 * other. */
		assert_false(mctp_tx_busy(&req.tx));
	}
	for (enum mctp_usb_counter c = MCTP_USB_DROP_ID; c < MCTP_USB_COUNTERS;
	     c++)
		assert_int_equal(u.count[c], 0);
}

static void withdrawn_message_completes_its_split_packet(void **state)
{
	(void)state;
	for (size_t cap = 64; cap < 3 * 72; cap++)
		for (enum away how = WITHDRAWN; how <= HELD; how++)
			take_away(how, cap);
}

static void two_full_packets_fill_a_transfer(void **state)
{
	static uint8_t data[247 * 2], t[512];
	struct mctp_tx tx = { .data = data, .len = 247 * 2, .dest = OWN };

	(void)state;
	assert_int_equal(mctp_send(&m, &tx), ERR_OK);
	assert_int_equal(mctp_usb_poll(&u, t, sizeof(t)), 510);
	assert_int_equal(t[3], 255);
	assert_int_equal(t[255 + 3], 255);
	assert_int_equal(mctp_usb_poll(&u, t, sizeof(t)), 0);
	mctp_usb_set_packing(&u, false);
	assert_int_equal(mctp_send(&m, &tx), ERR_OK);
	assert_int_equal(mctp_usb_poll(&u, t, sizeof(t)), 255);
	assert_int_equal(mctp_usb_poll(&u, t, sizeof(t)), 255);
}

static void zlp_follows_full_packets_except_v1_0_maximum(void **state)
{
	(void)state;
	assert_false(mctp_usb_needs_zlp(&u, 0, 512));
	assert_false(mctp_usb_needs_zlp(&u, 100, 64));
	assert_true(mctp_usb_needs_zlp(&u, 128, 64));
	assert_int_equal(mctp_usb_needs_zlp(&u, 512, 512),
			 u.version == MCTP_USB_1_1);
}

static void mtu_is_limited_by_the_version(void **state)
{
	uint16_t max = u.version == MCTP_USB_1_1 ? 8187 : 251;

	(void)state;
	assert_int_equal(m.mtu, max);
	assert_int_equal(mctp_usb_set_mtu(&u, 67), ERR_INVALID);
	assert_int_equal(mctp_usb_set_mtu(&u, 68), ERR_OK);
	assert_int_equal(mctp_usb_set_mtu(&u, max), ERR_OK);
	assert_int_equal(mctp_usb_set_mtu(&u, (uint16_t)(max + 1)),
			 ERR_INVALID);
}

#define BOTH(f)                                                                \
	{ #f "-1.0", f, v1_0, NULL, NULL },                                    \
	{                                                                      \
#f "-1.1", f, v1_1, NULL, NULL                                 \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(processes_all_packets_of_a_transfer),
		BOTH(joins_pieces_of_a_transfer),
		cmocka_unit_test_setup(malformed_data_drops_one_transfer_only,
				       v1_0),
		cmocka_unit_test_setup(v1_0_transfer_ends_after_512_bytes,
				       v1_0),
		cmocka_unit_test_setup(v1_1_packets_span_transfers, v1_1),
		cmocka_unit_test_setup(
			v1_1_error_drops_up_to_the_end_of_the_transfer, v1_1),
		BOTH(every_size_survives_a_round_trip),
		cmocka_unit_test_setup(packet_too_long_for_a_message_is_dropped,
				       v1_1),
		cmocka_unit_test(withdrawn_message_completes_its_split_packet),
		cmocka_unit_test_setup(two_full_packets_fill_a_transfer, v1_0),
		BOTH(zlp_follows_full_packets_except_v1_0_maximum),
		BOTH(mtu_is_limited_by_the_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

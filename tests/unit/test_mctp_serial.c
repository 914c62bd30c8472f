/* SPDX-License-Identifier: Apache-2.0 */
#include "cm.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "mctp/mctp.h"
#include "mctp_serial/mctp_serial.h"

enum { OWN = 9, PEER = 8, TYPE = 0x7e };

static struct mctp m, peer;
static struct mctp_serial s, peer_serial;
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

static int start(void **state)
{
	(void)state;
	mctp_init(&m);
	m.eid = OWN;
	messages = 0;
	assert_int_equal(mctp_register(&m, TYPE, keep, NULL), ERR_OK);
	mctp_serial_init(&s, &m);
	mctp_init(&peer);
	peer.eid = PEER;
	mctp_serial_init(&peer_serial, &peer);
	return 0;
}

/* An independent FCS, bit by bit. */
static uint16_t reference_fcs(const uint8_t *data, size_t len)
{
	uint32_t fcs = 0xffff;

	while (len--) {
		for (uint8_t bit = 1; bit; bit = (uint8_t)(bit << 1)) {
			bool in = (*data & bit) != 0;

			if (in != (fcs & 1))
				fcs = fcs >> 1 ^ 0x8408;
			else
				fcs >>= 1;
		}
		data++;
	}
	return (uint16_t)fcs;
}

/* RFC 1662, C: the FCS-16 of "123456789" is 906Eh inverted, 6F91h before. */
static void reference_has_the_check_value_of_fcs_16(void **state)
{
	(void)state;
	assert_int_equal(reference_fcs((const uint8_t *)"123456789", 9),
			 (uint16_t)~0x906e);
}

/* Send a message of the peer. Returns the bytes on the line. */
static size_t send_from_peer(const uint8_t *data, size_t len, uint8_t *line,
			     size_t cap)
{
	static struct mctp_tx tx;

	memset(&tx, 0, sizeof(tx));
	tx.data = data;
	tx.len = len;
	tx.dest = OWN;
	tx.to = true;
	assert_int_equal(mctp_send(&peer, &tx), ERR_OK);
	return mctp_serial_poll(&peer_serial, line, cap);
}

static void frames_a_packet_as_specified(void **state)
{
	static const uint8_t data[] = { TYPE, 0x7d, 0x7e, 0x20, 0x5e };
	static const uint8_t frame[] = { 0x7e, 0x01, 0x09, 0x01, OWN,
					 PEER, 0xc8, 0x7d, 0x5e, 0x7d,
					 0x5d, 0x7d, 0x5e, 0x20, 0x5e };
	static const uint8_t covered[] = { 0x01, 0x09, 0x01, OWN,  PEER, 0xc8,
					   TYPE, 0x7d, 0x7e, 0x20, 0x5e };
	uint16_t fcs = reference_fcs(covered, sizeof(covered));
	uint8_t line[64];
	size_t n;

	(void)state;
	n = send_from_peer(data, sizeof(data), line, sizeof(line));
	assert_int_equal(n, sizeof(frame) + 3);
	assert_memory_equal(line, frame, sizeof(frame));
	assert_int_equal(line[n - 3] << 8 | line[n - 2], fcs);
	assert_int_equal(line[n - 1], 0x7e);
}

static void receives_any_bytes_in_any_pieces(void **state)
{
	uint8_t data[256], line[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	data[0] = TYPE;
	for (size_t piece = 1; piece < 20; piece++) {
		size_t n =
			send_from_peer(data, sizeof(data), line, sizeof(line));

		for (size_t at = 0; at < n; at += piece)
			mctp_serial_rx(&s, line + at,
				       n - at < piece ? n - at : piece, 0);
		assert_int_equal(messages, piece);
		assert_int_equal(last_len, sizeof(data));
		assert_memory_equal(last, data, sizeof(data));
	}
	assert_int_equal(s.counter[MCTP_SERIAL_DROP_FCS], 0);
}

static void splits_frames_at_the_end_of_a_small_buffer(void **state)
{
	uint8_t data[150] = { TYPE, 0x7e, 0x7e }, byte;
	static struct mctp_tx tx;

	(void)state;
	memset(&tx, 0, sizeof(tx));
	tx.data = data;
	tx.len = sizeof(data);
	tx.dest = OWN;
	tx.to = true;
	assert_int_equal(mctp_send(&peer, &tx), ERR_OK);
	while (mctp_serial_poll(&peer_serial, &byte, 1))
		mctp_serial_rx(&s, &byte, 1, 0);
	assert_int_equal(messages, 1);
	assert_memory_equal(last, data, sizeof(data));
}

/*
 * A receiver like that of Linux' driver: it waits for the flag of the next
 * frame after an error, and then continues at the position where the error was.
 */
struct stubborn {
	unsigned int position; /* in flag, version, count, and data with FCS */
	unsigned int left;     /* bytes up to the end flag */
	bool waits;	       /* for a flag */
	unsigned int frames;
};

static void stubborn_rx(struct stubborn *r, uint8_t byte)
{
	static const uint8_t start[] = { 0x7e, 0x01 };

	if (r->waits) {
		r->waits = byte != 0x7e;
	} else if (r->position < 2) {
		if (byte == start[r->position])
			r->position++;
		else
			r->waits = true;
	} else if (r->position == 2 && !r->left) {
		assert_int_not_equal(byte, 0);
		r->waits = byte > 74;
		r->left = r->waits ? 0 : byte + 2U;
		r->position = r->waits ? 2 : 3;
	} else if (r->left) {
		r->left -= byte != 0x7d; /* an escape is no byte of data */
	} else {
		r->waits = byte != 0x7e;
		r->frames += byte == 0x7e;
		r->position = r->waits ? 2 : 0;
	}
}

static void resync_helps_a_receiver_that_keeps_its_position(void **state)
{
	static const uint8_t data[] = { TYPE, 1, 2, 3 };

	(void)state;
	for (unsigned int position = 0; position < 3; position++) {
		struct stubborn r = { .position = position };
		uint8_t line[64];
		size_t n;

		for (unsigned int round = 0; round < 2; round++) {
			n = send_from_peer(data, sizeof(data), line,
					   sizeof(line));
			for (size_t i = 0; i < n; i++)
				stubborn_rx(&r, line[i]);
			assert_int_equal(r.frames, position ? 0 : round + 1);
		}
		mctp_serial_resync(&peer_serial);
		r.frames = 0;
		n = send_from_peer(data, sizeof(data), line, sizeof(line));
		for (size_t i = 0; i < n; i++)
			stubborn_rx(&r, line[i]);
		/* From position 2, the resynchronization itself is a frame
		 * with a wrong FCS. */
		assert_int_equal(r.frames, position ? 2 : 1);
		messages = 0;
		mctp_serial_rx(&s, line, n, 0);
		assert_int_equal(messages, 1);
	}
}

/* One flag may end a frame and begin the next one. */
static void accepts_a_shared_flag_between_frames(void **state)
{
	static const uint8_t data[] = { TYPE, 1, 2 };
	uint8_t line[64];
	size_t n;

	(void)state;
	n = send_from_peer(data, sizeof(data), line, sizeof(line));
	mctp_serial_rx(&s, line, n, 0);
	mctp_serial_rx(&s, line + 1, n - 1, 0);
	assert_int_equal(messages, 2);
}

/* Each byte of a frame dropped, doubled and with each bit changed: the message
 * is lost or arrives unchanged, and the next two frames restore the link. */
static void recovers_from_damage_at_each_byte(void **state)
{
	static const uint8_t data[] = { TYPE, 0x10, 0x7e, 0x7d, 0x01, 0x40 };
	uint8_t good[64], line[80];
	size_t n;

	(void)state;
	n = send_from_peer(data, sizeof(data), good, sizeof(good));
	for (size_t at = 0; at < n; at++)
		for (int how = 0; how < 10; how++) {
			size_t len = n;

			memcpy(line, good, at);
			if (how == 0) {
				memcpy(line + at, good + at + 1, n - at - 1);
				len--;
			} else if (how == 1) {
				line[at] = good[at];
				memcpy(line + at + 1, good + at, n - at);
				len++;
			} else {
				memcpy(line + at, good + at, n - at);
				line[at] ^= (uint8_t)(1 << (how - 2));
			}
			messages = 0;
			mctp_serial_rx(&s, line, len, 0);
			if (messages)
				assert_memory_equal(last, data, sizeof(data));
			mctp_serial_rx(&s, good, n, 0);
			mctp_serial_rx(&s, good, n, 0);
			messages = 0;
			mctp_serial_rx(&s, good, n, 0);
			assert_int_equal(messages, 1);
			assert_memory_equal(last, data, sizeof(data));
		}
}

static void counts_each_reason_of_a_drop(void **state)
{
	static const uint8_t noise[] = { 1, 2, 3 };
	static const uint8_t version[] = { 0x7e, 0x02 };
	static const uint8_t shorter[] = { 0x7e, 0x01, 0x05, 1, 0x7e };
	static const uint8_t tiny[] = { 0x7e, 0x01, 0x03 };
	static const uint8_t fcs[] = { 0x7e, 0x01, 0x05, 1, OWN, PEER,
				       0xc8, 0,	   0,	 0, 0x7e };

	(void)state;
	mctp_serial_rx(&s, noise, sizeof(noise), 0);
	assert_int_equal(s.counter[MCTP_SERIAL_DROP_NOISE], 3);
	mctp_serial_rx(&s, version, sizeof(version), 0);
	assert_int_equal(s.counter[MCTP_SERIAL_DROP_VERSION], 1);
	mctp_serial_rx(&s, shorter, sizeof(shorter), 0);
	assert_int_equal(s.counter[MCTP_SERIAL_DROP_LENGTH], 1);
	mctp_serial_rx(&s, tiny, sizeof(tiny), 0);
	assert_int_equal(s.counter[MCTP_SERIAL_DROP_LENGTH], 2);
	mctp_serial_rx(&s, fcs, sizeof(fcs), 0);
	assert_int_equal(s.counter[MCTP_SERIAL_DROP_FCS], 1);
	assert_int_equal(messages, 0);
	for (int i = 0; i < MCTP_SERIAL_COUNTERS; i++)
		assert_int_equal(strncmp(mctp_serial_counter_name(
						 (enum mctp_serial_counter)i),
					 "serial-", 7),
				 0);
}

/* The messages that may arrive: this one, and the one before if its last flag
 * was lost. */
static uint8_t sent_data[2][60];
static size_t sent_len[2];
static unsigned int arrived;

static void compare(void *ctx, const struct mctp_msg *msg)
{
	(void)ctx;
	for (int i = 0; i < 2; i++)
		if (msg->len == sent_len[i] &&
		    !memcmp(msg->data, sent_data[i], msg->len)) {
			arrived++;
			return;
		}
	fail_msg("a message of %zu bytes is wrong", msg->len);
}

/* Copy bytes with noise: of 1000 bytes one each is dropped, changed and
 * doubled. Returns their number. */
static size_t add_noise(uint8_t *to, const uint8_t *from, size_t n)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		int chance = rand() % 1000;

		if (chance == 0)
			continue;
		to[len++] = chance == 1 ? from[i] ^ 0x10 : from[i];
		if (chance == 2)
			to[len++] = from[i];
	}
	return len;
}

static void never_delivers_a_damaged_message(void **state)
{
	uint8_t line[256], noisy[600];

	(void)state;
	srand(1);
	arrived = 0;
	m.handlers = 0;
	assert_int_equal(mctp_register(&m, TYPE, compare, NULL), ERR_OK);
	for (int round = 0; round < 20000; round++) {
		uint8_t *data = sent_data[round % 2];
		size_t size = 5 + (size_t)rand() % 55, n;

		sent_len[round % 2] = size;
		data[0] = TYPE;
		for (size_t i = 1; i < size; i++)
			data[i] = (uint8_t)rand();
		n = send_from_peer(data, size, line, sizeof(line));
		mctp_serial_rx(&s, noisy, add_noise(noisy, line, n), 0);
	}
	assert_in_range(arrived, 15000, 19999);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup(f, start)
	const struct CMUnitTest tests[] = {
		CASE(reference_has_the_check_value_of_fcs_16),
		CASE(frames_a_packet_as_specified),
		CASE(receives_any_bytes_in_any_pieces),
		CASE(splits_frames_at_the_end_of_a_small_buffer),
		CASE(resync_helps_a_receiver_that_keeps_its_position),
		CASE(accepts_a_shared_flag_between_frames),
		CASE(recovers_from_damage_at_each_byte),
		CASE(counts_each_reason_of_a_drop),
		CASE(never_delivers_a_damaged_message),
	};
#undef CASE
	return cmocka_run_group_tests(tests, NULL, NULL);
}

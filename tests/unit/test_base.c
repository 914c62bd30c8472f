/* SPDX-License-Identifier: Apache-2.0 */
#include "cm.h"

#include <stdio.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/err.h"
#include "base/log.h"
#include "base/sha256.h"
#include "base/uuid.h"
#include "base/wire.h"

static void crc32c_matches_rfc3720_vectors(void **state)
{
	uint8_t buf[32];

	(void)state;
	/* RFC 3720 B.4 */
	assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283);
	memset(buf, 0, sizeof(buf));
	assert_int_equal(crc32c(0, buf, 32), 0x8a9136aa);
	memset(buf, 0xff, sizeof(buf));
	assert_int_equal(crc32c(0, buf, 32), 0x62a8ab43);
	for (unsigned int i = 0; i < 32; i++)
		buf[i] = (uint8_t)i;
	assert_int_equal(crc32c(0, buf, 32), 0x46dd794e);
}

static void crc32c_of_pieces_equals_crc32c_of_whole(void **state)
{
	uint8_t buf[257];
	uint32_t whole;

	(void)state;
	for (size_t i = 0; i < sizeof(buf); i++)
		buf[i] = (uint8_t)(i * 7 + 3);
	whole = crc32c(0, buf, sizeof(buf));
	for (size_t cut = 0; cut <= sizeof(buf); cut++)
		assert_int_equal(crc32c(crc32c(0, buf, cut), buf + cut,
					sizeof(buf) - cut),
				 whole);
}

static void sha256_matches_fips180_vectors(void **state)
{
	/* FIPS 180-4 examples: "abc", and the 56-byte message */
	static const uint8_t abc[] = {
		0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
		0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
		0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
		0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
	};
	static const uint8_t two[] = { 0x24, 0x8d, 0x6a, 0x61,
				       0xd2, 0x06, 0x38, 0xb8 };
	static const char text[] =
		"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	uint8_t digest[SHA256_SIZE];
	struct sha256 s;

	(void)state;
	sha256_init(&s);
	sha256_update(&s, "abc", 3);
	sha256_final(&s, digest);
	assert_memory_equal(digest, abc, sizeof(abc));
	sha256_init(&s);
	sha256_update(&s, text, 5);
	sha256_update(&s, text + 5, sizeof(text) - 6);
	sha256_final(&s, digest);
	assert_memory_equal(digest, two, sizeof(two));
}

static void hmac_matches_rfc4231_case_2(void **state)
{
	static const uint8_t want[] = { 0x5b, 0xdc, 0xc1, 0x46,
					0xbf, 0x60, 0x75, 0x4e };
	uint8_t mac[SHA256_SIZE];

	(void)state;
	sha256_hmac("Jefe", 4, "what do ya want for nothing?", 28, mac);
	assert_memory_equal(mac, want, sizeof(want));
}

static void uuid_has_version_4_and_rfc9562_variant(void **state)
{
	uint8_t id[DEVICE_ID_SIZE] = { 1, 2, 3 }, uuid[UUID_SIZE];
	uint8_t other[UUID_SIZE];
	char text[UUID_TEXT];

	(void)state;
	uuid_from_device_id(id, uuid);
	assert_int_equal(uuid[6] >> 4, 4);
	assert_int_equal(uuid[8] >> 6, 2);
	uuid_format(uuid, text);
	assert_int_equal(strlen(text), 36);
	assert_int_equal(text[8], '-');
	assert_int_equal(text[14], '4');
	id[11] = 1;
	uuid_from_device_id(id, other);
	assert_memory_not_equal(uuid, other, UUID_SIZE);
}

static void cursors_reject_access_past_the_end(void **state)
{
	uint8_t buf[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct rd r = rd_init(buf, 7);
	struct wr w = wr_init(buf, 3);

	(void)state;
	assert_int_equal(rd_le16(&r), 0x0201);
	assert_int_equal(rd_be32(&r), 0x03040506);
	assert_true(rd_ok(&r));
	assert_int_equal(rd_le16(&r), 0);
	assert_false(rd_ok(&r));
	assert_int_equal(rd_u8(&r),
			 0); /* the error is sticky, although a byte remains */
	wr_le16(&w, 0xbeef);
	assert_true(wr_ok(&w));
	wr_le32(&w, 0);
	assert_false(wr_ok(&w));
	wr_u8(&w, 0);
	assert_int_equal(wr_len(&w), 2);
	assert_int_equal(buf[0], 0xef);
	assert_int_equal(buf[2], 3);
}

static struct log ring;

static void log_line_has_time_and_level(void **state)
{
	struct log_sink s;
	char buf[200];
	size_t n;

	(void)state;
	log_init(&ring, LOG_LEVEL_INFO);
	log_sink_init(&s, &ring, LOG_LEVEL_TRACE);
	log_set_time(&ring, 1234);
	log_write(&ring, LOG_LEVEL_INFO, "hello %d", 5);
	log_write(&ring, LOG_LEVEL_DEBUG, "not kept");
	n = log_sink_pull(&s, buf, sizeof(buf));
	buf[n] = '\0';
	assert_string_equal(buf, "      1234 INFO  hello 5\n");
	assert_int_equal(log_sink_pull(&s, buf, sizeof(buf)), 0);
}

static void log_sink_skips_less_important_levels(void **state)
{
	struct log_sink s;
	char buf[200];
	size_t n;

	(void)state;
	log_init(&ring, LOG_LEVEL_TRACE);
	log_sink_init(&s, &ring, LOG_LEVEL_DEBUG);
	log_write(&ring, LOG_LEVEL_TRACE, "secret");
	log_write(&ring, LOG_LEVEL_ERROR, "seen");
	n = log_sink_pull(&s, buf, sizeof(buf) - 1);
	buf[n] = '\0';
	assert_null(strstr(buf, "secret"));
	assert_non_null(strstr(buf, "ERROR seen\n"));
}

static void log_reports_missed_lines_to_a_slow_sink(void **state)
{
	struct log_sink s;
	char line[LOG_LINE_MAX];
	unsigned int seen = 0, missed = 0, next;
	size_t n, at = 0;

	(void)state;
	log_init(&ring, LOG_LEVEL_INFO);
	log_sink_init(&s, &ring, LOG_LEVEL_INFO);
	for (unsigned int i = 0; i < 5000; i++)
		log_write(&ring, LOG_LEVEL_INFO, "line %u", i);
	/* Read the log one byte at a time. */
	while ((n = log_sink_pull(&s, line + at, 1)) == 1) {
		if (line[at++] != '\n')
			continue;
		line[at - 1] = '\0';
		at = 0;
		if (sscanf(line, "(missed %u lines)", &missed) == 1)
			continue;
		assert_int_equal(sscanf(line, "%*u INFO line %u", &next), 1);
		assert_int_equal(next, missed + seen);
		seen++;
	}
	assert_true(missed > 0);
	assert_int_equal(seen + missed, 5000);
}

static void log_truncates_long_lines(void **state)
{
	struct log_sink s;
	char text[500], buf[500];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_init(&ring, LOG_LEVEL_INFO);
	log_sink_init(&s, &ring, LOG_LEVEL_INFO);
	log_write(&ring, LOG_LEVEL_INFO, "%s", text);
	assert_int_equal(log_sink_pull(&s, buf, sizeof(buf)), LOG_LINE_MAX);
	assert_int_equal(buf[LOG_LINE_MAX - 1], '\n');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crc32c_matches_rfc3720_vectors),
		cmocka_unit_test(crc32c_of_pieces_equals_crc32c_of_whole),
		cmocka_unit_test(sha256_matches_fips180_vectors),
		cmocka_unit_test(hmac_matches_rfc4231_case_2),
		cmocka_unit_test(uuid_has_version_4_and_rfc9562_variant),
		cmocka_unit_test(cursors_reject_access_past_the_end),
		cmocka_unit_test(log_line_has_time_and_level),
		cmocka_unit_test(log_sink_skips_less_important_levels),
		cmocka_unit_test(log_reports_missed_lines_to_a_slow_sink),
		cmocka_unit_test(log_truncates_long_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

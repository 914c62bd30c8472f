/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests for posix/parse.h. */
#include "cm.h"

#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "posix/parse.h"

enum { UNTOUCHED = 77 };

static void expect_number(const char *text, int base, uint64_t min,
			  uint64_t max, uint64_t want)
{
	uint64_t value = UNTOUCHED;

	assert_int_equal(parse_number(text, base, min, max, &value), ERR_OK);
	assert_int_equal(value, want);
}

static void reject_number(const char *text, int base, uint64_t min,
			  uint64_t max)
{
	uint64_t value = UNTOUCHED;

	assert_int_equal(parse_number(text, base, min, max, &value),
			 ERR_INVALID);
	assert_int_equal(value, UNTOUCHED);
}

static void number_accepts_values_from_min_to_max(void **state)
{
	(void)state;
	expect_number("0", 10, 0, 9, 0);
	expect_number("1", 10, 1, 9, 1);
	expect_number("9", 10, 1, 9, 9);
	expect_number("18446744073709551615", 10, 0, UINT64_MAX, UINT64_MAX);
	expect_number("ffffffffffffffff", 16, 0, UINT64_MAX, UINT64_MAX);
	reject_number("0", 10, 1, 9);
	reject_number("10", 10, 1, 9);
	reject_number("10000", 16, 0, 0xffff);
	reject_number("18446744073709551616", 10, 0, UINT64_MAX);
	reject_number("10000000000000000", 16, 0, UINT64_MAX);
	reject_number("99999999999999999999999", 10, 0, UINT64_MAX);
}

static void expect_size(const char *text, uint64_t want, bool want_unit)
{
	uint64_t value = UNTOUCHED;
	bool has_unit = !want_unit;

	assert_int_equal(parse_size(text, 0, UINT64_MAX, &value, &has_unit),
			 ERR_OK);
	assert_true(value == want);
	assert_int_equal(has_unit, want_unit);
}

static void reject_size(const char *text, uint64_t min, uint64_t max)
{
	uint64_t value = UNTOUCHED;

	assert_int_equal(parse_size(text, min, max, &value, NULL), ERR_INVALID);
	assert_int_equal(value, UNTOUCHED);
}

static void size_accepts_decimal_and_binary_units(void **state)
{
	static const char *const wrong[] = {
		"",	"GB",	"1G",	"1K",	 "1KB",	   "1kiB",
		"1 GB", "-1GB", "1.GB", "1.5",	 "1.5B",   "1..5GB",
		"1GBx", "0x1g", "1gb",	"1e3GB", "20PiB4", "99999999PB",
		".5GB", "1i",	"1iB",
	};

	(void)state;
	expect_size("0", 0, false);
	expect_size("4096", 4096, false);
	expect_size("0x1000", 4096, false);
	expect_size("7B", 7, true);
	expect_size("1kB", 1000, true);
	expect_size("1KiB", 1024, true);
	expect_size("500GB", UINT64_C(500000000000), true);
	expect_size("1GiB", UINT64_C(1) << 30, true);
	expect_size("1.5GiB", UINT64_C(3) << 29, true);
	expect_size("1.92TB", UINT64_C(1920000000000), true);
	expect_size("1.50TB", UINT64_C(1500000000000), true);
	expect_size("16383PiB", UINT64_C(16383) << 50, true);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		reject_size(wrong[i], 0, UINT64_MAX);
	reject_size("16384PiB", 0, UINT64_MAX);
	reject_size("1.0000000000000000000001TB", 0, UINT64_MAX);
	reject_size("1kB", 0, 999);
	reject_size("1kB", 1001, 2000);
}

static void kelvin_accepts_celsius(void **state)
{
	static const char *const wrong[] = { "",     "C",     "85F",   "85 C",
					     "-1",   "-1K",   "-274C", "85c",
					     "85CC", "65536", "--1C" };
	uint64_t value = UNTOUCHED;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(parse_kelvin(wrong[i], UINT16_MAX, &value),
				 ERR_INVALID);
	assert_int_equal(value, UNTOUCHED);
	assert_int_equal(parse_kelvin("85C", UINT16_MAX, &value), ERR_OK);
	assert_int_equal(value, 358);
	assert_int_equal(parse_kelvin("-10C", UINT16_MAX, &value), ERR_OK);
	assert_int_equal(value, 263);
	assert_int_equal(parse_kelvin("-273C", UINT16_MAX, &value), ERR_OK);
	assert_int_equal(value, 0);
	assert_int_equal(parse_kelvin("350", UINT16_MAX, &value), ERR_OK);
	assert_int_equal(value, 350);
	assert_int_equal(parse_kelvin("0x15e", UINT16_MAX, &value), ERR_OK);
	assert_int_equal(value, 350);
	assert_int_equal(parse_kelvin("350K", UINT16_MAX, &value), ERR_OK);
	assert_int_equal(value, 350);
}

static void number_accepts_the_prefix_of_its_base(void **state)
{
	(void)state;
	expect_number("ccDE", 16, 0, 0xffff, 0xccde);
	expect_number("0xccde", 16, 0, 0xffff, 0xccde);
	expect_number("0x10", 0, 0, UINT32_MAX, 16);
	expect_number("0X10", 0, 0, UINT32_MAX, 16);
	expect_number("16", 0, 0, UINT32_MAX, 16);
	reject_number("0x10", 10, 0, UINT32_MAX);
	reject_number("0x", 0, 0, UINT32_MAX);
	reject_number("0x", 16, 0, UINT32_MAX);
	reject_number("0x0x1", 16, 0, UINT32_MAX);
	reject_number("0xg", 0, 0, UINT32_MAX);
	expect_number("0755", 8, 1, 07777, 0755);
	reject_number("0x7", 8, 0, 07777);
	reject_number("8", 8, 0, 07777);
}

static void number_with_leading_zero_is_decimal(void **state)
{
	(void)state;
	expect_number("010", 0, 0, 99, 10);
	expect_number("010", 10, 0, 99, 10);
	expect_number("09", 0, 0, 99, 9);
}

static void number_rejects_signs_spaces_and_trailing_text(void **state)
{
	static const char *const wrong[] = { "",   " ",	  "x",	 "1x",	"1 ",
					     " 1", "-1",  "+1",	 "- 1", "1-",
					     "\n", "\t1", "1.0", "0x",	"1e3" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		reject_number(wrong[i], 10, 0, UINT64_MAX);
	reject_number("ccdg", 16, 0, 0xffff);
	/* strtoull() accepts this text and returns 2^64 - 1. */
	reject_number(" -1", 10, 0, UINT64_MAX);
}

static void next_stops_behind_the_number(void **state)
{
	const char *text = "  12 0xab,7";
	const char *full = "256 ";
	uint64_t value = UNTOUCHED;

	(void)state;
	assert_int_equal(parse_next(&text, 10, 99, &value), ERR_OK);
	assert_int_equal(value, 12);
	assert_string_equal(text, " 0xab,7");
	assert_int_equal(parse_next(&text, 0, 255, &value), ERR_OK);
	assert_int_equal(value, 0xab);
	assert_string_equal(text, ",7");
	assert_int_equal(parse_next(&text, 10, 99, &value), ERR_INVALID);
	assert_string_equal(text, ",7");
	assert_int_equal(parse_next(&full, 10, 255, &value), ERR_INVALID);
	assert_string_equal(full, "256 ");
	assert_int_equal(value, 0xab);
}

static void decimal_accepts_fractions_within_limits(void **state)
{
	double value = UNTOUCHED;

	(void)state;
	assert_int_equal(parse_decimal("1.5", 0, 2, &value), ERR_OK);
	assert_true(value == 1.5);
	assert_int_equal(parse_decimal("0.25", 0, 2, &value), ERR_OK);
	assert_true(value == 0.25);
	assert_int_equal(parse_decimal("2", 0, 2, &value), ERR_OK);
	assert_true(value == 2);
}

static void decimal_rejects_other_notations(void **state)
{
	static const char *const wrong[] = { "",   ".5",  "1.",	 "1.5.1", "-1",
					     "+1", "1e1", "inf", "nan",	  "0x1",
					     " 1", "1 ",  "101", "1,5" };
	double value = UNTOUCHED;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(parse_decimal(wrong[i], 0, 100, &value),
				 ERR_INVALID);
	assert_int_equal(parse_decimal("0.5", 1, 2, &value), ERR_INVALID);
	assert_true(value == UNTOUCHED);
}

static void hex_decodes_exactly_the_given_size(void **state)
{
	const uint8_t want[] = { 0x00, 0x9a, 0xff };
	uint8_t out[4] = { UNTOUCHED, UNTOUCHED, UNTOUCHED, UNTOUCHED };

	(void)state;
	assert_int_equal(parse_hex("009afF", 0, out, 3), ERR_OK);
	assert_memory_equal(out, want, sizeof(want));
	assert_int_equal(out[3], UNTOUCHED);
}

static void hex_rejects_other_sizes_and_characters(void **state)
{
	static const char *const wrong[] = { "009af",  "009aff0", "009aff00",
					     "0x9aff", "00 aff",  "+09aff",
					     "",       "00:9a:ff" };
	uint8_t out[4];

	(void)state;
	memset(out, UNTOUCHED, sizeof(out));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(parse_hex(wrong[i], 0, out, 3), ERR_INVALID);
	for (size_t i = 0; i < sizeof(out); i++)
		assert_int_equal(out[i], UNTOUCHED);
}

static void hex_requires_its_separator(void **state)
{
	static const char *const wrong[] = { "009aff",	  "00-9a-ff",
					     "00:9aff",	  "00:9a:ff:",
					     ":00:9a:ff", "00::9a:ff" };
	const uint8_t want[] = { 0x00, 0x9a, 0xff };
	uint8_t out[3];

	(void)state;
	assert_int_equal(parse_hex("00:9A:ff", ':', out, 3), ERR_OK);
	assert_memory_equal(out, want, sizeof(want));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(parse_hex(wrong[i], ':', out, 3), ERR_INVALID);
}

static void hex_bytes_sets_the_length(void **state)
{
	const uint8_t want[] = { 0x01, 0x0a, 0xff };
	uint8_t out[3];
	size_t len = 0;

	(void)state;
	assert_int_equal(parse_hex_bytes("010aFF", "", out, 3, &len), ERR_OK);
	assert_int_equal(len, 3);
	assert_memory_equal(out, want, 3);
	assert_int_equal(parse_hex_bytes("01", "", out, 3, &len), ERR_OK);
	assert_int_equal(len, 1);
	assert_int_equal(parse_hex_bytes(" 01: 0a ff ", " :", out, 3, &len),
			 ERR_OK);
	assert_int_equal(len, 3);
	assert_memory_equal(out, want, 3);
}

static void hex_bytes_rejects_what_is_not_pairs(void **state)
{
	uint8_t out[3];
	size_t len = UNTOUCHED;

	(void)state;
	assert_int_equal(parse_hex_bytes("", "", out, 3, &len), ERR_INVALID);
	assert_int_equal(parse_hex_bytes("  ", " ", out, 3, &len), ERR_INVALID);
	assert_int_equal(parse_hex_bytes("010", "", out, 3, &len), ERR_INVALID);
	assert_int_equal(parse_hex_bytes("0 1", " ", out, 3, &len),
			 ERR_INVALID);
	assert_int_equal(parse_hex_bytes("01 02", "", out, 3, &len),
			 ERR_INVALID);
	assert_int_equal(parse_hex_bytes("01020304", "", out, 3, &len),
			 ERR_FULL);
	assert_int_equal(len, UNTOUCHED);
}

static void expect_address(const char *text, const char *want,
			   uint16_t want_port)
{
	char address[24];
	uint16_t port = UNTOUCHED;

	assert_int_equal(parse_address(text, address, sizeof(address), &port),
			 ERR_OK);
	assert_string_equal(address, want);
	assert_int_equal(port, want_port);
}

static void address_accepts_names_ipv4_and_ipv6(void **state)
{
	(void)state;
	expect_address("127.0.0.1:3240", "127.0.0.1", 3240);
	expect_address("127.0.0.1", "127.0.0.1", UNTOUCHED);
	expect_address("127.0.0.1:0", "127.0.0.1", 0);
	expect_address("host:65535", "host", 65535);
	expect_address("[::1]:3240", "::1", 3240);
	expect_address("[::1]", "::1", UNTOUCHED);
	expect_address("::1", "::1", UNTOUCHED);
	expect_address("fe80::1:3240", "fe80::1:3240", UNTOUCHED);
	expect_address("12345678901234567890123", "12345678901234567890123",
		       UNTOUCHED);
}

static void address_rejects_wrong_ports_brackets_and_lengths(void **state)
{
	static const char *const wrong[] = {
		"",	    ":3240",  "host:",	  "host:65536",
		"host:-1",  "host:x", "host: 1",  "[::1]3240",
		"[::1]:",   "[::1",   "[]:3240",  "[::1]:99999",
		"[::1]:+1", "[",      "host:1 2", "123456789012345678901234",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char address[24];
		uint16_t port = UNTOUCHED;

		assert_int_equal(parse_address(wrong[i], address,
					       sizeof(address), &port),
				 ERR_INVALID);
		assert_int_equal(port, UNTOUCHED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(number_accepts_values_from_min_to_max),
		cmocka_unit_test(number_accepts_the_prefix_of_its_base),
		cmocka_unit_test(size_accepts_decimal_and_binary_units),
		cmocka_unit_test(kelvin_accepts_celsius),
		cmocka_unit_test(number_with_leading_zero_is_decimal),
		cmocka_unit_test(number_rejects_signs_spaces_and_trailing_text),
		cmocka_unit_test(next_stops_behind_the_number),
		cmocka_unit_test(decimal_accepts_fractions_within_limits),
		cmocka_unit_test(decimal_rejects_other_notations),
		cmocka_unit_test(hex_decodes_exactly_the_given_size),
		cmocka_unit_test(hex_rejects_other_sizes_and_characters),
		cmocka_unit_test(hex_requires_its_separator),
		cmocka_unit_test(hex_bytes_sets_the_length),
		cmocka_unit_test(hex_bytes_rejects_what_is_not_pairs),
		cmocka_unit_test(address_accepts_names_ipv4_and_ipv6),
		cmocka_unit_test(
			address_rejects_wrong_ports_brackets_and_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

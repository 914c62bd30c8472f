/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers, ids and addresses of command lines: whole, or not at all. */
#include "cm.h"

#include <string.h>

#include "base/err.h"
#include "posix/argument.h"

enum { LEFT = 77 };

static void number_is(const char *text, int base, uint64_t min, uint64_t max,
		      uint64_t want)
{
	uint64_t value = LEFT;

	assert_int_equal(argument_number(text, base, min, max, &value), ERR_OK);
	assert_int_equal(value, want);
}

static void no_number(const char *text, int base, uint64_t min, uint64_t max)
{
	uint64_t value = LEFT;

	assert_int_equal(argument_number(text, base, min, max, &value),
			 ERR_INVALID);
	assert_int_equal(value, LEFT);
}

static void numbers_within_their_limits(void **state)
{
	(void)state;
	number_is("0", 10, 0, 9, 0);
	number_is("1", 10, 1, 9, 1);
	number_is("9", 10, 1, 9, 9);
	number_is("18446744073709551615", 10, 0, UINT64_MAX, UINT64_MAX);
	number_is("ccDE", 16, 0, 0xffff, 0xccde);
	number_is("0xccde", 16, 0, 0xffff, 0xccde);
	number_is("0x10", 0, 0, UINT32_MAX, 16);
	number_is("16", 0, 0, UINT32_MAX, 16);
	no_number("0", 10, 1, 9);
	no_number("10", 10, 1, 9);
	no_number("10000", 16, 0, 0xffff);
	no_number("18446744073709551616", 10, 0, UINT64_MAX);
}

static void nothing_else_is_a_number(void **state)
{
	static const char *const wrong[] = { "",   " ",	  "x",	 "1x",	"1 ",
					     " 1", "-1",  "+1",	 "- 1", "1-",
					     "\n", "\t1", "1.0", "0x",	"1e3" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		no_number(wrong[i], 10, 0, UINT64_MAX);
	no_number("ccdg", 16, 0, 0xffff);
	/* 2^64 - 1, as strtoull() reads it */
	no_number(" -1", 10, 0, UINT64_MAX);
}

static void hex_of_just_that_many_bytes(void **state)
{
	const uint8_t want[] = { 0x00, 0x9a, 0xFf };
	uint8_t out[4] = { LEFT, LEFT, LEFT, LEFT };

	(void)state;
	assert_int_equal(argument_hex("009afF", out, 3), ERR_OK);
	assert_memory_equal(out, want, sizeof(want));
	assert_int_equal(out[3], LEFT);
	memset(out, LEFT, sizeof(out));
	assert_int_equal(argument_hex("009af", out, 3), ERR_INVALID);
	assert_int_equal(argument_hex("009aff0", out, 3), ERR_INVALID);
	assert_int_equal(argument_hex("009aff00", out, 3), ERR_INVALID);
	assert_int_equal(argument_hex("0x9aff", out, 3), ERR_INVALID);
	assert_int_equal(argument_hex("00 aff", out, 3), ERR_INVALID);
	assert_int_equal(argument_hex("+09aff", out, 3), ERR_INVALID);
	assert_int_equal(argument_hex("", out, 3), ERR_INVALID);
	for (size_t i = 0; i < sizeof(out); i++)
		assert_int_equal(out[i], LEFT);
}

static void address_is(const char *text, const char *want, uint16_t want_port)
{
	char address[24];
	uint16_t port = LEFT;

	assert_int_equal(
		argument_address(text, address, sizeof(address), &port),
		ERR_OK);
	assert_string_equal(address, want);
	assert_int_equal(port, want_port);
}

static void no_address(const char *text)
{
	char address[24];
	uint16_t port = LEFT;

	assert_int_equal(
		argument_address(text, address, sizeof(address), &port),
		ERR_INVALID);
	assert_int_equal(port, LEFT);
}

static void addresses_with_and_without_a_port(void **state)
{
	(void)state;
	address_is("127.0.0.1:3240", "127.0.0.1", 3240);
	address_is("127.0.0.1", "127.0.0.1", LEFT);
	address_is("127.0.0.1:0", "127.0.0.1", 0);
	address_is("host:65535", "host", 65535);
	address_is("[::1]:3240", "::1", 3240);
	address_is("[::1]", "::1", LEFT);
	address_is("::1", "::1", LEFT);
	address_is("fe80::1:3240", "fe80::1:3240", LEFT);
	address_is("12345678901234567890123", "12345678901234567890123", LEFT);
}

static void what_is_no_address(void **state)
{
	static const char *const wrong[] = {
		"",	    ":3240",  "host:",	  "host:65536",
		"host:-1",  "host:x", "host: 1",  "[::1]3240",
		"[::1]:",   "[::1",   "[]:3240",  "[::1]:99999",
		"[::1]:+1", "[",      "host:1 2", "123456789012345678901234",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		no_address(wrong[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_within_their_limits),
		cmocka_unit_test(nothing_else_is_a_number),
		cmocka_unit_test(hex_of_just_that_many_bytes),
		cmocka_unit_test(addresses_with_and_without_a_port),
		cmocka_unit_test(what_is_no_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

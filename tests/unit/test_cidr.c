/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests for posix/cidr.h. */
#include "cm.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "posix/cidr.h"

static void parse(const char *text, uint8_t address[16])
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
		assert_true(
			cidr_address((const struct sockaddr *)&v4, address));
		return;
	}
	assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
	assert_true(cidr_address((const struct sockaddr *)&v6, address));
}

static bool contains(const char *network, const char *text)
{
	struct cidr_list l = { 0 };
	uint8_t address[16];

	assert_int_equal(cidr_add(&l, network), ERR_OK);
	parse(text, address);
	return cidr_contains(&l, address);
}

static void matches_the_prefix_only(void **state)
{
	(void)state;
	assert_true(contains("192.0.2.0/24", "192.0.2.255"));
	assert_false(contains("192.0.2.0/24", "192.0.3.0"));
	assert_true(contains("192.0.2.128/25", "192.0.2.200"));
	assert_false(contains("192.0.2.128/25", "192.0.2.127"));
	assert_true(contains("192.0.2.1", "192.0.2.1"));
	assert_false(contains("192.0.2.1", "192.0.2.0"));
	assert_true(contains("0.0.0.0/0", "203.0.113.9"));
	assert_false(contains("0.0.0.0/0", "2001:db8::1"));
	assert_true(contains("2001:db8::/33", "2001:db8:7fff::1"));
	assert_false(contains("2001:db8::/33", "2001:db8:8000::1"));
	assert_true(contains("::/0", "192.0.2.1"));
	/* A dual-stack socket reports IPv4 peers as mapped addresses. */
	assert_true(contains("192.0.2.0/24", "::ffff:192.0.2.7"));
	assert_true(contains("::ffff:192.0.2.0/120", "192.0.2.7"));
	assert_false(contains("192.0.2.0/24", "::192.0.2.7"));
}

static void refuses_what_is_no_network(void **state)
{
	static const char *const wrong[] = {
		"",
		"/",
		"/8",
		"10.0.0.0/",
		"10.0.0.0/33",
		"10.0.0.0/-1",
		"10.0.0.0/8x",
		"10.0.0.0/ 8",
		"10.0.0.1/8",
		"10.0.0/24",
		"host",
		"::/129",
		"2001:db8::1/32",
		"10.0.0.0/8/8",
		"010.0.0.0/8",
		"10.0.0.0 /8",
		"fe80::1%eth0",
	};
	char longest[200];
	struct cidr_list l = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(cidr_add(&l, wrong[i]), ERR_INVALID);
	memset(longest, ':', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(cidr_add(&l, longest), ERR_INVALID);
	assert_int_equal(l.count, 0);
	for (int i = 0; i < CIDR_LIST; i++)
		assert_int_equal(cidr_add(&l, "10.0.0.0/8"), ERR_OK);
	assert_int_equal(cidr_add(&l, "10.0.0.0/8"), ERR_FULL);
}

static void knows_loopback(void **state)
{
	uint8_t address[16];
	const struct sockaddr local = { .sa_family = AF_UNIX };

	(void)state;
	parse("127.0.0.1", address);
	assert_true(cidr_is_loopback(address));
	parse("127.255.0.1", address);
	assert_true(cidr_is_loopback(address));
	parse("::1", address);
	assert_true(cidr_is_loopback(address));
	parse("128.0.0.1", address);
	assert_false(cidr_is_loopback(address));
	parse("::2", address);
	assert_false(cidr_is_loopback(address));
	assert_false(cidr_address(&local, address));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_the_prefix_only),
		cmocka_unit_test(refuses_what_is_no_network),
		cmocka_unit_test(knows_loopback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Compares the firmware's snprintf() with the C library's. */
#include "cm.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int firmware_vsnprintf(char *text, size_t cap, const char *format,
		       va_list args);
int firmware_snprintf(char *text, size_t cap, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define same(...)                                                              \
	do {                                                                   \
		char ours[300], theirs[300];                                   \
		int n = firmware_snprintf(ours, sizeof(ours), __VA_ARGS__);    \
                                                                               \
		assert_int_equal(                                              \
			n, snprintf(theirs, sizeof(theirs), __VA_ARGS__));     \
		assert_string_equal(ours, theirs);                             \
	} while (0)

static void formats_like_the_c_library(void **state)
{
	(void)state;
	same("plain");
	same("%10lu %-5s ", 1234UL, "INFO");
	same("%10lu %-5s ", 4294967295UL, "ERROR");
	same("%02x%02X %x", 7, 0xab, 0U);
	same("%08lx %lx", 0x24001234UL, 0UL);
	same("%d %i %d %d", 0, -1, 2147483647, -2147483647 - 1);
	same("[%5d] [%-5d] [%05d] [%05d]", 42, 42, 42, -42);
	same("%u %lu %llu", 0U, 4000000000UL, 18446744073709551615ULL);
	same("%lld %llx", -9223372036854775807LL, 0x123456789abcdefULL);
	same("%zu", sizeof(int));
	same("%s|%10s|%-10s|%.3s|%.*s", "a", "b", "c", "defgh", 2, "ijk");
	same("%c%c %%", 'x', 'y');
	same("%hu %hhu", (unsigned short)7, (unsigned char)8);
	same("%*d|%-*d|", 6, 1, 6, 2);
}

static void truncates_and_terminates(void **state)
{
	(void)state;
	for (size_t cap = 0; cap < 12; cap++) {
		char ours[16], theirs[16];

		memset(ours, 'x', sizeof(ours));
		memset(theirs, 'x', sizeof(theirs));
		assert_int_equal(
			firmware_snprintf(ours, cap, "%s %d", "seven", 123), 9);
		/* The expected text is a literal, because gcc warns of a call
		 * that truncates. */
		if (cap) {
			memcpy(theirs, "seven 123", cap - 1 < 9 ? cap - 1 : 9);
			theirs[cap - 1 < 9 ? cap - 1 : 9] = '\0';
		}
		assert_memory_equal(ours, theirs, sizeof(ours));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_like_the_c_library),
		cmocka_unit_test(truncates_and_terminates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests for cli/progress.h, cli/units.h and cli/color.h. */
#include "cm.h"

#include <stdlib.h>
#include <string.h>

#include "cli/color.h"
#include "cli/progress.h"
#include "cli/units.h"

static char line[PROGRESS_LINE];

static const char *format(enum progress_unit unit, uint64_t done, uint64_t all,
			  double rate, int columns)
{
	const struct progress_state s = { .what = "app",
					  .unit = unit,
					  .done = done,
					  .all = all,
					  .rate = rate,
					  .passed_ms = 61000 };
	int len = progress_format(&s, columns, line);

	assert_int_equal(len, strlen(line));
	assert_true(len <= columns);
	return line;
}

static void line_shows_percent_amount_rate_and_time_left(void **state)
{
	(void)state;
	assert_string_equal(
		format(PROGRESS_BYTES, 30000000, 120000000, 2e6, 79),
		"app  [#######---------------------]   25 %  30.0 MB  "
		"2.00 MB/s  0:45 left");
	assert_string_equal(format(PROGRESS_MESSAGES, 50, 100, 10, 43),
			    "app  [####----]   50 %  50  10/s  0:05 left");
	assert_string_equal(format(PROGRESS_PERCENT, 1, 4, 0, 40),
			    "app  [######--------------------]   25 %");
	assert_string_equal(
		format(PROGRESS_MILLISECONDS, 1000, 10000, 0, 50),
		"app  [##-----------------------]   10 %  0:09 left");
}

static void line_without_total_shows_amount_and_time(void **state)
{
	(void)state;
	assert_string_equal(format(PROGRESS_BYTES, 1500, 0, 0, 79),
			    "app  1.50 kB  1:01");
}

static void line_fits_every_width(void **state)
{
	(void)state;
	for (int columns = 0; columns <= 200; columns++) {
		(void)format(PROGRESS_BYTES, 30000000, 120000000, 2e6, columns);
		(void)format(PROGRESS_BYTES, UINT64_MAX, UINT64_MAX, 1,
			     columns);
		(void)format(PROGRESS_BYTES, 0, UINT64_MAX, 1e-9, columns);
		(void)format(PROGRESS_MESSAGES, 7, 0, 0, columns);
	}
	assert_string_equal(format(PROGRESS_BYTES, 3, 12, 0, 12), "app   25 %");
	assert_string_equal(format(PROGRESS_BYTES, 3, 12, 0, 6), " 25 %");
	assert_string_equal(format(PROGRESS_BYTES, 3, 12, 0, 2), "");
}

static void done_beyond_the_total_is_100_percent(void **state)
{
	(void)state;
	assert_non_null(
		strstr(format(PROGRESS_PERCENT, 5, 4, 0, 60), "#]  100 %"));
}

static void sizes_have_three_digits_and_a_unit(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0 B" },
		{ 999, "999 B" },
		{ 1000, "1.00 kB" },
		{ 9994, "9.99 kB" },
		{ 9996, "10.0 kB" },
		{ 99960, "100 kB" },
		{ 999499, "999 kB" },
		{ 999500, "1.00 MB" },
		{ UINT64_C(1920383410176), "1.92 TB" },
		{ UINT64_MAX, "18.4 EB" },
	};
	char text[UNITS_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(units_bytes(cases[i].bytes, text),
				    cases[i].text);
	assert_string_equal(units_duration(7, text), "0:07");
	assert_string_equal(units_duration(3725, text), "1:02:05");
	assert_string_equal(units_celsius(311, text), "38 C");
	assert_string_equal(units_celsius(263, text), "-10 C");
	assert_string_equal(units_celsius(0, text), "-");
}

static void color_needs_a_terminal_or_the_option(void **state)
{
	struct cli c = { 0 };
	FILE *f = tmpfile();

	(void)state;
	assert_non_null(f);
	assert_string_equal(color_start(&c, f, COLOR_BAD), "");
	c.color = CLI_COLOR_ALWAYS;
	assert_string_equal(color_start(&c, f, COLOR_BAD), "\033[31m");
	assert_string_equal(color_end(&c, f), "\033[0m");
	setenv("NO_COLOR", "1", 1);
	assert_true(color_enabled(&c, f));
	unsetenv("NO_COLOR");
	c.json = true;
	assert_false(color_enabled(&c, f));
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_shows_percent_amount_rate_and_time_left),
		cmocka_unit_test(line_without_total_shows_amount_and_time),
		cmocka_unit_test(line_fits_every_width),
		cmocka_unit_test(done_beyond_the_total_is_100_percent),
		cmocka_unit_test(sizes_have_three_digits_and_a_unit),
		cmocka_unit_test(color_needs_a_terminal_or_the_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the suggestions for misspelled words. */
#include "cm.h"

#include <string.h>

#include "posix/suggest.h"

static const char *suggest_for(const char *word)
{
	static const char *const names[] = { "health", "identify", "info",
					     "log",    "log-page", "ls" };
	static struct suggest s;

	suggest_init(&s, word, strlen(word));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		suggest_compare(&s, names[i]);
	return s.best;
}

static void similar_words_are_suggested(void **state)
{
	static const char *const pairs[][2] = {
		{ "helath", "health" },	   { "heath", "health" },
		{ "healthh", "health" },   { "heslth", "health" },
		{ "identfy", "identify" }, { "ident", "identify" },
		{ "inof", "info" },	   { "lgo", "log" },
		{ "logpage", "log-page" }, { "sl", "ls" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		assert_string_equal(suggest_for(pairs[i][0]), pairs[i][1]);
}

static void other_words_are_not_suggested(void **state)
{
	static const char *const words[] = { "",      "x",	  "-",
					     "reset", "sanitize", "hhhhhh" };
	char longest[4 * SUGGEST_WORD];

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		assert_string_equal(suggest_for(words[i]), "");
	memset(longest, 'l', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_string_equal(suggest_for(longest), "");
}

static void long_candidate_is_skipped(void **state)
{
	char candidate[2 * SUGGEST_WORD];
	struct suggest s;

	(void)state;
	memset(candidate, 'l', sizeof(candidate) - 1);
	candidate[sizeof(candidate) - 1] = '\0';
	suggest_init(&s, "log", 3);
	suggest_compare(&s, candidate);
	assert_string_equal(s.best, "");
}

static void first_of_equally_similar_words_is_kept(void **state)
{
	struct suggest s;

	(void)state;
	suggest_init(&s, "pag=3", 3);
	suggest_compare(&s, "pad");
	suggest_compare(&s, "bag");
	assert_string_equal(s.best, "pad");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(similar_words_are_suggested),
		cmocka_unit_test(other_words_are_not_suggested),
		cmocka_unit_test(long_candidate_is_skipped),
		cmocka_unit_test(first_of_equally_similar_words_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

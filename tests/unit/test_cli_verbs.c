/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the tables of all tether verbs: texts, examples, defaults, manual
 * pages. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/cli.h"

enum { OPTION_HELP = 60, VERB_HELP = 56, COLUMNS = 79 };

/* Check a help text: one line in the imperative without a full stop, such as
 * "Show ...". An option for one word of a verb starts with it: "read: Show
 * ...". */
static void assert_help(const char *where, const char *help, size_t longest)
{
	const char *first = strstr(help, ": ");
	const char *text = first ? first + 2 : help;

	if (!help[0] || strlen(help) > longest || strchr(help, '\n') ||
	    help[strlen(help) - 1] == '.' ||
	    (!isupper((unsigned char)*help) && !isupper((unsigned char)*text)))
		fail_msg("%s: help \"%s\" (at most %zu characters, starts with "
			 "an upper case verb, no full stop)",
			 where, help, longest);
}

static void assert_option(const char *verb, const struct cli_option *o)
{
	char where[128];

	snprintf(where, sizeof(where), "%s --%s", verb, o->name);
	assert_help(where, o->help, OPTION_HELP);
	if ((o->type == CLI_FLAG) != !o->value)
		fail_msg("%s: a flag has no value, other options have one",
			 where);
	if ((o->type == CLI_CHOICE) != (o->choices != NULL))
		fail_msg("%s: choices are for CLI_CHOICE", where);
	if (o->min > o->max)
		fail_msg("%s: the range is empty", where);
	if (o->default_value && !cli_value_is_valid(o, o->default_value))
		fail_msg("%s: the default is not in the range", where);
	for (const struct cli_option *i = o + 1; i->name; i++)
		if (!strcmp(i->name, o->name) ||
		    (o->letter && i->letter == o->letter))
			fail_msg("%s is twice in the table", where);
}

static void every_option_has_short_imperative_help(void **state)
{
	char name[CLI_NAME];

	(void)state;
	for (const struct cli_verb *const *v = cli_verbs; *v; v++)
		for (const struct cli_option *o = (*v)->options; o && o->name;
		     o++)
			assert_option(cli_verb_name(*v, name), o);
	for (const struct cli_option *o = cli_global_options; o->name; o++)
		assert_option("global", o);
}

static void assert_lines(const char *verb, const char *text)
{
	for (; text && *text; text += strcspn(text, "\n")) {
		text += *text == '\n';
		if (strcspn(text, "\n") > COLUMNS)
			fail_msg("%s: \"%s\" is longer than %d columns", verb,
				 text, COLUMNS);
	}
}

static void every_verb_has_help_and_examples(void **state)
{
	char name[CLI_NAME], start[CLI_NAME + 8];

	(void)state;
	for (const struct cli_verb *const *v = cli_verbs; *v; v++) {
		cli_verb_name(*v, name);
		assert_help(name, (*v)->help, VERB_HELP);
		assert_lines(name, (*v)->text);
		snprintf(start, sizeof(start), "tether %s", name);
		if (!(*v)->examples || !strstr((*v)->examples, start) ||
		    (*v)->examples[strlen((*v)->examples) - 1] != '\n')
			fail_msg("%s: no example with \"%s\"", name, start);
		for (const struct cli_word *w = (*v)->words; w && w->name; w++)
			assert_help(name, w->help, VERB_HELP);
	}
}

static void every_verb_has_a_handler(void **state)
{
	char name[CLI_NAME];

	(void)state;
	for (const struct cli_verb *const *v = cli_verbs; *v; v++) {
		bool needs_word = (*v)->words && (*v)->min_arguments;

		if (!(*v)->run && !needs_word)
			fail_msg("%s has no handler", cli_verb_name(*v, name));
		for (const struct cli_word *w = (*v)->words; w && w->name; w++)
			assert_non_null(w->run);
	}
}

static void every_verb_is_found_by_its_name(void **state)
{
	(void)state;
	for (const struct cli_verb *const *v = cli_verbs; *v; v++) {
		assert_ptr_equal(cli_find_verb((*v)->group, (*v)->name), *v);
		if ((*v)->group)
			assert_non_null(cli_find_group((*v)->group));
	}
	for (const struct cli_group *g = cli_groups; g->name; g++)
		assert_help(g->name, g->help, VERB_HELP);
	assert_null(cli_find_verb(NULL, "echo"));
	assert_null(cli_find_verb("mctp", "what"));
}

static void every_verb_has_a_manual_page(void **state)
{
	char path[512];

	(void)state;
	for (const struct cli_verb *const *v = cli_verbs; *v; v++) {
		if (!strcmp((*v)->name, "help"))
			continue;
		snprintf(path, sizeof(path), "%s/tether-%s.1.scd", MAN_DIR,
			 (*v)->group ? (*v)->group : (*v)->name);
		if (access(path, R_OK))
			fail_msg("%s does not exist", path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_option_has_short_imperative_help),
		cmocka_unit_test(every_verb_has_help_and_examples),
		cmocka_unit_test(every_verb_has_a_handler),
		cmocka_unit_test(every_verb_is_found_by_its_name),
		cmocka_unit_test(every_verb_has_a_manual_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

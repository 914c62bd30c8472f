/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the parser of tether's command line: order, types, ranges, errors.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/cli.h"

enum { WORDS = 16 };

static int run_nothing(struct cli *c)
{
	(void)c;
	return EXIT_OK;
}

static const struct cli_option options[] = {
	{ "count", 'c', "N", "Count", CLI_NUMBER, .min = 1, .max = 16,
	  .default_value = "4" },
	{ "controllers", 0, "IDS", "Controllers", CLI_NUMBERS, .max = 65535 },
	{ "type", 0, "HEX", "Type", CLI_HEX, .max = 0x7f },
	{ "part", 0, "BYTES", "Part", CLI_SIZE, .min = 256, .max = 32768,
	  .power_of_two = true },
	{ "timeout", 0, "MS", "Time-out", CLI_MILLISECONDS, .min = 1,
	  .max = 1000 },
	{ "data", 0, "HEX", "Data", CLI_BYTES, .min = 1, .max = 4 },
	{ "select", 0, "WHICH", "Select", CLI_CHOICE,
	  .choices = CLI_CHOICES("current", "default", "saved"),
	  .default_value = "current" },
	{ "root", 'r', "DIR", "Root", CLI_FOLDER, .repeats = true },
	{ "follow", 'f', NULL, "Follow" },
	{ "all", 'a', NULL, "All" },
	{ 0 },
};

static const struct cli_option arguments[] = {
	{ "ID", .help = "Id", .type = CLI_NUMBER, .max = 255 },
	{ "FILE", .help = "File", .type = CLI_FILE },
	{ 0 },
};

static const struct cli_word words[] = {
	{ "get", arguments, 1, 1, run_nothing, "Get" },
	{ "list", NULL, 0, 0, run_nothing, "List" },
	{ 0 },
};

static const struct cli_verb plain_verb = {
	.group = "test",
	.name = "plain",
	.synopsis = "ID [FILE]...",
	.help = "Test",
	.options = options,
	.arguments = arguments,
	.max_arguments = 3,
	.device = true,
	.run = run_nothing,
};

static const struct cli_verb text_verb = {
	.name = "text",
	.synopsis = "[WORD]...",
	.help = "Test",
	.options = options,
	.min_arguments = 1,
	.max_arguments = 5,
	.run = run_nothing,
};

static struct cli c;
static char *argv[WORDS];
static char errors[1024];
static bool help;

/* Parse words up to a NULL. The first word is the verb. Redirect stderr to
 * errors. */
static int parse(const struct cli_verb *verb, ...)
{
	int argc = 0, status, saved = dup(STDERR_FILENO), pipes[2];
	ssize_t n;
	va_list list;

	va_start(list, verb);
	argv[argc++] = "verb";
	while (argc < WORDS && (argv[argc] = va_arg(list, char *)))
		argc++;
	va_end(list);
	memset(&c, 0, sizeof(c));
	assert_int_equal(pipe(pipes), 0);
	dup2(pipes[1], STDERR_FILENO);
	status = cli_parse(&c, verb, argc, argv, &help);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(pipes[1]);
	n = read(pipes[0], errors, sizeof(errors) - 1);
	close(pipes[0]);
	errors[n > 0 ? n : 0] = '\0';
	return status;
}

static void assert_error(const char *text)
{
	if (!strstr(errors, text))
		fail_msg("\"%s\" is not in: %s", text, errors);
}

static void options_may_stand_between_arguments(void **state)
{
	(void)state;
	assert_int_equal(
		parse(&plain_verb, "1", "-f", "a", "--count", "3", "b", NULL),
		EXIT_OK);
	assert_int_equal(c.arguments, 3);
	assert_int_equal(cli_argument_number(&c, 0), 1);
	assert_string_equal(c.argument[1], "a");
	assert_string_equal(c.argument[2], "b");
	assert_true(cli_option_given(&c, "follow"));
	assert_false(cli_option_given(&c, "all"));
	assert_int_equal(cli_option_number(&c, "count"), 3);
}

static void value_may_stand_in_the_same_word(void **state)
{
	(void)state;
	assert_int_equal(parse(&plain_verb, "--count=3", NULL), EXIT_OK);
	assert_int_equal(cli_option_number(&c, "count"), 3);
	assert_int_equal(parse(&plain_verb, "-c7", NULL), EXIT_OK);
	assert_int_equal(cli_option_number(&c, "count"), 7);
	assert_int_equal(parse(&plain_verb, "-fac", "8", NULL), EXIT_OK);
	assert_int_equal(cli_option_number(&c, "count"), 8);
	assert_true(cli_option_given(&c, "follow"));
	assert_true(cli_option_given(&c, "all"));
}

static void value_may_begin_with_dash(void **state)
{
	(void)state;
	assert_int_equal(parse(&plain_verb, "--root", "-x", NULL), EXIT_OK);
	assert_string_equal(cli_option_text(&c, "root"), "-x");
	assert_int_equal(parse(&plain_verb, "-r", "--", NULL), EXIT_OK);
	assert_string_equal(cli_option_text(&c, "root"), "--");
}

static void default_applies_to_missing_option(void **state)
{
	(void)state;
	assert_int_equal(parse(&plain_verb, NULL), EXIT_OK);
	assert_false(cli_option_given(&c, "count"));
	assert_int_equal(cli_option_number(&c, "count"), 4);
	assert_int_equal(cli_option_choice(&c, "select"), 0);
	assert_null(cli_option_text(&c, "root"));
	assert_int_equal(cli_option_number(&c, "timeout"), 0);
}

static void last_of_repeated_options_counts(void **state)
{
	(void)state;
	assert_int_equal(
		parse(&plain_verb, "-c1", "-r", "a", "-c", "2", "-rb", NULL),
		EXIT_OK);
	assert_int_equal(cli_option_number(&c, "count"), 2);
	assert_int_equal(cli_option_count(&c, "root"), 2);
	assert_string_equal(cli_option_nth(&c, "root", 0), "a");
	assert_string_equal(cli_option_nth(&c, "root", 1), "b");
	assert_null(cli_option_nth(&c, "root", 2));
}

static void unambiguous_abbreviation_is_accepted(void **state)
{
	(void)state;
	assert_int_equal(parse(&plain_verb, "--fol", "--cou", "2", NULL),
			 EXIT_OK);
	assert_true(cli_option_given(&c, "follow"));
	assert_int_equal(cli_option_number(&c, "count"), 2);
	assert_int_equal(parse(&plain_verb, "--js", NULL), EXIT_OK);
	assert_true(c.json);
}

static void ambiguous_abbreviation_is_refused(void **state)
{
	(void)state;
	assert_int_equal(parse(&plain_verb, "--co", "2", NULL), EXIT_USAGE);
	assert_error("tether test plain: ambiguous option --co\n");
}

static void unknown_option_is_refused(void **state)
{
	(void)state;
	assert_int_equal(parse(&plain_verb, "--nothing", NULL), EXIT_USAGE);
	assert_error("tether test plain: unrecognized option --nothing. "
		     "`tether help test plain` lists the options\n");
	assert_int_equal(parse(&plain_verb, "-fx", NULL), EXIT_USAGE);
	assert_error("unrecognized option -x. `tether help");
	assert_int_equal(parse(&plain_verb, "--", NULL), EXIT_OK);
	assert_int_equal(parse(&plain_verb, "--=3", NULL), EXIT_USAGE);
}

static void similar_option_is_suggested(void **state)
{
	static const struct {
		const char *word, *error;
	} bad[] = {
		{ "--cuont", "--cuont. Did you mean --count?\n" },
		{ "--folow", "Did you mean --follow?" },
		{ "--time-out=3", "--time-out. Did you mean --timeout?" },
		{ "--jsno", "Did you mean --json?" },
		{ "--vai", "Did you mean --via?" },
		{ "--xyzzy", "`tether help test plain` lists the options" },
		{ "--f0ll0ws", "Did you mean --follow?" },
		{ "--x", "lists the options" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(parse(&plain_verb, bad[i].word, NULL),
				 EXIT_USAGE);
		assert_error(bad[i].error);
	}
}

static void value_of_flag_is_refused(void **state)
{
	(void)state;
	assert_int_equal(parse(&plain_verb, "--follow=yes", NULL), EXIT_USAGE);
	assert_error("--follow takes no value");
}

static void missing_value_is_refused_with_range(void **state)
{
	(void)state;
	assert_int_equal(parse(&plain_verb, "--count", NULL), EXIT_USAGE);
	assert_error("--count needs a value: 1 to 16\n");
	assert_int_equal(parse(&plain_verb, "-r", NULL), EXIT_USAGE);
	assert_error("--root needs a value\n");
}

/* For each option type, pass an invalid value and check the error message. */
static void invalid_value_is_refused_with_range(void **state)
{
	static const struct {
		const char *option, *value, *error;
	} bad[] = {
		{ "--count", "0", "--count 0: expected 1 to 16" },
		{ "--count", "17", "1 to 16" },
		{ "--count", "", "1 to 16" },
		{ "--count", " 1", "1 to 16" },
		{ "--count", "+1", "1 to 16" },
		{ "--count", "-1", "1 to 16" },
		{ "--count", "1x", "1 to 16" },
		{ "--count", "0x", "1 to 16" },
		{ "--count", "18446744073709551617", "1 to 16" },
		{ "--type", "80", "expected hex, 00 to 7f" },
		{ "--type", "g", "hex, 00 to 7f" },
		{ "--part", "300", "a power of two, 256 to 32768 bytes" },
		{ "--part", "128", "a power of two" },
		{ "--timeout", "1001", "1 to 1000 ms" },
		{ "--data", "1", "1 to 4 bytes in hex" },
		{ "--data", "", "1 to 4 bytes in hex" },
		{ "--data", "zz", "1 to 4 bytes in hex" },
		{ "--data", "0102030405", "1 to 4 bytes in hex" },
		{ "--select", "sav", "expected current, default or saved" },
		{ "--select", "", "current, default or saved" },
		{ "--controllers", "", "0 to 65535, separated by commas" },
		{ "--controllers", "1,", "0 to 65535" },
		{ "--controllers", "1,65536", "0 to 65535" },
		{ "--controllers", "1;2", "0 to 65535" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(
			parse(&plain_verb, bad[i].option, bad[i].value, NULL),
			EXIT_USAGE);
		assert_error(bad[i].error);
	}
}

static void valid_values_have_their_types(void **state)
{
	uint8_t data[4];
	uint64_t ids[2];

	(void)state;
	assert_int_equal(parse(&plain_verb, "-c", "0x10", "--type", "7f",
			       "--part", "256", "--data", "00fF", "--select",
			       "saved", "--controllers", "1,0x2,3", NULL),
			 EXIT_OK);
	assert_int_equal(cli_option_number(&c, "count"), 16);
	assert_int_equal(cli_option_number(&c, "type"), 0x7f);
	assert_int_equal(cli_option_number(&c, "part"), 256);
	assert_int_equal(cli_option_bytes(&c, "data", data), 2);
	assert_int_equal(data[1], 0xff);
	assert_int_equal(cli_option_choice(&c, "select"), 2);
	assert_int_equal(cli_option_numbers(&c, "controllers", ids, 2), 2);
	assert_int_equal(ids[1], 2);
	assert_int_equal(parse(&plain_verb, "-c010", NULL), EXIT_OK);
	assert_int_equal(cli_option_number(&c, "count"), 10);
	assert_int_equal(cli_option_numbers(&c, "controllers", ids, 2), 0);
}

static void argument_count_is_checked(void **state)
{
	(void)state;
	assert_int_equal(parse(&text_verb, NULL), EXIT_USAGE);
	assert_error("tether text: an argument is missing\n"
		     "usage: tether text [WORD]...\n");
	assert_int_equal(parse(&plain_verb, "1", "2", "3", "4", NULL),
			 EXIT_USAGE);
	assert_error("too many arguments");
}

static void argument_type_is_checked(void **state)
{
	(void)state;
	assert_int_equal(parse(&plain_verb, "256", NULL), EXIT_USAGE);
	assert_error("tether test plain: ID 256: expected 0 to 255\n");
	assert_int_equal(parse(&plain_verb, "255", "256", "257", NULL),
			 EXIT_OK);
}

static void double_dash_ends_options(void **state)
{
	(void)state;
	assert_int_equal(parse(&text_verb, "a", "--", "-f", "--", NULL),
			 EXIT_OK);
	assert_int_equal(c.arguments, 3);
	assert_string_equal(c.argument[1], "-f");
	assert_string_equal(c.argument[2], "--");
	assert_false(cli_option_given(&c, "follow"));
	assert_int_equal(parse(&text_verb, "-", NULL), EXIT_OK);
	assert_string_equal(c.argument[0], "-");
}

static void first_argument_ends_options_where_verb_wants_it(void **state)
{
	struct cli_verb verb = text_verb;

	(void)state;
	verb.order = CLI_BEFORE;
	assert_int_equal(parse(&verb, "-f", "ls", "-a", "--json", NULL),
			 EXIT_OK);
	assert_int_equal(c.arguments, 3);
	assert_string_equal(c.argument[1], "-a");
	assert_true(cli_option_given(&c, "follow"));
	assert_false(cli_option_given(&c, "all"));
	assert_false(c.json);
	assert_int_equal(parse(&verb, "--", "-x", NULL), EXIT_OK);
	assert_string_equal(c.argument[0], "-x");
}

static void double_dash_begins_second_list_where_verb_has_two(void **state)
{
	struct cli_verb verb = text_verb;

	(void)state;
	verb.order = CLI_TWO_LISTS;
	assert_int_equal(
		parse(&verb, "a", "-f", "b", "--", "-a", "--", "x", NULL),
		EXIT_OK);
	assert_int_equal(c.arguments, 2);
	assert_int_equal(c.rest, 3);
	assert_string_equal(c.behind[0], "-a");
	assert_string_equal(c.behind[2], "x");
	assert_false(cli_option_given(&c, "all"));
}

static void word_selects_handler_and_arguments(void **state)
{
	struct cli_verb verb = plain_verb;

	(void)state;
	verb.words = words;
	verb.min_arguments = 1;
	assert_int_equal(parse(&verb, "get", "-f", "7", NULL), EXIT_OK);
	assert_string_equal(c.verb, "test plain get");
	assert_int_equal(c.arguments, 1);
	assert_int_equal(cli_argument_number(&c, 0), 7);
	assert_int_equal(parse(&verb, "put", NULL), EXIT_USAGE);
	assert_error("unknown word put: expected get, list\n");
	assert_int_equal(parse(&verb, "lsit", NULL), EXIT_USAGE);
	assert_error("unknown word lsit. Did you mean list? Expected get, "
		     "list\n");
	assert_int_equal(parse(&verb, "get", "300", NULL), EXIT_USAGE);
	assert_error("tether test plain get: ID 300: expected 0 to 255");
	assert_int_equal(parse(&verb, "list", "1", NULL), EXIT_USAGE);
	assert_error("too many arguments");
	assert_int_equal(parse(&verb, NULL), EXIT_USAGE);
	assert_error("an argument is missing");
}

static void help_is_recognized(void **state)
{
	(void)state;
	assert_int_equal(parse(&text_verb, "--help", NULL), EXIT_OK);
	assert_true(help);
	assert_int_equal(parse(&text_verb, "-fh", NULL), EXIT_OK);
	assert_true(help);
	assert_int_equal(parse(&text_verb, "x", NULL), EXIT_OK);
	assert_false(help);
}

static void via_is_refused_by_verbs_without_device(void **state)
{
	(void)state;
	assert_int_equal(parse(&plain_verb, "--via", "usb", NULL), EXIT_OK);
	assert_string_equal(c.via, "usb");
	assert_int_equal(parse(&text_verb, "x", "--via", "usb", NULL),
			 EXIT_USAGE);
	assert_error("tether text: --via: this verb uses no device\n");
	assert_int_equal(parse(&text_verb, "x", "--wait", "1", NULL),
			 EXIT_USAGE);
	assert_error("--wait: this verb uses no device\n");
}

static void global_options_stand_in_front_of_the_verb(void **state)
{
	char *line[] = { "--json", "--via=usb", "usb", "--json" };

	(void)state;
	memset(&c, 0, sizeof(c));
	assert_int_equal(cli_parse_global(&c, 4, line, &help), 2);
	assert_true(c.json);
	assert_string_equal(c.via, "usb");
	assert_false(help);
}

static void option_of_a_verb_is_refused_in_front_of_it(void **state)
{
	char *line[] = { "--count", "3", "mctp", "echo" };

	(void)state;
	memset(&c, 0, sizeof(c));
	assert_true(cli_parse_global(&c, 4, line, &help) < 0);
}

static void json_is_wanted_wherever_it_stands(void **state)
{
	char *last[] = { "tether", "nosuch", "--json" };
	char *argument[] = { "tether", "deploy", "--", "--json" };
	char *none[] = { "tether", "usb", "--js" };

	(void)state;
	assert_true(cli_wants_json(3, last));
	assert_false(cli_wants_json(4, argument));
	assert_false(cli_wants_json(3, none));
}

static void too_many_options_are_refused(void **state)
{
	char *line[CLI_GIVEN + 2];

	(void)state;
	for (int i = 0; i < CLI_GIVEN + 2; i++)
		line[i] = "-f";
	memset(&c, 0, sizeof(c));
	assert_int_equal(cli_parse(&c, &text_verb, CLI_GIVEN + 2, line, &help),
			 EXIT_USAGE);
}

/* The child process must print neither cmocka's report nor the assertion. */
static void undeclared_option_fails_an_assertion(void **state)
{
	pid_t pid;
	int status;

	(void)state;
	assert_int_equal(parse(&plain_verb, NULL), EXIT_OK);
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		signal(SIGABRT, SIG_DFL);
		close(STDERR_FILENO);
		cli_option_number(&c, "undeclared");
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_may_stand_between_arguments),
		cmocka_unit_test(value_may_stand_in_the_same_word),
		cmocka_unit_test(value_may_begin_with_dash),
		cmocka_unit_test(default_applies_to_missing_option),
		cmocka_unit_test(last_of_repeated_options_counts),
		cmocka_unit_test(unambiguous_abbreviation_is_accepted),
		cmocka_unit_test(ambiguous_abbreviation_is_refused),
		cmocka_unit_test(unknown_option_is_refused),
		cmocka_unit_test(similar_option_is_suggested),
		cmocka_unit_test(value_of_flag_is_refused),
		cmocka_unit_test(missing_value_is_refused_with_range),
		cmocka_unit_test(invalid_value_is_refused_with_range),
		cmocka_unit_test(valid_values_have_their_types),
		cmocka_unit_test(argument_count_is_checked),
		cmocka_unit_test(argument_type_is_checked),
		cmocka_unit_test(double_dash_ends_options),
		cmocka_unit_test(
			first_argument_ends_options_where_verb_wants_it),
		cmocka_unit_test(
			double_dash_begins_second_list_where_verb_has_two),
		cmocka_unit_test(word_selects_handler_and_arguments),
		cmocka_unit_test(help_is_recognized),
		cmocka_unit_test(via_is_refused_by_verbs_without_device),
		cmocka_unit_test(global_options_stand_in_front_of_the_verb),
		cmocka_unit_test(option_of_a_verb_is_refused_in_front_of_it),
		cmocka_unit_test(json_is_wanted_wherever_it_stands),
		cmocka_unit_test(too_many_options_are_refused),
		cmocka_unit_test(undeclared_option_fails_an_assertion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tether-manual: completes the source of a manual page from the tables of the
 * verbs. The build runs it in front of scdoc. It copies the page, and replaces
 * these lines:
 *
 *     @NAME@      tether-VERB - help line
 *     @SYNOPSIS@  usage of the verb, or of all verbs of the group
 *     @OPTIONS@   all options of the verb, or the global ones for a group
 *     @VERBS@     each verb of the group with its options
 *     @EXAMPLES@  examples of the verb or of the group
 *     @DEVICES@, @BOARDS@  the lists of all verbs, for the page of tether
 *
 * usage: tether-manual VERB|GROUP|tether <PAGE
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/text.h"
#include "posix/parse.h"
#include "posix/output.h"

enum { LINE = 512 };

static bool is_of(const struct cli_verb *v, const char *subject)
{
	return !strcmp(v->group ? v->group : v->name, subject);
}

/* Print text with scdoc's special characters escaped. */
static void print_escaped(const char *text)
{
	bool first = true;

	for (; *text; text++) {
		if (strchr("*_\\+`", *text) ||
		    (first && strchr("#-[|];", *text)))
			putchar('\\');
		putchar(*text);
		first = *text == '\n';
	}
}

static void print_option(const struct cli_option *o)
{
	struct text t = { 0 };

	putchar('*');
	if (o->letter)
		printf("-%c, ", o->letter);
	printf("--%s*", o->name);
	if (o->value)
		printf(" _%s_", o->value);
	cli_describe_option(o, &t);
	fputs("\n\t", stdout);
	print_escaped(text_get(&t));
	fputs(".\n\n", stdout);
	text_free(&t);
}

static void print_options(const struct cli_option *o, const struct cli_verb *v)
{
	for (; o && o->name; o++)
		if (!v || cli_global_applies(o, v))
			print_option(o);
}

/* Print the names that stand for the values of an argument. */
static void print_argument_names(const struct cli_option *o)
{
	for (; o && o->name; o++) {
		if (!o->names)
			continue;
		printf("_%s_\n\t", o->name);
		print_escaped(o->help);
		fputs(": a number, or", stdout);
		for (const struct parse_name *n = o->names; n->name; n++) {
			fputs(n == o->names ? " " : ", ", stdout);
			print_escaped(n->name);
		}
		fputs(".\n\n", stdout);
	}
}

static void print_words(const struct cli_word *w)
{
	const struct cli_option *last = NULL;

	for (; w && w->name; w++) {
		printf("*%s*", w->name);
		for (int i = 0; w->arguments && w->arguments[i].name; i++)
			printf(i < w->min_arguments ? " _%s_" : " [_%s_]",
			       w->arguments[i].name);
		fputs("\n\t", stdout);
		print_escaped(w->help);
		fputs(".\n\n", stdout);
		if (w->arguments != last)
			print_argument_names(w->arguments);
		last = w->arguments;
	}
}

static void print_usage(const struct cli_verb *v, const char *end)
{
	char name[CLI_NAME];

	printf("*tether %s*%s", cli_verb_name(v, name),
	       v->synopsis[0] ? " " : "");
	print_escaped(v->synopsis);
	puts(end);
}

static void print_verb(const struct cli_verb *v)
{
	char name[CLI_NAME];

	printf("## tether %s\n\n", cli_verb_name(v, name));
	print_usage(v, "\n");
	print_escaped(v->help);
	fputs(".\n\n", stdout);
	if (v->text) {
		print_escaped(v->text);
		fputs("\n\n", stdout);
	}
	print_words(v->words);
	print_argument_names(v->arguments);
	print_options(v->options, NULL);
}

static void print_examples(const struct cli_verb *v)
{
	for (const char *line = v->examples; line && *line;
	     line += strcspn(line, "\n") + 1)
		printf("\t%.*s\n\n", (int)strcspn(line, "\n"), line);
}

static void print_name(const char *subject)
{
	const struct cli_group *g = cli_find_group(subject);
	const struct cli_verb *v = cli_find_verb(NULL, subject);

	printf("tether-%s - ", subject);
	print_escaped(g ? g->help : v->help);
	putchar('\n');
}

static void print_list(size_t from, size_t to)
{
	char name[CLI_NAME];

	for (size_t i = from; i < to && cli_verbs[i]; i++) {
		printf("*%s*\n\t", cli_verb_name(cli_verbs[i], name));
		print_escaped(cli_verbs[i]->help);
		fputs(".\n\n", stdout);
	}
}

static bool replace_list(const char *line)
{
	if (!strcmp(line, "@DEVICES@\n"))
		print_list(0, cli_device_verb_count);
	else if (!strcmp(line, "@BOARDS@\n"))
		print_list(cli_device_verb_count, SIZE_MAX);
	else if (!strcmp(line, "@OPTIONS@\n"))
		print_options(cli_global_options, NULL);
	else
		return false;
	return true;
}

/* Replace a line that is a marker. Returns false for other lines. */
static bool replace_marker(const char *line, const char *subject)
{
	const struct cli_verb *single = cli_find_verb(NULL, subject);

	if (!strcmp(subject, "tether"))
		return replace_list(line);
	if (!strcmp(line, "@NAME@\n")) {
		print_name(subject);
		return true;
	}
	if (!strcmp(line, "@OPTIONS@\n")) {
		if (single)
			print_options(single->options, NULL);
		print_options(cli_global_options, single);
		return true;
	}
	for (const struct cli_verb *const *v = cli_verbs; *v; v++) {
		if (!is_of(*v, subject))
			continue;
		if (!strcmp(line, "@SYNOPSIS@\n"))
			print_usage(*v,
				    v[1] && is_of(v[1], subject) ? "++" : "");
		else if (!strcmp(line, "@VERBS@\n"))
			print_verb(*v);
		else if (!strcmp(line, "@EXAMPLES@\n"))
			print_examples(*v);
		else
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	static const char usage[] =
		"usage: tether-manual VERB|GROUP|tether <PAGE\n";
	char line[LINE];

	if (argc == 2 &&
	    (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		fputs(usage, stdout);
		return output_finish("tether-manual", EXIT_OK);
	}
	if (argc != 2 ||
	    (strcmp(argv[1], "tether") != 0 && !cli_find_group(argv[1]) &&
	     !cli_find_verb(NULL, argv[1]))) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	while (fgets(line, sizeof(line), stdin))
		if (!replace_marker(line, argv[1]))
			fputs(line, stdout);
	return output_finish("tether-manual", EXIT_OK);
}

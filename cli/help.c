/* SPDX-License-Identifier: Apache-2.0 */
/* The help of tether, of a group and of a verb; and the verb `help`. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/text.h"
#include "cli/verbs.h"

enum { COLUMNS = 79, NAME_COLUMN = 22, OPTION_COLUMN = 26 };

/* Print words from a column on, and break lines below that column. */
static void print_wrapped(const char *text, int at)
{
	int column = at;

	while (*text) {
		int len = (int)strcspn(text, " ");

		if (column > at && column + 1 + len > COLUMNS) {
			printf("\n%*s", at, "");
			column = at;
		} else if (column > at) {
			putchar(' ');
			column++;
		}
		printf("%.*s", len, text);
		column += len;
		text += len;
		text += strspn(text, " ");
	}
	putchar('\n');
}

void cli_describe_option(const struct cli_option *o, struct text *t)
{
	char range[CLI_RANGE];
	const char *mark = " (";

	text_puts(t, o->help);
	if (cli_value_range(o, range)[0]) {
		text_addf(t, "%s%s", mark, range);
		mark = "; ";
	}
	if (o->default_value) {
		text_addf(t, "%sdefault %s", mark, o->default_value);
		mark = "; ";
	}
	if (o->repeats) {
		text_addf(t, "%srepeatable", mark);
		mark = "; ";
	}
	if (*mark == ';')
		text_puts(t, ")");
}

static void print_option(const struct cli_option *o)
{
	char name[64], letter[8] = "    ";
	struct text help = { 0 };

	if (o->letter)
		snprintf(letter, sizeof(letter), "-%c, ", o->letter);
	snprintf(name, sizeof(name), "%s--%s%s%s", letter, o->name,
		 o->value ? " " : "", o->value ? o->value : "");
	printf("  %-*s", OPTION_COLUMN - 2, name);
	if (strlen(name) > OPTION_COLUMN - 3)
		printf("\n%*s", OPTION_COLUMN, "");
	cli_describe_option(o, &help);
	print_wrapped(text_get(&help), OPTION_COLUMN);
	text_free(&help);
}

static void print_words(const struct cli_word *w)
{
	puts("\nwords:");
	for (; w->name; w++) {
		char line[64];
		size_t len =
			(size_t)snprintf(line, sizeof(line), "%s", w->name);

		for (int i = 0; i < w->max_arguments && w->arguments &&
				w->arguments[i].name && len < sizeof(line);
		     i++)
			len += (size_t)snprintf(line + len, sizeof(line) - len,
						i < w->min_arguments ? " %s"
								     : " [%s]",
						w->arguments[i].name);
		printf("  %-*s", OPTION_COLUMN - 2, line);
		print_wrapped(w->help, OPTION_COLUMN);
	}
}

/* Print the arguments whose values are restricted. */
static void print_arguments(const struct cli_option *table)
{
	char range[CLI_RANGE];

	for (const struct cli_option *o = table; o && o->name; o++) {
		struct text help = { 0 };

		if (!cli_value_range(o, range)[0])
			continue;
		printf("  %-*s", OPTION_COLUMN - 2, o->name);
		cli_describe_option(o, &help);
		print_wrapped(text_get(&help), OPTION_COLUMN);
		text_free(&help);
	}
}

static bool is_restricted(const struct cli_option *table)
{
	char range[CLI_RANGE];

	for (const struct cli_option *o = table; o && o->name; o++)
		if (cli_value_range(o, range)[0])
			return true;
	return false;
}

/* Words often share a table: print each table once. */
static void print_all_arguments(const struct cli_verb *verb)
{
	const struct cli_option *last = NULL;

	if (is_restricted(verb->arguments)) {
		puts("\narguments:");
		print_arguments(verb->arguments);
	}
	for (const struct cli_word *w = verb->words; w && w->name; w++) {
		if (w->arguments == last || !is_restricted(w->arguments))
			continue;
		if (!last)
			puts("\narguments:");
		last = w->arguments;
		print_arguments(last);
	}
}

static void print_examples(const char *text)
{
	puts("\nexamples:");
	for (; *text; text += strcspn(text, "\n") + 1)
		printf("  %.*s\n", (int)strcspn(text, "\n"), text);
}

void cli_print_help(const struct cli_verb *verb)
{
	char name[CLI_NAME];

	printf("usage: tether %s%s%s\n%s\n", cli_verb_name(verb, name),
	       verb->synopsis[0] ? " " : "", verb->synopsis, verb->help);
	if (verb->text)
		printf("\n%s\n", verb->text);
	if (verb->words)
		print_words(verb->words);
	print_all_arguments(verb);
	puts("\noptions:");
	for (const struct cli_option *o = verb->options; o && o->name; o++)
		print_option(o);
	for (const struct cli_option *o = cli_global_options; o->name; o++)
		if (cli_global_applies(o, verb))
			print_option(o);
	if (verb->examples)
		print_examples(verb->examples);
}

static bool is_in_group(const struct cli_verb *v, const char *group)
{
	return group ? v->group && !strcmp(v->group, group) : !v->group;
}

void cli_print_group(const char *group)
{
	char name[CLI_NAME];

	for (const struct cli_verb *const *v = cli_verbs; *v; v++)
		if (is_in_group(*v, group))
			printf("  %-*s%s\n", NAME_COLUMN - 2,
			       cli_verb_name(*v, name), (*v)->help);
}

static void print_verbs(size_t from, size_t to)
{
	char name[CLI_NAME];

	for (size_t i = from; i < to && cli_verbs[i]; i++)
		printf("  %-*s%s\n", NAME_COLUMN - 2,
		       cli_verb_name(cli_verbs[i], name), cli_verbs[i]->help);
}

void cli_print_overview(void)
{
	puts("usage: tether [OPTION]... VERB [ARGUMENT]... [OPTION]...\n"
	     "Find, install, use and diagnose USB boards and MCTP devices.\n"
	     "`tether help VERB` prints the arguments and options of a verb.\n"
	     "\ndevices:");
	print_verbs(0, cli_device_verb_count);
	puts("\nboards:");
	print_verbs(cli_device_verb_count, SIZE_MAX);
	puts("\n"
	     "options:\n"
	     "  --via usb[:VID:PID][,serial=S]  USB device of this machine\n"
	     "  --via usbip:HOST[:PORT][/BUSID] USB device offered over "
	     "USB/IP\n"
	     "  --via mctp:NET,EID              endpoint of the kernel's MCTP\n"
	     "  --wait SECONDS                  Wait this long for a device "
	     "in use (default 5)\n"
	     "  --json                          Print JSON on one line\n"
	     "  --color auto|always|never       Use colours (auto: on a "
	     "terminal)\n"
	     "  -h, --help                      Show this help\n"
	     "  --version                       Show the version\n"
	     "\n"
	     "TETHER_VIA stands for --via. Without both, tether uses the only\n"
	     "MCTP device on USB or at usbip:127.0.0.1. NO_COLOR turns "
	     "colours off.");
}

/* --- tether help VERB --- */

static bool has_word(const struct cli_verb *v, const char *word)
{
	const struct cli_word *w = v->words;

	while (w && w->name && strcmp(w->name, word) != 0)
		w++;
	return w && w->name;
}

/* A word of the verb may follow: `tether help nvme ns create`. */
static int help_verb(const struct cli *c, const char *group, int at)
{
	const struct cli_verb *verb = cli_find_verb(group, c->argument[at]);

	if (!verb)
		return cli_fail_verb(c, group, c->argument[at]);
	if (at + 1 < c->arguments && !has_word(verb, c->argument[at + 1]))
		return cli_fail_usage(c, "no verb %s %s", c->argument[at],
				      c->argument[at + 1]);
	cli_print_help(verb);
	return EXIT_OK;
}

static int run_help(struct cli *c)
{
	const char *first = c->arguments ? c->argument[0] : NULL;
	const struct cli_group *group = first ? cli_find_group(first) : NULL;

	if (!first) {
		cli_print_overview();
		return EXIT_OK;
	}
	if (!group)
		return help_verb(c, NULL, 0);
	if (c->arguments > 1)
		return help_verb(c, first, 1);
	printf("%s:\n", group->help);
	cli_print_group(group->name);
	return EXIT_OK;
}

const struct cli_verb cli_help_verb = {
	.name = "help",
	.synopsis = "[VERB]",
	.help = "Show the arguments and options of a verb",
	.examples = "tether help deploy\n"
		    "tether help mctp echo\n",
	.max_arguments = 3,
	.run = run_help,
};

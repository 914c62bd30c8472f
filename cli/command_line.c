/* SPDX-License-Identifier: Apache-2.0 */
/* The parser of the command line: checks it against the table of a verb. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cli/cli.h"
#include "cli/text.h"
#include "posix/parse.h"
#include "posix/suggest.h"

struct parser {
	struct cli *c;
	/* NULL while the words before the verb are parsed. */
	const struct cli_verb *verb;
	int argc;
	char **argv;
	int next; /* index of the word to be read */
};

static int fail_count(const struct cli *c, const char *why)
{
	char name[CLI_NAME];
	int status = cli_fail_usage(c, "%s", why);

	if (!c->json)
		fprintf(stderr, "usage: tether %s %s\n",
			cli_verb_name(c->definition, name),
			c->definition->synopsis);
	return status;
}

/* Find the options whose name begins with these characters. An exact match
 * excludes all others. Returns the number of matches; *hit is the last one. */
static int match_in(const struct cli_option *o, const struct parser *p,
		    const char *name, size_t len, const struct cli_option **hit)
{
	int hits = 0;

	for (; o && o->name; o++) {
		if (strncmp(o->name, name, len) != 0)
			continue;
		if (p->verb && !cli_global_applies(o, p->verb))
			continue;
		*hit = o;
		if (!o->name[len])
			return 1;
		hits++;
	}
	return hits;
}

static void compare_options(struct suggest *s, const struct cli_option *o,
			    const struct parser *p)
{
	for (; o && o->name; o++)
		if (!p->verb || cli_global_applies(o, p->verb))
			suggest_compare(s, o->name);
}

/* Whether a verb has an option of its own with this name. */
static bool is_of_some_verb(const char *name, size_t len)
{
	for (const struct cli_verb *const *v = cli_verbs; *v; v++)
		for (const struct cli_option *o = (*v)->options; o && o->name;
		     o++)
			if (strncmp(o->name, name, len) == 0 && !o->name[len])
				return true;
	return false;
}

static void fail_unknown(const struct parser *p, const char *name, size_t len)
{
	const struct cli_option *o = cli_global_options;
	char verb[CLI_NAME];
	struct suggest s;

	while (o->name && (strncmp(o->name, name, len) != 0 || o->name[len]))
		o++;
	if (o->name && len) {
		cli_fail_usage(p->c, "--%s: this verb uses no device", o->name);
		return;
	}
	if (!p->verb && is_of_some_verb(name, len)) {
		cli_fail_usage(p->c,
			       "unrecognized option --%.*s in front of "
			       "the verb. Options of a verb stand behind it",
			       (int)len, name);
		return;
	}
	suggest_init(&s, name, len);
	if (p->verb)
		compare_options(&s, p->verb->options, p);
	compare_options(&s, cli_global_options, p);
	if (s.best[0])
		cli_fail_usage(p->c,
			       "unrecognized option --%.*s. Did you "
			       "mean --%s?",
			       (int)len, name, s.best);
	else
		cli_fail_usage(p->c,
			       "unrecognized option --%.*s. `tether "
			       "%s%s` lists the options",
			       (int)len, name, p->verb ? "help " : "--help",
			       p->verb ? cli_verb_name(p->verb, verb) : "");
}

static const struct cli_option *find_long(const struct parser *p,
					  const char *name, size_t len)
{
	const struct cli_option *own = NULL, *global = NULL;
	int n = 0, globals;

	if (p->verb)
		n = match_in(p->verb->options, p, name, len, &own);
	if (n == 1 && !own->name[len])
		return own;
	globals = match_in(cli_global_options, p, name, len, &global);
	if (globals == 1 && !global->name[len])
		return global;
	if (n + globals == 1)
		return n ? own : global;
	if (n + globals)
		cli_fail_usage(p->c, "ambiguous option --%.*s", (int)len, name);
	else
		fail_unknown(p, name, len);
	return NULL;
}

static const struct cli_option *find_letter(const struct parser *p, char letter)
{
	const struct cli_option *o = p->verb ? p->verb->options : NULL;
	char verb[CLI_NAME];

	for (; o && o->name; o++)
		if (o->letter == letter)
			return o;
	for (o = cli_global_options; o->name; o++)
		if (o->letter == letter)
			return o;
	cli_fail_usage(p->c,
		       "unrecognized option -%c. `tether %s%s` lists the "
		       "options",
		       letter, p->verb ? "help " : "--help",
		       p->verb ? cli_verb_name(p->verb, verb) : "");
	return NULL;
}

static int record(struct cli *c, const struct cli_option *o, const char *value)
{
	if (c->given_count == CLI_GIVEN)
		return cli_fail_usage(c, "more than %d options", CLI_GIVEN);
	c->given[c->given_count].option = o;
	c->given[c->given_count++].value = value;
	if (o == &cli_global_options[CLI_GLOBAL_VIA])
		c->via = value;
	else if (o == &cli_global_options[CLI_GLOBAL_PCAP])
		c->pcap = value;
	else if (o == &cli_global_options[CLI_GLOBAL_JSON])
		c->json = true;
	else if (o == &cli_global_options[CLI_GLOBAL_COLOR])
		c->color = (enum cli_color_choice)cli_value_choice(o, value);
	return EXIT_OK;
}

/* Record an option. attached: its value in the same word, or NULL. */
static int add_option(struct parser *p, const struct cli_option *o,
		      const char *attached)
{
	const char *value = attached;
	char range[CLI_RANGE];

	if (!cli_option_has_value(o))
		return attached ? cli_fail_usage(p->c, "--%s takes no value",
						 o->name)
				: record(p->c, o, "");
	if (!value && p->next < p->argc)
		value = p->argv[p->next++];
	cli_value_range(o, range);
	if (!value)
		return cli_fail_usage(p->c, "--%s needs a value%s%s", o->name,
				      range[0] ? ": " : "", range);
	if (!cli_value_is_valid(o, value))
		return cli_fail_usage(p->c, "--%s %s: expected %s", o->name,
				      value, range);
	return record(p->c, o, value);
}

static bool is_help(const struct cli_option *o)
{
	return o == &cli_global_options[CLI_GLOBAL_HELP];
}

static int parse_long(struct parser *p, const char *name, bool *help)
{
	size_t len = strcspn(name, "=");
	const struct cli_option *o;

	if (!p->verb && !strcmp(name, "version")) {
		p->c->version = true;
		return EXIT_OK;
	}
	o = find_long(p, name, len);
	if (!o)
		return EXIT_USAGE;
	if (is_help(o)) {
		*help = true;
		return EXIT_OK;
	}
	return add_option(p, o, name[len] ? name + len + 1 : NULL);
}

/* Parse a word of option letters. The rest of the word may be the value of its
 * last option. */
static int parse_letters(struct parser *p, const char *letters, bool *help)
{
	int status = EXIT_OK;

	while (*letters && !status && !*help) {
		const struct cli_option *o = find_letter(p, *letters++);

		if (!o)
			return EXIT_USAGE;
		if (is_help(o)) {
			*help = true;
		} else if (cli_option_has_value(o)) {
			return add_option(p, o, *letters ? letters : NULL);
		} else {
			status = add_option(p, o, NULL);
		}
	}
	return status;
}

static int parse_option(struct parser *p, bool *help)
{
	const char *word = p->argv[p->next++];

	return word[1] == '-' ? parse_long(p, word + 2, help)
			      : parse_letters(p, word + 1, help);
}

static bool is_option(const char *word)
{
	return word[0] == '-' && word[1];
}

bool cli_wants_json(int argc, char *const *argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (!strcmp(argv[i], "--json"))
			return true;
	return false;
}

int cli_parse_global(struct cli *c, int argc, char **argv, bool *help)
{
	struct parser p = { .c = c, .argc = argc, .argv = argv };

	*help = false;
	while (p.next < argc && is_option(argv[p.next]) && !*help &&
	       !c->version)
		if (parse_option(&p, help))
			return -1;
	return p.next;
}

/* Move the arguments to the front of argv, and record the options. */
static int sort_words(struct parser *p, bool *help)
{
	struct cli *c = p->c;
	bool ended = false;

	c->argument = p->argv + 1;
	for (p->next = 1; p->next < p->argc && !*help;) {
		char *word = p->argv[p->next];

		if (ended || !is_option(word)) {
			p->next++;
			p->argv[1 + c->arguments++] = word;
			ended = ended || p->verb->order == CLI_BEFORE;
		} else if (strcmp(word, "--") != 0) {
			if (parse_option(p, help))
				return EXIT_USAGE;
		} else if (p->verb->order == CLI_TWO_LISTS) {
			c->behind = &p->argv[p->next + 1];
			c->rest = p->argc - p->next - 1;
			return EXIT_OK;
		} else {
			p->next++;
			ended = true;
		}
	}
	return EXIT_OK;
}

int cli_check_argument(const struct cli *c, const struct cli_option *type,
		       int n)
{
	char range[CLI_RANGE];

	if (cli_value_is_valid(type, c->argument[n]))
		return EXIT_OK;
	return cli_fail_usage(c, "%s %s: expected %s", type->name,
			      c->argument[n], cli_value_range(type, range));
}

static int check_arguments(struct cli *c, int min, int max)
{
	int status = EXIT_OK;

	if (c->arguments < min)
		return fail_count(c, "an argument is missing");
	if (c->arguments > max)
		return fail_count(c, "too many arguments");
	for (int i = 0; c->argument_types && !status && i < c->arguments; i++)
		status = cli_check_argument(
			c, cli_argument_type(c->argument_types, i), i);
	return status;
}

/* Append "get, set" and further words. */
static void list_words(const struct cli_word *words, struct text *t)
{
	for (const struct cli_word *w = words; w->name; w++)
		text_addf(t, "%s%s", w == words ? "" : ", ", w->name);
}

static int fail_word(const struct cli *c, const char *word)
{
	const struct cli_word *words = c->definition->words;
	struct text list = { 0 };
	struct suggest s;

	suggest_init(&s, word, strlen(word));
	for (const struct cli_word *w = words; w->name; w++)
		suggest_compare(&s, w->name);
	list_words(words, &list);
	if (s.best[0])
		cli_fail_usage(c,
			       "unknown word %.80s. Did you mean %s? "
			       "Expected %s",
			       word, s.best, text_get(&list));
	else
		cli_fail_usage(c, "unknown word %.80s: expected %s", word,
			       text_get(&list));
	text_free(&list);
	return EXIT_USAGE;
}

static int parse_word(struct cli *c)
{
	const struct cli_word *w = c->definition->words;

	while (w->name && strcmp(w->name, c->argument[0]) != 0)
		w++;
	if (!w->name)
		return fail_word(c, c->argument[0]);
	snprintf(c->name + strlen(c->name), CLI_NAME - strlen(c->name), " %s",
		 w->name);
	c->argument++;
	c->arguments--;
	c->argument_types = w->arguments;
	c->run = w->run;
	return check_arguments(c, w->min_arguments, w->max_arguments);
}

int cli_parse(struct cli *c, const struct cli_verb *verb, int argc, char **argv,
	      bool *help)
{
	struct parser p = { c, verb, argc, argv, 0 };
	int status;

	*help = false;
	c->definition = verb;
	c->verb = cli_verb_name(verb, c->name);
	c->argument_types = verb->arguments;
	c->run = verb->run;
	if (c->via && !verb->device)
		return cli_fail_usage(c, "--via %s: this verb uses no device",
				      c->via);
	status = sort_words(&p, help);
	if (status || *help)
		return status;
	/* Until here --json may be a word of a command for the board. */
	c->json = cli_option_given(c, "json");
	if (verb->words && c->arguments)
		return parse_word(c);
	return check_arguments(c, verb->min_arguments, verb->max_arguments);
}

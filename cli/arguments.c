/* SPDX-License-Identifier: Apache-2.0 */
/* The command line behind a verb. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

enum { OPT_VIA = 1 << 16, OPT_JSON, OPT_HELP, OPT_CHOICE };

static const struct option table[] = {
	{ "via", required_argument, NULL, OPT_VIA },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "count", required_argument, NULL, CLI_COUNT },
	{ "size", required_argument, NULL, CLI_SIZE },
	{ "type", required_argument, NULL, CLI_TYPE },
	{ "ic", no_argument, NULL, CLI_IC },
	{ "raw", no_argument, NULL, CLI_RAW },
	{ "timeout", required_argument, NULL, CLI_TIMEOUT },
	{ "follow", no_argument, NULL, CLI_FOLLOW },
	{ "eid", required_argument, NULL, CLI_EID },
	{ "mtu", required_argument, NULL, CLI_MTU },
	{ "part", required_argument, NULL, CLI_PART },
	{ "control", required_argument, NULL, CLI_CONTROL },
	{ 0 },
};

bool cli_number(const char *text, int base, uint64_t min, uint64_t max,
		uint64_t *value)
{
	char *end;

	if (!isxdigit((unsigned char)*text))
		return false;
	errno = 0;
	*value = strtoull(text, &end, base);
	return !errno && !*end && *value >= min && *value <= max;
}

const char *cli_take_word(int *argc, char **argv)
{
	const char *word;

	opterr = 0; /* what is wrong is said when the verb is known */
	optind = 0;
	/* Up to the word: what stands behind it are options of the verb's own,
	 * which are not known here. */
	while (getopt_long(*argc, argv, "+f", table, NULL) != -1)
		;
	opterr = 1;
	if (optind >= *argc)
		return NULL;
	word = argv[optind];
	memmove(&argv[optind], &argv[optind + 1],
		(size_t)(*argc - optind) * sizeof(*argv));
	--*argc;
	return word;
}

static bool expect(const struct cli *c, bool fine, const char *name,
		   const char *value, const char *allowed)
{
	if (!fine)
		fprintf(stderr, "tether %s: --%s %s: expected %s\n", c->verb,
			name, value, allowed);
	return fine;
}

static bool take(struct cli *c, int option, const char *value)
{
	uint64_t n = 0;

	switch (option) {
	case OPT_VIA:
		c->via = value;
		return true;
	case OPT_JSON:
		return c->json = true;
	case CLI_COUNT:
		return expect(c,
			      cli_number(value, 10, 1, UINT32_MAX, &c->count),
			      "count", value, "1 to 4294967295");
	case CLI_SIZE:
		return expect(c, cli_number(value, 10, 0, 65535, &c->size),
			      "size", value, "0 to 65535");
	case CLI_TIMEOUT:
		return expect(c,
			      cli_number(value, 10, 1, 3600000, &c->timeout_ms),
			      "timeout", value, "1 to 3600000 ms");
	case CLI_EID:
		return expect(c, cli_number(value, 10, 8, 254, &c->eid), "eid",
			      value, "8 to 254");
	case CLI_MTU:
		return expect(c, cli_number(value, 10, 68, 8187, &c->mtu),
			      "mtu", value, "68 to 8187");
	case CLI_PART:
		return expect(c, cli_number(value, 10, 256, 32768, &c->part),
			      "part", value, "a power of two, 256 to 32768");
	case CLI_TYPE:
		if (!expect(c, cli_number(value, 16, 0, 0x7f, &n), "type",
			    value, "hex, 00 to 7f"))
			return false;
		c->type = (uint8_t)n;
		return true;
	case CLI_CONTROL:
		c->control = value;
		return true;
	case CLI_IC:
		return c->ic = true;
	case CLI_RAW:
		return c->raw = true;
	default:
		return c->follow = true;
	}
}

static int usage(const struct cli *c, const struct cli_verb *verb,
		 const char *why)
{
	fprintf(stderr, "tether %s: %s\nusage: tether %s %s\n", c->verb, why,
		c->verb, verb->arguments);
	return EXIT_USAGE;
}

const char *cli_value(const struct cli *c, const char *name)
{
	for (int i = c->chosen; i-- > 0;)
		if (!strcmp(c->choice[i].name, name))
			return c->choice[i].value;
	return NULL;
}

/* A verb's own options as getopt_long() wants them. */
struct own {
	struct option table[CLI_CHOICES + 3];
	char letters[CLI_CHOICES * 2 + 2];
};

static void make_own(const struct cli_verb *verb, struct own *o)
{
	const struct cli_choice *choice = verb->choices;
	char *letter = o->letters;
	int n = 0;

	memset(o, 0, sizeof(*o));
	if (verb->order == CLI_BEFORE)
		*letter++ = '+';
	for (; choice[n].name; n++) {
		o->table[n] = (struct option){
			.name = choice[n].name,
			.has_arg = choice[n].value ? required_argument
						   : no_argument,
			.val = OPT_CHOICE + n,
		};
		if (choice[n].letter)
			*letter++ = choice[n].letter;
		if (choice[n].letter && choice[n].value)
			*letter++ = ':';
	}
	o->table[n++] = table[1]; /* --json */
	o->table[n] = table[2];	  /* --help */
}

static const struct cli_choice *find_choice(const struct cli_choice *choice,
					    int option)
{
	if (option >= OPT_CHOICE)
		return &choice[option - OPT_CHOICE];
	while (choice->name && choice->letter != option)
		choice++;
	return choice->name ? choice : NULL;
}

static int choose(struct cli *c, const struct cli_verb *verb, int option)
{
	const struct cli_choice *choice = find_choice(verb->choices, option);

	if (!choice)
		return EXIT_USAGE;
	if (c->chosen == CLI_CHOICES)
		return usage(c, verb, "too many options");
	c->choice[c->chosen].name = choice->name;
	c->choice[c->chosen++].value = choice->value ? optarg : "";
	return EXIT_OK;
}

/* An option that came: EXIT_OK, or what the program ends with. */
static int one_option(struct cli *c, const struct cli_verb *verb, int option)
{
	if (option == '?')
		return EXIT_USAGE;
	if (option >= OPT_CHOICE ||
	    (verb->choices && option != OPT_JSON && option != OPT_HELP))
		return choose(c, verb, option);
	if (option == 'f')
		option = CLI_FOLLOW;
	if (option < OPT_VIA && !(verb->options & (unsigned)option))
		return usage(c, verb, "an option of another verb");
	if (option < OPT_VIA)
		c->given |= (unsigned int)option;
	return take(c, option, optarg) ? EXIT_OK : EXIT_USAGE;
}

/* What stands behind "--" of a verb with two lists is not for getopt. */
static int split_lists(struct cli *c, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") != 0)
			continue;
		c->behind = &argv[i + 1];
		c->rest = argc - i - 1;
		return i;
	}
	return argc;
}

int cli_parse(struct cli *c, const struct cli_verb *verb, int argc, char **argv,
	      bool *help)
{
	struct own own = { .letters = "f" };
	const struct option *options = verb->choices ? own.table : table;
	int option, status;

	*help = false;
	optind = 0; /* reads one verb's line, then perhaps another's */
	if (verb->choices)
		make_own(verb, &own);
	if (verb->order == CLI_TWO_LISTS)
		argc = split_lists(c, argc, argv);
	while ((option = getopt_long(argc, argv, own.letters, options, NULL)) !=
	       -1) {
		if (option == OPT_HELP) {
			*help = true;
			return EXIT_OK;
		}
		status = one_option(c, verb, option);
		if (status)
			return status;
	}
	c->argument = argv + optind;
	c->arguments = argc - optind;
	if (c->arguments < verb->least || c->arguments > verb->most)
		return usage(c, verb,
			     c->arguments < verb->least
				     ? "an argument is missing"
				     : "too many arguments");
	return EXIT_OK;
}

/* The command line behind a verb. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

enum { OPT_VIA = 1 << 16, OPT_JSON, OPT_HELP };

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
	while (getopt_long(*argc, argv, "f", table, NULL) != -1)
		;
	opterr = 1;
	if (optind >= *argc) /* words were moved behind the options */
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

int cli_parse(struct cli *c, const struct cli_verb *verb, int argc, char **argv,
	      bool *help)
{
	int option;

	*help = false;
	optind = 0; /* reads one verb's line, then perhaps another's */
	while ((option = getopt_long(argc, argv, "f", table, NULL)) != -1) {
		if (option == '?')
			return EXIT_USAGE;
		if (option == OPT_HELP) {
			*help = true;
			return EXIT_OK;
		}
		if (option == 'f')
			option = CLI_FOLLOW;
		if (option < OPT_VIA && !(verb->options & (unsigned)option))
			return usage(c, verb, "an option of another verb");
		if (option < OPT_VIA)
			c->given |= (unsigned int)option;
		if (!take(c, option, optarg))
			return EXIT_USAGE;
	}
	for (; optind < argc; optind++) {
		if (c->arguments == CLI_ARGUMENTS)
			return usage(c, verb, "too many arguments");
		c->argument[c->arguments++] = argv[optind];
	}
	if (c->arguments < verb->least || c->arguments > verb->most)
		return usage(c, verb,
			     c->arguments < verb->least
				     ? "an argument is missing"
				     : "too many arguments");
	return EXIT_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "linux_sys/option_error.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "posix/suggest.h"

/* Count the options whose name begins with these characters. */
static int count_matches(const struct option *table, const char *name,
			 size_t len)
{
	int matches = 0;

	for (; table->name; table++) {
		if (strncmp(table->name, name, len) != 0)
			continue;
		if (!table->name[len])
			return 1;
		matches++;
	}
	return matches;
}

static void report_unknown(const char *program, const char *name, size_t len,
			   const struct option *table)
{
	struct suggest s;

	suggest_init(&s, name, len);
	for (; table->name; table++)
		suggest_compare(&s, table->name);
	fprintf(stderr, "%s: unknown option --%.*s. ", program, (int)len, name);
	if (s.best[0])
		fprintf(stderr, "Did you mean --%s? ", s.best);
	fprintf(stderr, "See %s --help\n", program);
}

void option_error_report(const char *program, char *const *argv,
			 const struct option *table)
{
	const char *name;
	size_t len;
	int matches;

	/* getopt_long() sets optopt to an unknown letter; to 0 for an unknown
	 * word; else to the value in the table, which is no character. */
	if (optopt > 0 && optopt < 256) {
		fprintf(stderr, "%s: unknown option -%c. See %s --help\n",
			program, optopt, program);
		return;
	}
	name = argv[optind - 1] + 2;
	len = strcspn(name, "=");
	matches = count_matches(table, name, len);
	if (!matches)
		report_unknown(program, name, len, table);
	else
		fprintf(stderr, "%s: --%.*s %s. See %s --help\n", program,
			(int)len, name,
			matches > 1 ? "is ambiguous"
			: name[len] ? "takes no value"
				    : "needs a value",
			program);
}

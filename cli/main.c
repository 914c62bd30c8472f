/* SPDX-License-Identifier: Apache-2.0 */
/* tether: finds the verb of the command line, and runs its handler. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/pcap.h"
#include "cli/via.h"
#include "posix/output.h"
#include "version.h"

static int run_verb(struct cli *c, const struct cli_verb *verb, int argc,
		    char **argv)
{
	bool help;
	int status = cli_parse(c, verb, argc, argv, &help);

	if (status)
		return status;
	if (help) {
		cli_print_help(verb);
		return EXIT_OK;
	}
	status = pcap_open(c);
	if (status)
		return status;
	status = c->run(c);
	via_close(c);
	if (pcap_close(c) && !status)
		status = EXIT_FAILED;
	return status;
}

static int print_group(const struct cli *c, const char *group, bool help)
{
	if (c->json && !help)
		return cli_fail_usage(c,
				      "%s: no verb given. `tether help %s` "
				      "lists the verbs",
				      group, group);
	printf("usage: tether %s VERB [ARGUMENT]... [OPTION]...\n", group);
	cli_print_group(group);
	return help ? EXIT_OK : EXIT_USAGE;
}

/* argv[0] is the group. */
static int run_group(struct cli *c, const char *group, int argc, char **argv)
{
	const struct cli_verb *verb;
	bool help;
	int at = cli_parse_global(c, argc - 1, argv + 1, &help) + 1;

	if (at <= 0)
		return EXIT_USAGE;
	if (help || at >= argc)
		return print_group(c, group, help);
	verb = cli_find_verb(group, argv[at]);
	if (verb)
		return run_verb(c, verb, argc - at, argv + at);
	return cli_fail_verb(c, group, argv[at]);
}

static int run(struct cli *c, int argc, char **argv)
{
	const struct cli_verb *verb;
	bool help;
	int at = cli_parse_global(c, argc - 1, argv + 1, &help) + 1;

	if (at <= 0)
		return EXIT_USAGE;
	if (c->version) {
		puts("tether " TETHER_VERSION " " TETHER_GIT);
		return EXIT_OK;
	}
	if (at >= argc && c->json && !help)
		return cli_fail_usage(c, "no verb given. `tether --help` lists "
					 "the verbs");
	if (help || at >= argc) {
		cli_print_overview();
		return help ? EXIT_OK : EXIT_USAGE;
	}
	argc -= at;
	argv += at;
	if (cli_find_group(argv[0]))
		return run_group(c, argv[0], argc, argv);
	verb = cli_find_verb(NULL, argv[0]);
	return verb ? run_verb(c, verb, argc, argv)
		    : cli_fail_verb(c, NULL, argv[0]);
}

int main(int argc, char **argv)
{
	struct cli c = { .json = cli_wants_json(argc, argv) };

	cli_handle_signals();
	if (argc > 0)
		cli_find_program(argv[0]);
	return output_finish("tether", run(&c, argc, argv));
}

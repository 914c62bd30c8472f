/* SPDX-License-Identifier: Apache-2.0 */
/* tether: the host's command. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "version.h"

volatile sig_atomic_t cli_interrupted;

const char *cli_program = "tether";

const struct cli_verb single_verbs[] = {
	{ "usb", "", 0, 0, 0, usb_run,
	  "devices and their descriptors, decoded" },
	{ "log", "[-f]", CLI_FOLLOW, 0, 0, log_run,
	  "the device's log; -f: and what comes" },
	{ 0 },
};

/* Verbs with words behind them. */
const struct cli_group groups[] = {
	{ "mctp", mctp_verbs },
	{ "nvme", nvme_verbs },
	{ "pldm", pldm_verbs },
	{ "sim", sim_verbs },
	{ 0 },
};

static void interrupted(int signal)
{
	(void)signal;
	cli_interrupted = 1;
}

static void print_verb(const char *group, const struct cli_verb *v)
{
	char line[128];

	snprintf(line, sizeof(line), "%s%s%s %s", group, *group ? " " : "",
		 v->name, v->arguments);
	printf("  %-57s%s\n", line, v->help);
}

static void print_help(void)
{
	puts("usage: tether VERB [OPTION]...\n"
	     "The host's side of usbnvme and other MCTP over USB devices.\n");
	for (const struct cli_verb *v = single_verbs; v->name; v++)
		print_verb("", v);
	for (int g = 0; groups[g].name; g++)
		for (const struct cli_verb *v = groups[g].verbs; v->name; v++)
			print_verb(groups[g].name, v);
	puts("\nboards:");
	for (const struct cli_verb *v = board_verbs; v->name; v++)
		print_verb("", v);
	puts("\n"
	     "  --via usb[:VID:PID][,serial=S]   a USB device that is plugged\n"
	     "                                   in, without its driver\n"
	     "  --via usbip:HOST[:PORT][/BUSID]  one that is offered over\n"
	     "                                   USB/IP\n"
	     "  --via mctp:NET,EID               through the kernel's MCTP\n"
	     "                                   (TETHER_VIA is the same; "
	     "else\n"
	     "                                   the only device there is, "
	     "here\n"
	     "                                   or at usbip:127.0.0.1)\n"
	     "  --json                           for machines, one line\n"
	     "  --help, --version\n"
	     "\n"
	     "Nothing is printed in colours, whatever NO_COLOR says.");
}

const struct cli_verb *cli_find(const struct cli_verb *verbs, const char *name)
{
	for (; verbs->name; verbs++)
		if (!strcmp(verbs->name, name))
			return verbs;
	return NULL;
}

static int run(const char *name, const struct cli_verb *verb, int argc,
	       char **argv)
{
	struct cli c = { .verb = name };
	bool help;
	int status = cli_parse(&c, verb, argc, argv, &help);

	if (status)
		return status;
	if (help) {
		cli_help(name, verb);
		return EXIT_OK;
	}
	status = verb->run(&c);
	cli_close(&c);
	if (fflush(stdout) || ferror(stdout)) {
		perror("tether: writing the output");
		return EXIT_FAILED;
	}
	return status;
}

static int run_group(const struct cli_group *g, int argc, char **argv)
{
	const char *word = cli_take_word(&argc, argv);
	const struct cli_verb *verb = word ? cli_find(g->verbs, word) : NULL;
	bool help = !word && argc > 1 && !strcmp(argv[1], "--help");
	char name[64];

	if (verb) {
		snprintf(name, sizeof(name), "%s %s", g->name, verb->name);
		return run(name, verb, argc, argv);
	}
	if (word)
		fprintf(stderr, "tether %s: no verb %s\n", g->name, word);
	for (const struct cli_verb *v = g->verbs; v->name; v++)
		print_verb(g->name, v);
	return help ? EXIT_OK : EXIT_USAGE;
}

int main(int argc, char **argv)
{
	struct sigaction a = { .sa_handler = interrupted };
	const struct cli_verb *verb;

	/* The second signal ends the program whatever it does. */
	a.sa_flags = (int)SA_RESETHAND;
	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL); /* a driver gets its device back */
	sigaction(SIGHUP, &a, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (argc > 0)
		cli_program = argv[0];
	if (argc < 2) {
		print_help();
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("tether " TETHER_VERSION " " TETHER_GIT);
		return EXIT_OK;
	}
	if (!strcmp(argv[1], "--help") ||
	    (!strcmp(argv[1], "help") && argc == 2)) {
		print_help();
		return EXIT_OK;
	}
	for (int g = 0; groups[g].name; g++)
		if (!strcmp(groups[g].name, argv[1]))
			return run_group(&groups[g], argc - 1, argv + 1);
	verb = cli_find(single_verbs, argv[1]);
	if (!verb)
		verb = cli_find(board_verbs, argv[1]);
	if (verb)
		return run(verb->name, verb, argc - 1, argv + 1);
	fprintf(stderr, "tether: no verb %s. see tether --help\n", argv[1]);
	return EXIT_USAGE;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tether completion: what bash, zsh and fish complete, made from the tables of
 * verbs and options, so that it cannot fall behind them.
 */
#include <stdio.h>
#include <string.h>

#include "cli/text.h"
#include "cli/verbs.h"

static const struct cli_choice common[] = {
	{ "json", 0, NULL, "for machines, one line" },
	{ "help", 0, NULL, "what the verb does" },
	{ 0 },
};

/* Options of the device verbs, by their bits. */
static const struct {
	unsigned int bit;
	struct cli_choice choice;
} device_choices[] = {
	{ ~0U, { "via", 0, "VIA", "the device" } },
	{ CLI_COUNT, { "count", 0, "N", "how many" } },
	{ CLI_SIZE, { "size", 0, "BYTES", "how large" } },
	{ CLI_TYPE, { "type", 0, "HEX", "message type" } },
	{ CLI_IC, { "ic", 0, NULL, "with an integrity check" } },
	{ CLI_RAW, { "raw", 0, NULL, "the bytes as they are" } },
	{ CLI_TIMEOUT, { "timeout", 0, "MS", "how long to wait" } },
	{ CLI_FOLLOW, { "follow", 'f', NULL, "and what comes" } },
	{ CLI_EID, { "eid", 0, "EID", "the endpoint's id" } },
	{ CLI_MTU, { "mtu", 0, "BYTES", "the link's unit" } },
};

enum { DEVICE_CHOICES = sizeof(device_choices) / sizeof(device_choices[0]) };

typedef void each_choice(void *ctx, const struct cli_choice *choice);
typedef void each_verb(void *ctx, const char *name,
		       const struct cli_verb *verb);

static void for_choices(const struct cli_verb *v, each_choice *each, void *ctx)
{
	for (const struct cli_choice *i = v->choices; i && i->name; i++)
		each(ctx, i);
	for (int i = 0; i < DEVICE_CHOICES && !v->choices; i++)
		if (device_choices[i].bit == ~0U ||
		    v->options & device_choices[i].bit)
			each(ctx, &device_choices[i].choice);
	for (const struct cli_choice *i = common; i->name; i++)
		each(ctx, i);
}

/* "mctp echo" and all the others. */
static void for_verbs(each_verb *each, void *ctx)
{
	char name[64];

	for (const struct cli_verb *v = single_verbs; v->name; v++)
		each(ctx, v->name, v);
	for (const struct cli_verb *v = board_verbs; v->name; v++)
		each(ctx, v->name, v);
	for (const struct cli_group *g = groups; g->name; g++)
		for (const struct cli_verb *v = g->verbs; v->name; v++) {
			snprintf(name, sizeof(name), "%s %s", g->name, v->name);
			each(ctx, name, v);
		}
}

static void print_names(const struct cli_verb *v)
{
	for (; v->name; v++)
		printf(" %s", v->name);
}

/* --- bash --- */

static void bash_choice(void *ctx, const struct cli_choice *choice)
{
	(void)ctx;
	printf(" --%s", choice->name);
	if (choice->letter)
		printf(" -%c", choice->letter);
}

static void bash_verb(void *ctx, const char *name, const struct cli_verb *verb)
{
	printf("\t\"%s\") options=\"", name);
	for_choices(verb, bash_choice, ctx);
	puts("\" ;;");
}

static void bash(void)
{
	puts("# tether's completion for bash, made by `tether completion "
	     "bash`\n"
	     "_tether() {\n"
	     "\tlocal word=${COMP_WORDS[COMP_CWORD]} options= verb words=\n"
	     "\tverb=${COMP_WORDS[1]}\n"
	     "\tCOMPREPLY=()");
	printf("\twords=\"");
	print_names(single_verbs);
	print_names(board_verbs);
	for (const struct cli_group *g = groups; g->name; g++)
		printf(" %s", g->name);
	puts("\"\n\tif [ \"$COMP_CWORD\" = 1 ]; then\n"
	     "\t\tCOMPREPLY=($(compgen -W \"$words --help --version\" -- "
	     "\"$word\"))\n"
	     "\t\treturn\n\tfi\n\tcase $verb in");
	for (const struct cli_group *g = groups; g->name; g++) {
		printf("\t%s) words=\"", g->name);
		print_names(g->verbs);
		puts("\"\n\t\tif [ \"$COMP_CWORD\" = 2 ]; then\n"
		     "\t\t\tCOMPREPLY=($(compgen -W \"$words\" -- "
		     "\"$word\"))\n"
		     "\t\t\treturn\n\t\tfi\n"
		     "\t\tverb=\"$verb ${COMP_WORDS[2]}\" ;;");
	}
	puts("\thelp) COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
	     "\t\treturn ;;\n\tesac\n\tcase $verb in");
	for_verbs(bash_verb, NULL);
	puts("\tesac\n"
	     "\tcase $word in\n"
	     "\t-*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
	     "\t*) compopt -o default ;;\n"
	     "\tesac\n"
	     "}\n"
	     "complete -F _tether tether");
}

/* --- zsh --- */

/* Within '...[...]': neither quotes nor brackets nor colons. */
static void zsh_text(const char *s)
{
	for (; *s; s++)
		if (*s == '\'')
			fputs("'\\''", stdout);
		else if (strchr("[]:\\", *s))
			printf("\\%c", *s);
		else
			putchar(*s);
}

static void zsh_choice(void *ctx, const struct cli_choice *choice)
{
	(void)ctx;
	printf(" '*--%s[", choice->name);
	zsh_text(choice->help);
	printf("]%s%s%s'", choice->value ? ":" : "",
	       choice->value ? choice->value : "",
	       choice->value ? ":_files" : "");
}

static void zsh_verb(void *ctx, const char *name, const struct cli_verb *verb)
{
	printf("\t'%s') _arguments", name);
	for_choices(verb, zsh_choice, ctx);
	puts(" '*:file:_files' ;;");
}

static void zsh_names(const struct cli_verb *v)
{
	for (; v->name; v++) {
		printf(" '%s:", v->name);
		zsh_text(v->help);
		putchar('\'');
	}
}

static void zsh(void)
{
	puts("#compdef tether\n"
	     "# tether's completion for zsh, made by `tether completion zsh`\n"
	     "_tether() {\n"
	     "\tlocal -a verbs\n"
	     "\tlocal verb=$words[2]");
	printf("\tverbs=(");
	zsh_names(single_verbs);
	zsh_names(board_verbs);
	for (const struct cli_group *g = groups; g->name; g++)
		printf(" '%s:verbs of its own'", g->name);
	puts(")\n\tif (( CURRENT == 2 )) || [[ $verb = help ]]; then\n"
	     "\t\t_describe verb verbs\n\t\treturn\n\tfi\n\tcase $verb in");
	for (const struct cli_group *g = groups; g->name; g++) {
		printf("\t%s) verbs=(", g->name);
		zsh_names(g->verbs);
		puts(")\n\t\tif (( CURRENT == 3 )); then\n"
		     "\t\t\t_describe verb verbs\n\t\t\treturn\n\t\tfi\n"
		     "\t\tverb=\"$verb $words[3]\" ;;");
	}
	puts("\tesac\n\tcase $verb in");
	for_verbs(zsh_verb, NULL);
	puts("\tesac\n}\n_tether \"$@\"");
}

/* --- fish --- */

static void fish_text(const char *s)
{
	putchar('\'');
	for (; *s; s++) {
		if (*s == '\'' || *s == '\\')
			putchar('\\');
		putchar(*s);
	}
	putchar('\'');
}

static void fish_choice(void *ctx, const struct cli_choice *choice)
{
	printf("complete -c tether -n '__fish_seen_subcommand_from %s' -l %s",
	       (const char *)ctx, choice->name);
	if (choice->letter)
		printf(" -s %c", choice->letter);
	if (choice->value)
		fputs(" -r", stdout);
	fputs(" -d ", stdout);
	fish_text(choice->help);
	putchar('\n');
}

static void fish_verb(void *ctx, const char *name, const struct cli_verb *verb)
{
	const char *space = strchr(name, ' ');
	char last[64];

	(void)ctx;
	snprintf(last, sizeof(last), "%s", space ? space + 1 : name);
	if (space)
		printf("complete -c tether -n '__fish_seen_subcommand_from "
		       "%.*s' -a %s -d ",
		       (int)(space - name), name, last);
	else
		printf("complete -c tether -n __fish_use_subcommand -a %s -d ",
		       last);
	fish_text(verb->help);
	putchar('\n');
	for_choices(verb, fish_choice, last);
}

static void fish(void)
{
	puts("# tether's completion for fish, made by `tether completion "
	     "fish`");
	for (const struct cli_group *g = groups; g->name; g++)
		printf("complete -c tether -n __fish_use_subcommand -a %s\n",
		       g->name);
	for_verbs(fish_verb, NULL);
}

int completion_run(struct cli *c)
{
	const char *shell = c->argument[0];

	if (!strcmp(shell, "bash"))
		bash();
	else if (!strcmp(shell, "zsh"))
		zsh();
	else if (!strcmp(shell, "fish"))
		fish();
	else {
		fprintf(stderr,
			"tether completion: %s: expected bash, zsh or fish\n",
			shell);
		return EXIT_USAGE;
	}
	return EXIT_OK;
}

/* --- help VERB --- */

int help_run(struct cli *c)
{
	const struct cli_verb *verb;
	char name[64];

	for (const struct cli_group *g = groups; g->name; g++) {
		if (strcmp(g->name, c->argument[0]) != 0)
			continue;
		verb = c->arguments > 1 ? cli_find(g->verbs, c->argument[1])
					: NULL;
		for (const struct cli_verb *v = g->verbs;
		     v->name && c->arguments == 1; v++)
			printf("tether %s %-14s %s\n", g->name, v->name,
			       v->help);
		if (verb) {
			snprintf(name, sizeof(name), "%s %s", g->name,
				 verb->name);
			cli_help(name, verb);
		}
		if (verb || c->arguments == 1)
			return EXIT_OK;
	}
	verb = cli_find(single_verbs, c->argument[0]);
	if (!verb)
		verb = cli_find(board_verbs, c->argument[0]);
	if (verb && c->arguments == 1) {
		cli_help(verb->name, verb);
		return EXIT_OK;
	}
	text_tame(c->argument[c->arguments - 1]);
	fprintf(stderr, "tether: no verb %s. see tether --help\n",
		c->argument[c->arguments - 1]);
	return EXIT_USAGE;
}

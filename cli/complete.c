/* SPDX-License-Identifier: Apache-2.0 */
/* The verb `completion`: scripts for bash, zsh and fish, generated from the
 * tables of verbs and options. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/verbs.h"
#include "posix/parse.h"

typedef void print_option(const char *verb, const struct cli_option *o);

static void print_options(const struct cli_verb *v, print_option *print)
{
	char name[CLI_NAME];

	cli_verb_name(v, name);
	for (const struct cli_option *o = v->options; o && o->name; o++)
		print(name, o);
	for (const struct cli_option *o = cli_global_options; o->name; o++)
		if (cli_global_applies(o, v))
			print(name, o);
}

static bool is_in(const struct cli_verb *v, const char *group)
{
	return group ? v->group && !strcmp(v->group, group) : !v->group;
}

static void print_names(const char *group)
{
	for (const struct cli_verb *const *v = cli_verbs; *v; v++)
		if (is_in(*v, group))
			printf(" %s", (*v)->name);
}

static void print_choices(const char *const *choices)
{
	for (; *choices; choices++)
		printf(" %s", *choices);
}

/* Whether the values of an option or argument are words that a shell can
 * complete. */
static bool has_values(const struct cli_option *o)
{
	return o->choices || o->names;
}

static void print_values(const struct cli_option *o)
{
	if (o->choices)
		print_choices(o->choices);
	for (const struct parse_name *n = o->names; n && n->name; n++)
		printf(" %s", n->name);
}

/* Print the allowed values of the first argument: words, choices or names. */
static void print_first_argument(const struct cli_verb *v)
{
	for (const struct cli_word *w = v->words; w && w->name; w++)
		printf(" %s", w->name);
	if (v->arguments)
		print_values(v->arguments);
}

static bool has_first_argument(const struct cli_verb *v)
{
	return v->words || (v->arguments && has_values(v->arguments));
}

/* --- bash --- */

static void print_bash_option(const char *verb, const struct cli_option *o)
{
	(void)verb;
	printf(" --%s", o->name);
	if (o->letter)
		printf(" -%c", o->letter);
}

static void print_bash_values(const char *verb, const struct cli_option *o)
{
	if (!has_values(o) && o->type != CLI_FOLDER)
		return;
	printf("\t\"%s --%s\"", verb, o->name);
	if (o->letter)
		printf(" | \"%s -%c\"", verb, o->letter);
	if (has_values(o)) {
		fputs(") COMPREPLY=($(compgen -W \"", stdout);
		print_values(o);
		puts("\" -- \"$word\"))\n\t\treturn ;;");
	} else {
		puts(") COMPREPLY=($(compgen -d -- \"$word\"))\n\t\treturn ;;");
	}
}

/* Whether the first argument behind a word has values to complete. */
static bool has_word_values(const struct cli_word *w)
{
	return w->arguments && has_values(w->arguments);
}

static void print_bash_words(const struct cli_verb *v)
{
	char name[CLI_NAME];

	cli_verb_name(v, name);
	for (const struct cli_word *w = v->words; w && w->name; w++) {
		if (!has_word_values(w))
			continue;
		printf("\t\"%s %s\") COMPREPLY=($(compgen -W \"", name,
		       w->name);
		print_values(w->arguments);
		puts("\" -- \"$word\"))\n\t\treturn ;;");
	}
}

static void print_bash_verb(const struct cli_verb *v)
{
	char name[CLI_NAME];

	printf("\t\"%s\") options=\"", cli_verb_name(v, name));
	print_options(v, print_bash_option);
	putchar('"');
	if (has_first_argument(v)) {
		fputs(" words=\"", stdout);
		print_first_argument(v);
		putchar('"');
	}
	puts(" ;;");
}

static void print_bash_group(const struct cli_group *g)
{
	printf("\t%s) words=\"", g->name);
	print_names(g->name);
	puts("\"\n\t\tif [ \"$COMP_CWORD\" = 2 ]; then\n"
	     "\t\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
	     "\t\t\treturn\n\t\tfi\n"
	     "\t\tfirst=3 verb=\"$verb ${COMP_WORDS[2]}\" ;;");
}

static void print_bash(void)
{
	puts("# bash completion of tether, by `tether completion bash`\n"
	     "_tether() {\n"
	     "\tlocal word=${COMP_WORDS[COMP_CWORD]} options= words= first=2\n"
	     "\tlocal before=${COMP_WORDS[COMP_CWORD-1]} "
	     "verb=${COMP_WORDS[1]}\n"
	     "\tCOMPREPLY=()");
	fputs("\twords=\"", stdout);
	print_names(NULL);
	for (const struct cli_group *g = cli_groups; g->name; g++)
		printf(" %s", g->name);
	puts("\"\n\tif [ \"$COMP_CWORD\" = 1 ]; then\n"
	     "\t\tCOMPREPLY=($(compgen -W \"$words --help --version\" -- "
	     "\"$word\"))\n"
	     "\t\treturn\n\tfi\n\tcase $verb in");
	for (const struct cli_group *g = cli_groups; g->name; g++)
		print_bash_group(g);
	puts("\thelp) COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
	     "\t\treturn ;;\n\tesac\n\twords=\n\tcase \"$verb $before\" in");
	for (const struct cli_verb *const *v = cli_verbs; *v; v++) {
		print_options(*v, print_bash_values);
		print_bash_words(*v);
	}
	puts("\tesac\n\tcase $verb in");
	for (const struct cli_verb *const *v = cli_verbs; *v; v++)
		print_bash_verb(*v);
	puts("\tesac\n"
	     "\tif [[ $word = -* ]]; then\n"
	     "\t\tCOMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
	     "\telif [ \"$COMP_CWORD\" = $first ] && [ \"$words\" ]; then\n"
	     "\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
	     "\telse\n"
	     "\t\tcompopt -o default\n"
	     "\tfi\n"
	     "}\n"
	     "complete -F _tether tether");
}

/* --- zsh --- */

/* Escape quotes, brackets and colons for '...[...]'. */
static void print_zsh_text(const char *s)
{
	for (; *s; s++)
		if (*s == '\'')
			fputs("'\\''", stdout);
		else if (strchr("[]:\\", *s))
			printf("\\%c", *s);
		else
			putchar(*s);
}

static void print_zsh_action(const struct cli_option *o)
{
	printf(":%s:", o->value);
	if (has_values(o)) {
		putchar('(');
		print_values(o);
		putchar(')');
	} else if (o->type == CLI_FOLDER) {
		fputs("_directories", stdout);
	} else {
		fputs("_files", stdout);
	}
}

static void print_zsh_spec(const char *dashes, const char *name,
			   const struct cli_option *o)
{
	printf(" '*%s%s[", dashes, name);
	print_zsh_text(o->help);
	putchar(']');
	if (cli_option_has_value(o))
		print_zsh_action(o);
	putchar('\'');
}

static void print_zsh_option(const char *verb, const struct cli_option *o)
{
	const char letter[2] = { o->letter };

	(void)verb;
	print_zsh_spec("--", o->name, o);
	if (o->letter)
		print_zsh_spec("-", letter, o);
}

static void print_zsh_verb(const struct cli_verb *v)
{
	char name[CLI_NAME];

	printf("\t'%s') _arguments", cli_verb_name(v, name));
	print_options(v, print_zsh_option);
	if (has_first_argument(v)) {
		printf(" '%d:word:(", v->group ? 3 : 2);
		print_first_argument(v);
		fputs(")'", stdout);
	}
	for (const struct cli_word *w = v->words; w && w->name; w++) {
		if (!has_word_values(w))
			continue;
		printf(" '%d:value:(", v->group ? 4 : 3);
		print_values(w->arguments);
		fputs(")'", stdout);
		break; /* the words of a verb share their values */
	}
	puts(" '*:file:_files' ;;");
}

static void print_zsh_names(const char *group)
{
	for (const struct cli_verb *const *v = cli_verbs; *v; v++) {
		if (!is_in(*v, group))
			continue;
		printf(" '%s:", (*v)->name);
		print_zsh_text((*v)->help);
		putchar('\'');
	}
}

static void print_zsh(void)
{
	puts("#compdef tether\n"
	     "# zsh completion of tether, by `tether completion zsh`\n"
	     "_tether() {\n"
	     "\tlocal -a verbs\n"
	     "\tlocal verb=$words[2]");
	fputs("\tverbs=(", stdout);
	print_zsh_names(NULL);
	for (const struct cli_group *g = cli_groups; g->name; g++) {
		printf(" '%s:", g->name);
		print_zsh_text(g->help);
		putchar('\'');
	}
	puts(")\n\tif (( CURRENT == 2 )) || [[ $verb = help ]]; then\n"
	     "\t\t_describe verb verbs\n\t\treturn\n\tfi\n\tcase $verb in");
	for (const struct cli_group *g = cli_groups; g->name; g++) {
		printf("\t%s) verbs=(", g->name);
		print_zsh_names(g->name);
		puts(")\n\t\tif (( CURRENT == 3 )); then\n"
		     "\t\t\t_describe verb verbs\n\t\t\treturn\n\t\tfi\n"
		     "\t\tverb=\"$verb $words[3]\" ;;");
	}
	puts("\tesac\n\tcase $verb in");
	for (const struct cli_verb *const *v = cli_verbs; *v; v++)
		print_zsh_verb(*v);
	puts("\tesac\n}\n_tether \"$@\"");
}

/* --- fish --- */

static void print_fish_text(const char *s)
{
	putchar('\'');
	for (; *s; s++) {
		if (*s == '\'' || *s == '\\')
			putchar('\\');
		putchar(*s);
	}
	putchar('\'');
}

/* A condition that is true behind the verb. */
static void print_fish_condition(const struct cli_verb *v)
{
	fputs("complete -c tether -n '", stdout);
	if (v->group)
		printf("__fish_seen_subcommand_from %s; and ", v->group);
	printf("__fish_seen_subcommand_from %s'", v->name);
}

static void print_fish_option(const struct cli_verb *v,
			      const struct cli_option *o)
{
	print_fish_condition(v);
	printf(" -l %s", o->name);
	if (o->letter)
		printf(" -s %c", o->letter);
	if (has_values(o)) {
		fputs(" -x -a '", stdout);
		print_values(o);
		putchar('\'');
	} else if (o->type == CLI_FOLDER) {
		fputs(" -x -a '(__fish_complete_directories)'", stdout);
	} else if (cli_option_has_value(o)) {
		fputs(" -r", stdout);
	}
	fputs(" -d ", stdout);
	print_fish_text(o->help);
	putchar('\n');
}

static void print_fish_verb(const struct cli_verb *v)
{
	if (v->group)
		printf("complete -c tether -n '__fish_seen_subcommand_from %s' "
		       "-a %s -d ",
		       v->group, v->name);
	else
		printf("complete -c tether -n __fish_use_subcommand -a %s -d ",
		       v->name);
	print_fish_text(v->help);
	putchar('\n');
	if (has_first_argument(v)) {
		print_fish_condition(v);
		fputs(" -a '", stdout);
		print_first_argument(v);
		puts("'");
	}
	for (const struct cli_word *w = v->words; w && w->name; w++) {
		if (!has_word_values(w))
			continue;
		print_fish_condition(v);
		printf(" -a '(__fish_seen_subcommand_from %s; and printf "
		       "\"%%s\\n\"",
		       w->name);
		print_values(w->arguments);
		puts(")'");
	}
	for (const struct cli_option *o = v->options; o && o->name; o++)
		print_fish_option(v, o);
	for (const struct cli_option *o = cli_global_options; o->name; o++)
		if (cli_global_applies(o, v))
			print_fish_option(v, o);
}

static void print_fish(void)
{
	puts("# fish completion of tether, by `tether completion fish`");
	for (const struct cli_group *g = cli_groups; g->name; g++) {
		printf("complete -c tether -n __fish_use_subcommand -a %s -d ",
		       g->name);
		print_fish_text(g->help);
		putchar('\n');
	}
	for (const struct cli_verb *const *v = cli_verbs; *v; v++)
		print_fish_verb(*v);
}

static int run_completion(struct cli *c)
{
	static void (*const print[])(void) = { print_bash, print_zsh,
					       print_fish };

	print[cli_argument_choice(c, 0)]();
	return EXIT_OK;
}

static const struct cli_option arguments[] = {
	{ "SHELL", .help = "Shell to print the script for", .type = CLI_CHOICE,
	  .choices = CLI_CHOICES("bash", "zsh", "fish") },
	{ 0 },
};

const struct cli_verb cli_completion_verb = {
	.name = "completion",
	.synopsis = "bash | zsh | fish",
	.help = "Print a script that completes words for a shell",
	.text = "In ~/.bashrc: eval \"$(tether completion bash)\"",
	.examples = "tether completion bash\n"
		    "tether completion fish "
		    ">~/.config/fish/completions/tether.fish\n",
	CLI_TAKES(arguments, 1, 1),
	.run = run_completion,
};

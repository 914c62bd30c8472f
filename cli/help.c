/* SPDX-License-Identifier: Apache-2.0 */
/* What `tether help VERB` and `tether VERB --help` print. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static void print_choice(const struct cli_choice *choice)
{
	char left[64], letter[8] = "    ";

	if (choice->letter)
		snprintf(letter, sizeof(letter), "-%c, ", choice->letter);
	snprintf(left, sizeof(left), "%s--%s%s%s", letter, choice->name,
		 choice->value ? " " : "", choice->value ? choice->value : "");
	/* The text is broken at 80 columns, below itself. */
	printf("  %-24s", left);
	if (strlen(left) > 23)
		printf("\n%26s", "");
	for (const char *word = choice->help; *word;) {
		static int column;
		size_t n = strcspn(word, " ");

		if (word == choice->help)
			column = 26;
		if (column + (int)n > 79) {
			printf("\n%26s", "");
			column = 26;
		} else if (column > 26) {
			putchar(' ');
		}
		printf("%.*s", (int)n, word);
		column += (int)n + 1;
		word += n + strspn(word + n, " ");
	}
	putchar('\n');
}

void cli_help(const char *name, const struct cli_verb *verb)
{
	printf("usage: tether %s %s\n%s\n", name, verb->arguments, verb->help);
	if (verb->text)
		printf("\n%s\n", verb->text);
	if (!verb->choices)
		return;
	putchar('\n');
	for (const struct cli_choice *i = verb->choices; i->name; i++)
		print_choice(i);
	print_choice(&(struct cli_choice){ "json", 0, NULL,
					   "for machines, one line" });
	print_choice(&(struct cli_choice){ "help", 0, NULL, "this" });
}

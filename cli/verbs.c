/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of all verbs, groups and global options, and how to find one. */
#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>

#include "posix/suggest.h"

#define LIST_VERB(x) &x##_verb,
#define INDEX_VERB(x) INDEX_##x,

const struct cli_verb *const cli_verbs[] = {
	CLI_DEVICE_VERBS(LIST_VERB) CLI_BOARD_VERBS(LIST_VERB) NULL,
};
enum { CLI_DEVICE_VERBS(INDEX_VERB) DEVICE_VERBS };
const size_t cli_device_verb_count = DEVICE_VERBS;

const struct cli_group cli_groups[] = {
	{ "mctp", "Send MCTP messages to a device" },
	{ "nvme", "Manage an NVM subsystem through NVMe-MI" },
	{ "pldm", "Serve a file to a device through PLDM" },
	{ "sim", "Change the simulated drive of a running usbnvme" },
	{ 0 },
};

const struct cli_option cli_global_options[] = {
	[CLI_GLOBAL_VIA] = { "via", 0, "VIA",
			     "Use this device (tether --help lists the forms)",
			     CLI_TEXT },
	[CLI_GLOBAL_WAIT] = { "wait", 0, "SECONDS",
			      "Wait this long for a device that is in use",
			      CLI_SECONDS, .max = 86400, .default_value = "5" },
	[CLI_GLOBAL_PCAP] = { "pcap", 0, "FILE",
			      "Capture MCTP for Wireshark (-: standard output)",
			      CLI_FILE },
	[CLI_GLOBAL_JSON] = { "json", 0, NULL, "Print JSON on one line" },
	[CLI_GLOBAL_COLOR] = { "color", 0, "WHEN",
			       "Use colours for results and errors", CLI_CHOICE,
			       .choices =
				       CLI_CHOICES("auto", "always", "never"),
			       .default_value = "auto" },
	[CLI_GLOBAL_HELP] = { "help", 'h', NULL, "Show this help" },
	{ 0 },
};

bool cli_global_applies(const struct cli_option *o, const struct cli_verb *v)
{
	if (o == &cli_global_options[CLI_GLOBAL_PCAP])
		return v->device || v->packets;
	return v->device || (o != &cli_global_options[CLI_GLOBAL_VIA] &&
			     o != &cli_global_options[CLI_GLOBAL_WAIT]);
}

/* Verbs that had another name in an earlier version. `tether mcp` differed from
 * `tether mctp` by one letter. */
static const struct {
	const char *old_name, *new_name;
} renamed[] = {
	{ "mcp", "mcp-server" },
};

const char *cli_find_new_name(const char *old_name)
{
	for (size_t i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++)
		if (!strcmp(renamed[i].old_name, old_name))
			return renamed[i].new_name;
	return NULL;
}

static bool is_same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

const struct cli_verb *cli_find_verb(const char *group, const char *name)
{
	for (const struct cli_verb *const *v = cli_verbs; *v; v++)
		if (is_same((*v)->group, group) && is_same((*v)->name, name))
			return *v;
	return NULL;
}

const struct cli_group *cli_find_group(const char *name)
{
	for (const struct cli_group *g = cli_groups; g->name; g++)
		if (!strcmp(g->name, name))
			return g;
	return NULL;
}

char *cli_verb_name(const struct cli_verb *v, char *name)
{
	snprintf(name, CLI_NAME, "%s%s%s", v->group ? v->group : "",
		 v->group ? " " : "", v->name);
	return name;
}

/* --- unknown verbs --- */

static bool is_in(const struct cli_verb *v, const char *group)
{
	return group ? v->group && !strcmp(v->group, group) : !v->group;
}

/* Compare the word with the names that may stand in its place. */
static void compare_names(struct suggest *s, const char *group)
{
	for (const struct cli_verb *const *v = cli_verbs; *v; v++)
		if (is_in(*v, group))
			suggest_compare(s, (*v)->name);
	for (const struct cli_group *g = cli_groups; !group && g->name; g++)
		suggest_compare(s, g->name);
}

/* Find a verb of any group whose own name, or name with its group ("nvme
 * health"), is the word. */
static const struct cli_verb *find_elsewhere(const char *word)
{
	const struct cli_verb *similar = NULL;
	char name[CLI_NAME];
	struct suggest s;

	suggest_init(&s, word, strlen(word));
	for (const struct cli_verb *const *v = cli_verbs; *v; v++) {
		unsigned int before = s.distance;

		suggest_compare(&s, (*v)->name);
		suggest_compare(&s, cli_verb_name(*v, name));
		if (s.distance < before)
			similar = *v;
	}
	return similar;
}

/* Write the name to suggest, as in "nvme health", or "". */
static void find_similar(const char *group, const char *word,
			 char name[CLI_NAME])
{
	const struct cli_verb *elsewhere = find_elsewhere(word);
	struct suggest here;

	suggest_init(&here, word, strlen(word));
	compare_names(&here, group);
	name[0] = '\0';
	if (here.best[0] && (here.distance < 2 || !elsewhere))
		snprintf(name, CLI_NAME, "%s%s%.40s", group ? group : "",
			 group ? " " : "", here.best);
	else if (elsewhere)
		cli_verb_name(elsewhere, name);
}

int cli_fail_verb(const struct cli *c, const char *group, const char *word)
{
	const char *new_name = group ? NULL : cli_find_new_name(word);
	char name[CLI_NAME];

	/* Its stdout would be read as the output of the renamed verb. */
	if (new_name) {
		fprintf(stderr, "tether: `tether %s` is now `tether %s`\n",
			word, new_name);
		return EXIT_USAGE;
	}
	find_similar(group, word, name);
	if (name[0])
		return cli_fail_usage(c,
				      "no verb %s%s%.80s. Did you mean "
				      "`tether %s`?",
				      group ? group : "", group ? " " : "",
				      word, name);
	return cli_fail_usage(c,
			      "no verb %s%s%.80s. `tether %s%s` lists the "
			      "verbs",
			      group ? group : "", group ? " " : "", word,
			      group ? "help " : "--help", group ? group : "");
}

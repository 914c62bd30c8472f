/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of all verbs, groups and global options, and how to find one. */
#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>

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
	return v->device || o != &cli_global_options[CLI_GLOBAL_VIA];
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

/* SPDX-License-Identifier: Apache-2.0 */
/* tether nvme ns: lists, creates, deletes, attaches and detaches namespaces. */
#include <stdio.h>

#include "cli/device/nvme_verb.h"
#include "cli/verbs.h"
#include "nvme_mi/nvme_wire.h"

static int run_list(struct cli *c)
{
	static uint8_t page[NVME_PAGE];
	struct nvme_identify i = {
		.cns = cli_option_given(c, "all")
			       ? NVME_IDENTIFY_ALLOCATED_NAMESPACE_LIST
			       : NVME_IDENTIFY_ACTIVE_NAMESPACE_LIST,
	};
	struct nvme_host h;
	int status = nvme_verb_open_controller(c, &h, &i.controller);

	if (status)
		return status;
	if (nvme_identify(&h, &i, page))
		return nvme_verb_fail(c, "Identify");
	nvme_verb_show(c, nvme_identify_table(i.cns), page, sizeof(page));
	return EXIT_OK;
}

static int run_create(struct cli *c)
{
	struct nvme_new_namespace n = {
		.size = cli_option_number(c, "size"),
		.capacity = cli_option_number(c, "size"),
		.format = (uint8_t)cli_option_number(c, "format"),
		.shared = cli_option_given(c, "shared"),
	};
	struct nvme_host h;
	uint32_t nsid;
	char line[32];
	int status;

	if (cli_option_given(c, "capacity"))
		n.capacity = cli_option_number(c, "capacity");
	if (!n.size) {
		fprintf(stderr, "tether %s: no size. Add --size BLOCKS\n",
			c->verb);
		return EXIT_USAGE;
	}
	status = nvme_verb_open_controller(c, &h, &n.controller);
	if (status)
		return status;
	if (nvme_create_namespace(&h, &n, &nsid))
		return nvme_verb_fail(c, "Namespace Management");
	snprintf(line, sizeof(line), "namespace %u", nsid);
	nvme_verb_print_number(c, "nsid", nsid, line);
	return EXIT_OK;
}

static int run_delete(struct cli *c)
{
	uint32_t nsid = (uint32_t)cli_argument_number(c, 0);
	uint16_t controller;
	struct nvme_host h;
	char what[80];
	int status;

	snprintf(what, sizeof(what),
		 nsid == NVME_NSID_ALL
			 ? "This deletes all namespaces with their data"
			 : "This deletes namespace %u with its data",
		 nsid);
	status = nvme_verb_confirm(c, what);
	if (!status)
		status = nvme_verb_open_controller(c, &h, &controller);
	if (status)
		return status;
	if (nvme_delete_namespace(&h, controller, nsid))
		return nvme_verb_fail(c, "Namespace Management");
	nvme_verb_print_number(c, "deleted", nsid, "deleted");
	return EXIT_OK;
}

/* The controllers of --controllers, else that of --controller. */
static uint16_t read_controllers(const struct cli *c, uint16_t *ids)
{
	static uint64_t numbers[NVME_CONTROLLER_LIST_MAX];
	size_t count = cli_option_numbers(c, "controllers", numbers,
					  NVME_CONTROLLER_LIST_MAX);

	if (!count)
		numbers[count++] = cli_option_number(c, "controller");
	for (size_t i = 0; i < count; i++)
		ids[i] = (uint16_t)numbers[i];
	return (uint16_t)count;
}

static int attach_or_detach(struct cli *c, bool attach)
{
	static uint16_t ids[NVME_CONTROLLER_LIST_MAX];
	uint32_t nsid = (uint32_t)cli_argument_number(c, 0);
	uint16_t count = read_controllers(c, ids);
	const char *done = attach ? "attached" : "detached";
	struct nvme_host h;
	int status = nvme_verb_open(c, &h);

	if (status)
		return status;
	if (nvme_attach_namespace(&h, nsid, attach, ids, count))
		return nvme_verb_fail(c, "Namespace Attachment");
	nvme_verb_print_number(c, done, nsid, done);
	return EXIT_OK;
}

static int run_attach(struct cli *c)
{
	return attach_or_detach(c, true);
}

static int run_detach(struct cli *c)
{
	int status = nvme_verb_confirm(c, "This removes a namespace from its "
					  "host");

	return status ? status : attach_or_detach(c, false);
}

static const struct cli_option options[] = {
	{ "all", 'a', NULL, "list: Include namespaces that are not attached" },
	{ "size", 's', "BLOCKS", "create: Set the size in blocks", CLI_NUMBER,
	  .min = 1, .max = INT64_MAX },
	{ "capacity", 0, "BLOCKS", "create: Set the capacity, else the size",
	  CLI_NUMBER, .min = 1, .max = INT64_MAX },
	{ "format", 'f', "N", "create: Use this LBA format (0: 512 bytes)",
	  CLI_NUMBER, .max = 15, .default_value = "0" },
	{ "shared", 0, NULL, "create: Allow several controllers" },
	{ "controllers", 0, "IDS", "attach, detach: Use these controllers",
	  CLI_NUMBERS, .max = UINT16_MAX },
	NVME_VERB_CONTROLLER,
	NVME_VERB_YES,
	NVME_VERB_OPTIONS,
};

static const struct cli_option arguments[] = {
	{ "NSID", .help = "Namespace (delete: 0xffffffff means all)",
	  .type = CLI_NUMBER, .min = 1, .max = UINT32_MAX },
	{ 0 },
};

static const struct cli_word words[] = {
	{ "list", NULL, 0, 0, run_list, "List the attached namespaces" },
	{ "create", NULL, 0, 0, run_create, "Create a namespace of --size" },
	{ "delete", arguments, 1, 1, run_delete,
	  "Delete a namespace (0xffffffff: all)" },
	{ "attach", arguments, 1, 1, run_attach,
	  "Attach a namespace to controllers" },
	{ "detach", arguments, 1, 1, run_detach,
	  "Detach a namespace from controllers" },
	{ 0 },
};

const struct cli_verb device_nvme_ns_verb = {
	.group = "nvme",
	.name = "ns",
	.synopsis = "list | create | delete | attach | detach",
	.help = "List, create, delete, attach or detach namespaces",
	.examples = "tether nvme ns create --size 2097152 --shared\n"
		    "tether nvme ns attach 2 --controllers 0,1\n",
	.options = options,
	.words = words,
	.min_arguments = 1,
	.device = true,
};

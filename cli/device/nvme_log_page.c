/* SPDX-License-Identifier: Apache-2.0 */
/* tether nvme log-page: prints a log page, decoded or as bytes. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/device/nvme_verb.h"
#include "cli/verbs.h"

enum { LOG_MAX = 16 << 20 };

/* --length, else the rest of the page as far as its size is known. */
static uint32_t find_length(const struct cli *c, uint8_t id, uint64_t offset)
{
	uint64_t size = nvme_log_table(id)->size;

	if (cli_option_given(c, "length"))
		return (uint32_t)cli_option_number(c, "length");
	return (uint32_t)(offset < size ? size - offset : size);
}

static int read_options(struct cli *c, struct nvme_log_page *l)
{
	uint8_t id = (uint8_t)cli_argument_number(c, 0);
	uint64_t offset = cli_option_number(c, "offset");

	*l = (struct nvme_log_page){
		.id = id,
		.specific = (uint8_t)cli_option_number(c, "lsp"),
		.nsid = (uint32_t)cli_option_number(c, "nsid"),
		.offset = offset,
		.len = find_length(c, id, offset),
		.retain = cli_option_given(c, "rae"),
	};
	if (l->offset % 4 == 0 && l->len % 4 == 0)
		return EXIT_OK;
	fprintf(stderr,
		"tether %s: --offset and --length must be multiples of 4\n",
		c->verb);
	return EXIT_USAGE;
}

static int run(struct cli *c)
{
	struct nvme_log_page l;
	struct nvme_host h;
	uint8_t *data;
	int status = read_options(c, &l);

	if (!status)
		status = nvme_verb_open_controller(c, &h, &l.controller);
	if (status)
		return status;
	data = malloc(l.len);
	if (!data)
		return cli_fail(c, "out of memory");
	if (nvme_get_log_page(&h, &l, data))
		status = nvme_verb_fail(c, "Get Log Page");
	else if (l.offset) /* tables start at the beginning of a page */
		nvme_verb_show_bytes(c, data, l.len);
	else
		nvme_verb_show(c, nvme_log_table(l.id), data, l.len);
	free(data);
	return status;
}

static const struct cli_option options[] = {
	{ "offset", 0, "BYTES", "Start here, at a multiple of 4", CLI_SIZE,
	  .max = INT64_MAX, .default_value = "0" },
	{ "length", 0, "BYTES", "Read this much, else the known page", CLI_SIZE,
	  .min = 4, .max = LOG_MAX },
	{ "lsp", 0, "N", "Set the log specific field", CLI_NUMBER, .max = 0x7f,
	  .default_value = "0" },
	{ "rae", 0, NULL, "Retain the asynchronous events of the page" },
	{ "nsid", 'n', "N", "Read the page of this namespace", CLI_NUMBER,
	  .max = UINT32_MAX, .default_value = NVME_VERB_NSID_ALL },
	NVME_VERB_CONTROLLER,
	NVME_VERB_OPTIONS,
};

static const struct cli_option arguments[] = {
	{ "ID", .help = "Log page identifier", .type = CLI_NUMBER,
	  .max = UINT8_MAX },
	{ 0 },
};

const struct cli_verb device_nvme_log_page_verb = {
	.group = "nvme",
	.name = "log-page",
	.synopsis = "ID [OPTION]...",
	.help = "Show a log page",
	.text = "With --offset, the part is printed as bytes.",
	.examples = "tether nvme log-page 2 --json\n"
		    "tether nvme log-page 0x81\n",
	.options = options,
	CLI_TAKES(arguments, 1, 1),
	.device = true,
	.run = run,
};

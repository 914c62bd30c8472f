/* SPDX-License-Identifier: Apache-2.0 */
/* tether nvme log-page: prints a log page, decoded or as bytes. */
#include <stdio.h>
#include <stdlib.h>

#include "base/wire.h"
#include "cli/device/nvme_verb.h"
#include "cli/verbs.h"
#include "nvme_mi/nvme_wire.h"

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
	return cli_fail_usage(c,
			      "--offset and --length must be multiples of 4");
}

/* Read all persistent events: establish a reading context, read the header for
 * the length, read all, release the context. *data is malloc()ed. */
static int read_events(struct cli *c, const struct nvme_host *h,
		       struct nvme_log_page *l, uint8_t **data)
{
	static uint8_t header[NVME_PERSISTENT_LOG_HEADER_SIZE];
	struct rd r = rd_init(header, sizeof(header));
	uint64_t len;
	int err;

	l->len = sizeof(header);
	l->specific = NVME_PERSISTENT_EVENT_RELEASE_CONTEXT;
	if (nvme_get_log_page(h, l, header)) /* left by another host */
		return nvme_verb_fail(c, "Get Log Page");
	l->specific = NVME_PERSISTENT_EVENT_ESTABLISH_CONTEXT_AND_READ;
	if (nvme_get_log_page(h, l, header))
		return nvme_verb_fail(c, "Get Log Page");
	rd_skip(&r, NVME_PERSISTENT_LOG_AT_LENGTH);
	len = (rd_le64(&r) + 3) & ~UINT64_C(3);
	if (len < sizeof(header) || len > LOG_MAX)
		len = sizeof(header);
	*data = malloc(len);
	if (!*data)
		return cli_fail(c, "out of memory");
	l->len = (uint32_t)len;
	l->specific = NVME_PERSISTENT_EVENT_READ;
	err = nvme_get_log_page(h, l, *data);
	l->specific = NVME_PERSISTENT_EVENT_RELEASE_CONTEXT;
	l->len = sizeof(header);
	if (err || nvme_get_log_page(h, l, header))
		return nvme_verb_fail(c, "Get Log Page");
	l->len = (uint32_t)len;
	return EXIT_OK;
}

static int run_events(struct cli *c, const struct nvme_host *h,
		      struct nvme_log_page *l)
{
	uint8_t *data = NULL;
	int status = read_events(c, h, l, &data);

	if (!status)
		nvme_verb_show(c, nvme_log_table(l->id), data, l->len);
	free(data);
	return status;
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
	if (l.id == NVME_LOG_PERSISTENT_EVENT && !l.offset &&
	    !cli_option_given(c, "lsp") && !cli_option_given(c, "length"))
		return run_events(c, &h, &l);
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
	  .max = UINT32_MAX, .default_value = NVME_VERB_NSID_ALL,
	  .names = nvme_verb_nsid_names },
	NVME_VERB_CONTROLLER,
	NVME_VERB_OPTIONS,
};

static const struct cli_option arguments[] = {
	{ "ID", .help = "Log page identifier", .type = CLI_NUMBER,
	  .max = UINT8_MAX, .names = nvme_log_names },
	{ 0 },
};

const struct cli_verb device_nvme_log_page_verb = {
	.group = "nvme",
	.name = "log-page",
	.synopsis = "ID [OPTION]...",
	.help = "Show a log page",
	.text = "With --offset, the part is printed as bytes. Without --lsp "
		"and "
		"--length,\npersistent-events reads all events: it establishes "
		"a reading context and\nreleases it.",
	.examples = "tether nvme log-page smart --json\n"
		    "tether nvme log-page persistent-events\n"
		    "tether nvme log-page 0x81\n",
	.options = options,
	CLI_TAKES(arguments, 1, 1),
	.device = true,
	.run = run,
};

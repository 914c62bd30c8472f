/* SPDX-License-Identifier: Apache-2.0 */
/* tether nvme identify: prints a data structure of the Identify command. */
#include <stddef.h>

#include "cli/device/nvme_verb.h"
#include "cli/verbs.h"
#include "nvme_mi/nvme_wire.h"

static int run(struct cli *c)
{
	static uint8_t page[NVME_PAGE];
	struct nvme_identify i = {
		.cns = (uint8_t)cli_option_number(c, "cns"),
		.cntid = (uint16_t)cli_option_number(c, "cntid"),
		.nsid = (uint32_t)cli_option_number(c, "nsid"),
		.command_set = (uint8_t)cli_option_number(c, "csi"),
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

static const struct cli_option options[] = {
	{ "cns", 0, "CNS", "Read this data structure", CLI_NUMBER,
	  .max = UINT8_MAX, .default_value = "controller",
	  .names = nvme_identify_names },
	{ "nsid", 'n', "N", "Read this namespace, or a list from it on",
	  CLI_NUMBER, .max = UINT32_MAX, .default_value = "0",
	  .names = nvme_verb_nsid_names },
	{ "cntid", 0, "ID", "Read the structure of this controller", CLI_NUMBER,
	  .max = UINT16_MAX, .default_value = "0" },
	{ "csi", 0, "N", "Use this I/O command set (0: NVM)", CLI_NUMBER,
	  .max = UINT8_MAX, .default_value = "0" },
	NVME_VERB_CONTROLLER,
	NVME_VERB_OPTIONS,
};

const struct cli_verb device_nvme_identify_verb = {
	.group = "nvme",
	.name = "identify",
	.synopsis = "[--cns CNS] [OPTION]...",
	.help = "Show a data structure of the Identify command",
	.examples = "tether nvme identify\n"
		    "tether nvme identify --cns namespace --nsid 1\n",
	.options = options,
	.device = true,
	.run = run,
};

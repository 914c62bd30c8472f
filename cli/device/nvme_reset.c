/* SPDX-License-Identifier: Apache-2.0 */
/* tether nvme reset, shutdown: reset or shut down the NVM subsystem. */
#include <stddef.h>

#include "cli/device/nvme_verb.h"
#include "cli/verbs.h"

static int run_reset(struct cli *c)
{
	struct json_object *o;
	struct nvme_host h;
	int status = nvme_verb_confirm(c, "This resets the NVM subsystem with "
					  "all its controllers");

	if (!status)
		status = nvme_verb_open(c, &h);
	if (status)
		return status;
	if (nvme_reset(&h))
		return nvme_verb_fail(c, "Reset");
	o = json_object_new_object();
	cli_add_text(o, "reset", "subsystem");
	nvme_verb_print(c, o, "reset");
	return EXIT_OK;
}

static int run_shutdown(struct cli *c)
{
	bool abrupt = cli_option_given(c, "abrupt");
	struct json_object *o;
	struct nvme_host h;
	int status = nvme_verb_confirm(c, "This shuts down the NVM subsystem "
					  "with all its controllers");

	if (!status)
		status = nvme_verb_open(c, &h);
	if (status)
		return status;
	if (nvme_shutdown(&h, abrupt))
		return nvme_verb_fail(c, "Shutdown");
	o = json_object_new_object();
	cli_add_text(o, "shutdown", abrupt ? "abrupt" : "normal");
	nvme_verb_print(c, o, "shut down");
	return EXIT_OK;
}

static const struct cli_option reset_options[] = { NVME_VERB_YES,
						   NVME_VERB_OPTIONS };

static const struct cli_option shutdown_options[] = {
	{ "abrupt", 0, NULL, "Do not wait, as before a loss of power" },
	NVME_VERB_YES,
	NVME_VERB_OPTIONS,
};

const struct cli_verb device_nvme_reset_verb = {
	.group = "nvme",
	.name = "reset",
	.synopsis = "[--yes]",
	.help = "Reset the NVM subsystem",
	.text = "The device does not answer a reset: its endpoint is reset as "
		"well.",
	.examples = "tether nvme reset --yes\n",
	.options = reset_options,
	.device = true,
	.run = run_reset,
};

const struct cli_verb device_nvme_shutdown_verb = {
	.group = "nvme",
	.name = "shutdown",
	.synopsis = "[--abrupt] [--yes]",
	.help = "Shut down the NVM subsystem",
	.examples = "tether nvme shutdown --yes\n",
	.options = shutdown_options,
	.device = true,
	.run = run_shutdown,
};

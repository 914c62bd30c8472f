/* SPDX-License-Identifier: Apache-2.0 */
/* tether nvme selftest: starts and aborts device self-tests, shows their log.
 */
#include <stddef.h>

#include "cli/device/nvme_verb.h"
#include "cli/verbs.h"
#include "nvme_mi/nvme_wire.h"

static int show_log(struct cli *c)
{
	return nvme_verb_show_log(c, NVME_LOG_DEVICE_SELF_TEST,
				  NVME_LOG_DEVICE_SELF_TEST_SIZE);
}

static int run(struct cli *c)
{
	static const uint8_t codes[] = { NVME_SELF_TEST_SHORT,
					 NVME_SELF_TEST_EXTENDED,
					 NVME_SELF_TEST_ABORT };
	size_t action = (size_t)cli_argument_choice(c, 0);
	struct nvme_admin a = {
		.opcode = NVME_ADMIN_DEVICE_SELF_TEST,
		.nsid = (uint32_t)cli_option_number(c, "nsid"),
	};
	struct nvme_host h;
	int status;

	if (action == sizeof(codes))
		return show_log(c);
	status = nvme_verb_open_controller(c, &h, &a.controller);
	if (status)
		return status;
	a.dword10 = codes[action];
	if (nvme_admin_ask(&h, &a))
		return nvme_verb_fail(c, "Device Self-test");
	nvme_verb_print_number(c, "test", a.dword10,
			       a.dword10 == NVME_SELF_TEST_ABORT
				       ? "aborted"
				       : "started. `tether nvme selftest log` "
					 "shows the result");
	return EXIT_OK;
}

static const struct cli_option options[] = {
	{ "nsid", 'n', "N", "Test this namespace", CLI_NUMBER,
	  .max = UINT32_MAX, .default_value = NVME_VERB_NSID_ALL },
	NVME_VERB_CONTROLLER,
	NVME_VERB_OPTIONS,
};

static const struct cli_option arguments[] = {
	{ "ACTION", .help = "What to do", .type = CLI_CHOICE,
	  .choices = CLI_CHOICES("short", "extended", "abort", "log") },
	{ 0 },
};

const struct cli_verb device_nvme_selftest_verb = {
	.group = "nvme",
	.name = "selftest",
	.synopsis = "short | extended | abort | log",
	.help = "Start or abort a self-test, or show its log",
	.examples = "tether nvme selftest short\n"
		    "tether nvme selftest log\n",
	.options = options,
	.arguments = arguments,
	.min_arguments = 1,
	.max_arguments = 1,
	.device = true,
	.run = run,
};

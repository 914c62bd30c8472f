/* SPDX-License-Identifier: Apache-2.0 */
/* tether nvme format, sanitize: destroy the data of namespaces or of the whole
 * NVM subsystem. */
#include <poll.h>
#include <stdio.h>

#include "base/wire.h"
#include "cli/device/nvme_verb.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "nvme_mi/nvme_wire.h"

enum { SANITIZE_POLL_MS = 200 };

/* --- format --- */

static int run_format(struct cli *c)
{
	uint32_t format = (uint32_t)cli_option_number(c, "format");
	uint32_t erase = (uint32_t)cli_option_number(c, "erase");
	struct nvme_admin a = {
		.opcode = NVME_ADMIN_FORMAT_NVM,
		.nsid = (uint32_t)cli_argument_number(c, 0),
		.dword10 = erase << NVME_FORMAT_SECURE_ERASE_SHIFT | format,
	};
	struct nvme_host h;
	char what[80];
	int status;

	snprintf(what, sizeof(what),
		 a.nsid == NVME_NSID_ALL
			 ? "This destroys the data of all namespaces"
			 : "This destroys the data of namespace %u",
		 a.nsid);
	status = nvme_verb_confirm(c, what);
	if (!status)
		status = nvme_verb_open_controller(c, &h, &a.controller);
	if (status)
		return status;
	if (nvme_admin_ask(&h, &a))
		return nvme_verb_fail(c, "Format NVM");
	nvme_verb_print_number(c, "formatted", a.nsid, "formatted");
	return EXIT_OK;
}

static const struct parse_name erase_names[] = {
	{ "none", 0 },
	{ "data", 1 },
	{ "key", 2 },
	{ 0 },
};

static const struct cli_option format_options[] = {
	{ "format", 'f', "N", "Use this LBA format (0: 512 bytes)", CLI_NUMBER,
	  .max = NVME_FORMAT_LBA_FORMAT, .default_value = "0" },
	{ "erase", 0, "WHAT", "Erase nothing, the user data or the key",
	  CLI_NUMBER, .max = NVME_FORMAT_SECURE_ERASE, .default_value = "none",
	  .names = erase_names },
	NVME_VERB_CONTROLLER,
	NVME_VERB_YES,
	NVME_VERB_OPTIONS,
};

static const struct cli_option format_arguments[] = {
	{ "NSID", .help = "Namespace to format", .type = CLI_NUMBER, .min = 1,
	  .max = UINT32_MAX, .names = nvme_verb_nsid_names },
	{ 0 },
};

const struct cli_verb device_nvme_format_verb = {
	.group = "nvme",
	.name = "format",
	.synopsis = "NSID [--yes]",
	.help = "Format a namespace, or all",
	.examples = "tether nvme format 1 --yes\n",
	.options = format_options,
	CLI_TAKES(format_arguments, 1, 1),
	.device = true,
	.run = run_format,
};

/* --- sanitize --- */

/* Poll the Sanitize Status log page until the operation ends. */
static int wait_sanitized(struct cli *c, const struct nvme_host *h,
			  uint16_t controller)
{
	static uint8_t page[NVME_LOG_SANITIZE_STATUS_SIZE];
	const struct nvme_log_page l = {
		.controller = controller,
		.id = NVME_LOG_SANITIZE_STATUS,
		.nsid = NVME_NSID_ALL,
		.len = sizeof(page),
		.retain = true,
	};
	uint16_t progress, state;
	struct rd r;

	do {
		poll(NULL, 0, SANITIZE_POLL_MS);
		if (nvme_get_log_page(h, &l, page))
			return nvme_verb_fail(c, "reading the progress");
		r = rd_init(page, sizeof(page));
		progress = rd_le16(&r);
		state = rd_le16(&r) & NVME_SANITIZE_STATUS;
		progress_show(c, c->verb, PROGRESS_PERCENT, progress,
			      NVME_SANITIZE_PROGRESS_ALL);
	} while (state == NVME_SANITIZE_IN_PROGRESS && !cli_interrupted);
	if (state == NVME_SANITIZE_FAILED)
		return cli_fail(c, "the sanitize operation failed");
	return EXIT_OK;
}

/* The choices of the argument are in the order of enum nvme_sanitize_action. */
static uint32_t read_action(const struct cli *c)
{
	return NVME_SANITIZE_EXIT_FAILURE_MODE +
	       (uint32_t)cli_argument_choice(c, 0);
}

static int run_sanitize(struct cli *c)
{
	uint32_t action = read_action(c);
	uint32_t passes = (uint32_t)cli_option_number(c, "passes");
	struct nvme_admin a = {
		.opcode = NVME_ADMIN_SANITIZE,
		.dword10 = (passes & NVME_SANITIZE_PASSES)
				   << NVME_SANITIZE_PASSES_SHIFT |
			   action,
		.dword11 = (uint32_t)cli_option_number(c, "pattern"),
	};
	bool wait = !cli_option_given(c, "no-wait") &&
		    action != NVME_SANITIZE_EXIT_FAILURE_MODE;
	struct nvme_host h;
	int status = nvme_verb_confirm(c, "This destroys all data of the NVM "
					  "subsystem");

	if (!status)
		status = nvme_verb_open_controller(c, &h, &a.controller);
	if (status)
		return status;
	if (cli_option_given(c, "allow-exit"))
		a.dword10 |= NVME_SANITIZE_ALLOW_UNRESTRICTED_EXIT;
	if (nvme_admin_ask(&h, &a))
		return nvme_verb_fail(c, "Sanitize");
	if (wait)
		status = wait_sanitized(c, &h, a.controller);
	if (!status)
		nvme_verb_print_number(c, "action", action,
				       wait ? "sanitized" : "started");
	return status;
}

static const struct cli_option sanitize_options[] = {
	{ "passes", 0, "N", "overwrite: Write this many times", CLI_NUMBER,
	  .min = 1, .max = NVME_SANITIZE_PASSES_MAX, .default_value = "1" },
	{ "pattern", 0, "N", "overwrite: Write this 32-bit pattern", CLI_NUMBER,
	  .max = UINT32_MAX, .default_value = "0" },
	{ "allow-exit", 0, NULL, "Let exit-failure clear a later failure" },
	{ "no-wait", 0, NULL, "Do not wait for the end of the operation" },
	NVME_VERB_CONTROLLER,
	NVME_VERB_YES,
	NVME_VERB_OPTIONS,
};

static const struct cli_option sanitize_arguments[] = {
	{ "ACTION", .help = "Sanitize action", .type = CLI_CHOICE,
	  .choices =
		  CLI_CHOICES("exit-failure", "block", "overwrite", "crypto") },
	{ 0 },
};

const struct cli_verb device_nvme_sanitize_verb = {
	.group = "nvme",
	.name = "sanitize",
	.synopsis = "block | overwrite | crypto | exit-failure",
	.help = "Destroy all data of the NVM subsystem",
	.text = "Waits for the end of the operation. exit-failure leaves the "
		"failure mode of\n"
		"an earlier operation that had --allow-exit.",
	.examples = "tether nvme sanitize crypto --yes\n",
	.options = sanitize_options,
	CLI_TAKES(sanitize_arguments, 1, 1),
	.device = true,
	.run = run_sanitize,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* tether nvme selftest: starts, follows and aborts device self-tests, shows
 * their log. */
#include <poll.h>
#include <stdio.h>

#include "cli/color.h"
#include "cli/device/nvme_verb.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "nvme_mi/nvme_wire.h"

enum { POLL_MS = 200 };

static int show_log(struct cli *c)
{
	return nvme_verb_show_log(c, NVME_LOG_DEVICE_SELF_TEST,
				  NVME_LOG_DEVICE_SELF_TEST_SIZE);
}

/* Names of the results, base 2.3, Device Self-test log page. NULL: reserved. */
static const char *result_name(unsigned int result)
{
	static const char *const names[] = {
		"passed",
		"aborted by a command",
		"aborted by a controller reset",
		"aborted because a namespace was removed",
		"aborted by Format NVM",
		"not completed because of a fatal error",
		"failed in an unknown segment",
		"failed",
		"aborted for an unknown reason",
		"aborted by a sanitize operation",
	};

	return result < sizeof(names) / sizeof(names[0]) ? names[result]
							 : "unknown result";
}

static int report_result(const struct cli *c, uint8_t test, uint8_t status)
{
	unsigned int result = status & NVME_SELF_TEST_RESULT_NOT_USED;
	bool passed = result == NVME_SELF_TEST_RESULT_PASSED;
	struct json_object *o;

	progress_end();
	if (!c->json) {
		color_print(c, stdout, color_of(passed), 0,
			    result_name(result));
		putchar('\n');
		return passed ? EXIT_OK : EXIT_FAILED;
	}
	o = json_object_new_object();
	cli_add_number(o, "test", test);
	cli_add_number(o, "result", result);
	cli_add_text(o, "result_name", result_name(result));
	cli_print_json(o);
	return passed ? EXIT_OK : EXIT_FAILED;
}

/* Poll the Device Self-test log page until no operation is in progress; its
 * first result is that of the operation. */
static int follow_test(struct cli *c, const struct nvme_host *h,
		       uint16_t controller, uint8_t test)
{
	static uint8_t page[NVME_LOG_DEVICE_SELF_TEST_SIZE];
	const struct nvme_log_page l = {
		.controller = controller,
		.id = NVME_LOG_DEVICE_SELF_TEST,
		.nsid = NVME_NSID_ALL,
		.len = sizeof(page),
	};

	for (;;) {
		if (nvme_get_log_page(h, &l, page))
			return nvme_verb_fail(c, "reading the progress");
		if (!(page[NVME_SELF_TEST_LOG_AT_OPERATION] &
		      ((1U << NVME_SELF_TEST_LOG_OPERATION_BITS) - 1)))
			return report_result(
				c, test, page[NVME_SELF_TEST_LOG_AT_RESULTS]);
		progress_show(
			c, c->verb, PROGRESS_PERCENT,
			page[NVME_SELF_TEST_LOG_AT_COMPLETION] &
				((1U << NVME_SELF_TEST_LOG_COMPLETION_BITS) -
				 1),
			100);
		if (cli_interrupted)
			return cli_fail(c, "interrupted. The self-test goes "
					   "on; `tether nvme selftest abort` "
					   "ends it");
		poll(NULL, 0, POLL_MS);
	}
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
	if (cli_option_given(c, "follow") && a.dword10 != NVME_SELF_TEST_ABORT)
		return follow_test(c, &h, a.controller, (uint8_t)a.dword10);
	nvme_verb_print_number(c, "test", a.dword10,
			       a.dword10 == NVME_SELF_TEST_ABORT
				       ? "aborted"
				       : "started. `tether nvme selftest log` "
					 "shows the result");
	return EXIT_OK;
}

static const struct cli_option options[] = {
	{ "follow", 'f', NULL,
	  "Wait for the end of the test, show its result" },
	{ "nsid", 'n', "N", "Test this namespace", CLI_NUMBER,
	  .max = UINT32_MAX, .default_value = NVME_VERB_NSID_ALL,
	  .names = nvme_verb_nsid_names },
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
	.examples = "tether nvme selftest short --follow\n"
		    "tether nvme selftest log\n",
	.options = options,
	CLI_TAKES(arguments, 1, 1),
	.device = true,
	.run = run,
};

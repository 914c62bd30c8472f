/* SPDX-License-Identifier: Apache-2.0 */
/* tether nvme features: gets and sets features. */
#include <stdio.h>

#include "cli/device/nvme_verb.h"
#include "cli/verbs.h"
#include "nvme_mi/nvme_wire.h"

enum { DATA_SHOWN = 64 }; /* bytes */

static void show_feature(const struct cli *c, const struct nvme_feature *f)
{
	struct json_object *o = json_object_new_object();
	char data[2 * DATA_SHOWN + 1] = "", line[640];
	char meaning[NVME_VALUE_TEXT];

	for (uint32_t i = 0; i < f->data_len && i < DATA_SHOWN; i++)
		snprintf(data + (size_t)2 * i, 3, "%02x", f->data[i]);
	cli_add_number(o, "feature", f->id);
	cli_add_text(o, "name", nvme_feature_name(f->id));
	cli_add_number(o, "value", f->value);
	nvme_feature_describe(f->id, f->value, meaning);
	if (f->select != NVME_FEATURE_SUPPORTED_CAPABILITIES && meaning[0])
		cli_add_text(o, "meaning", meaning);
	if (f->select == NVME_FEATURE_SUPPORTED_CAPABILITIES) {
		cli_add_bool(o, "saveable",
			     (f->value & NVME_FEATURE_SAVEABLE) != 0);
		cli_add_bool(o, "namespace_specific",
			     (f->value & NVME_FEATURE_NAMESPACE_SPECIFIC) != 0);
		cli_add_bool(o, "changeable",
			     (f->value & NVME_FEATURE_CHANGEABLE) != 0);
		snprintf(line, sizeof(line), "%02x %s  %s%s%s", f->id,
			 nvme_feature_name(f->id),
			 f->value & NVME_FEATURE_CHANGEABLE ? "changeable"
							    : "fixed",
			 f->value & NVME_FEATURE_SAVEABLE ? ", saveable" : "",
			 f->value & NVME_FEATURE_NAMESPACE_SPECIFIC
				 ? ", namespace specific"
				 : "");
	} else {
		if (data[0])
			cli_add_text(o, "data", data);
		snprintf(line, sizeof(line), "%02x %s  0x%08x%s%s%s%s", f->id,
			 nvme_feature_name(f->id), f->value,
			 meaning[0] ? "  " : "", meaning, data[0] ? "  " : "",
			 data);
	}
	nvme_verb_print(c, o, line);
}

static int open_feature(struct cli *c, struct nvme_host *h,
			struct nvme_feature *f)
{
	*f = (struct nvme_feature){
		.id = (uint8_t)cli_argument_number(c, 0),
		.nsid = (uint32_t)cli_option_number(c, "nsid"),
		.dword11 = (uint32_t)cli_option_number(c, "dword11"),
	};
	return nvme_verb_open_controller(c, h, &f->controller);
}

static int run_get(struct cli *c)
{
	static uint8_t data[NVME_PAGE];
	struct nvme_feature f;
	struct nvme_host h;
	int status = open_feature(c, &h, &f);

	if (status)
		return status;
	f.select = (uint8_t)cli_option_choice(c, "select");
	f.data = data;
	if (f.select != NVME_FEATURE_SUPPORTED_CAPABILITIES)
		f.data_len = nvme_feature_size(f.id);
	if (f.id == NVME_FEATURE_HOST_IDENTIFIER)
		f.dword11 |= NVME_HOST_IDENTIFIER_EXTENDED;
	if (nvme_get_feature(&h, &f))
		return nvme_verb_fail(c, "Get Features");
	show_feature(c, &f);
	return EXIT_OK;
}

/* Check and read VALUE. Its type depends on the feature. */
static int read_value(const struct cli *c, uint32_t *value)
{
	static const struct cli_option number = { "VALUE", .type = CLI_NUMBER,
						  .max = UINT32_MAX };
	static const struct cli_option kelvin = { "VALUE", .type = CLI_KELVIN,
						  .max = UINT32_MAX };
	const struct cli_option *type =
		cli_argument_number(c, 0) == NVME_FEATURE_TEMPERATURE_THRESHOLD
			? &kelvin
			: &number;
	int status = cli_check_argument(c, type, 1);

	if (!status)
		*value = (uint32_t)cli_value_number(type, c->argument[1]);
	return status;
}

static int run_set(struct cli *c)
{
	static uint8_t data[NVME_PAGE];
	struct json_object *o;
	struct nvme_feature f;
	struct nvme_host h;
	uint32_t value;
	int status = read_value(c, &value);

	if (!status)
		status = open_feature(c, &h, &f);
	if (status)
		return status;
	f.dword11 = value;
	f.save = cli_option_given(c, "save");
	f.data = data;
	f.data_len = (uint32_t)cli_option_bytes(c, "data", data);
	if (nvme_set_feature(&h, &f))
		return nvme_verb_fail(c, "Set Features");
	o = json_object_new_object();
	cli_add_number(o, "feature", f.id);
	cli_add_number(o, "value", f.dword11);
	cli_add_bool(o, "saved", f.save);
	nvme_verb_print(c, o, f.save ? "set and saved" : "set");
	return EXIT_OK;
}

static const struct cli_option options[] = {
	{ "select", 0, "WHICH", "get: Read this value", CLI_CHOICE,
	  .choices = CLI_CHOICES("current", "default", "saved", "capabilities"),
	  .default_value = "current" },
	{ "save", 0, NULL, "set: Keep the value over power cycles" },
	{ "data", 0, "HEX", "set: Send this data with the command", CLI_BYTES,
	  .min = 1, .max = NVME_PAGE },
	{ "dword11", 0, "N", "get: Set command dword 11", CLI_NUMBER,
	  .max = UINT32_MAX, .default_value = "0" },
	{ "nsid", 'n', "N", "Use this namespace", CLI_NUMBER, .max = UINT32_MAX,
	  .default_value = "0", .names = nvme_verb_nsid_names },
	NVME_VERB_CONTROLLER,
	NVME_VERB_OPTIONS,
};

static const struct cli_option arguments[] = {
	{ "ID", .help = "Feature identifier", .type = CLI_NUMBER,
	  .max = UINT8_MAX, .names = nvme_feature_names },
	{ "VALUE", .help = "Command dword 11", .type = CLI_TEXT },
	{ 0 },
};

static const struct cli_word words[] = {
	{ "get", arguments, 1, 1, run_get, "Show a feature" },
	{ "set", arguments, 2, 2, run_set,
	  "Set a feature to VALUE (dword 11)" },
	{ 0 },
};

const struct cli_verb device_nvme_features_verb = {
	.group = "nvme",
	.name = "features",
	.synopsis = "get ID | set ID VALUE",
	.help = "Get or set a feature",
	.text = "The temperature of temperature-threshold may be given as 70C. "
		"Thresholds under\nthe temperature have 0x100000 added.",
	.examples = "tether nvme features get temperature-threshold\n"
		    "tether nvme features set temperature-threshold 70C\n"
		    "tether nvme features set volatile-write-cache 0 --save\n",
	.options = options,
	.words = words,
	.min_arguments = 1,
	.device = true,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* tether nvme control: sends NVMe-MI control primitives. */
#include <stdio.h>

#include "cli/device/nvme_verb.h"
#include "cli/verbs.h"
#include "nvme_mi/nvme_wire.h"

enum { FLAGS_TEXT = 200 };

static const char *const states[] = {
	[NVME_MI_SLOT_IDLE] = "idle",
	[NVME_MI_SLOT_RECEIVE] = "receive",
	[NVME_MI_SLOT_PROCESS] = "process",
	[NVME_MI_SLOT_TRANSMIT] = "transmit",
};

static const struct {
	uint16_t bit;
	const char *name;
} state_flags[] = {
	{ NVME_MI_STATE_PAUSED, "paused" },
	{ NVME_MI_STATE_SUBSYSTEM_RESET, "subsystem-reset" },
	{ NVME_MI_STATE_BAD_PHYSICAL_LAYER, "physical-layer" },
	{ NVME_MI_STATE_UNEXPECTED_TAG, "tag" },
	{ NVME_MI_STATE_OUT_OF_SEQUENCE, "sequence" },
	{ NVME_MI_STATE_UNEXPECTED_MIDDLE_OR_END, "unexpected-packet" },
	{ NVME_MI_STATE_INCORRECT_TRANSMISSION_UNIT, "transmission-unit" },
	{ NVME_MI_STATE_UNKNOWN_DESTINATION, "destination" },
	{ NVME_MI_STATE_BAD_HEADER_VERSION, "header-version" },
	{ NVME_MI_STATE_BAD_MESSAGE_INTEGRITY_CHECK, "integrity" },
	{ NVME_MI_STATE_SLOT_NOT_IDLE, "slot-not-idle" },
};

enum { STATE_FLAGS = sizeof(state_flags) / sizeof(state_flags[0]) };

static void show_state(const struct cli *c, uint16_t value)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();
	const char *state = states[value & NVME_MI_STATE_SLOT];
	char line[FLAGS_TEXT];
	size_t at = (size_t)snprintf(line, sizeof(line), "%s", state);

	cli_add_text(o, "state", state);
	for (size_t i = 0; i < STATE_FLAGS; i++) {
		if (!(value & state_flags[i].bit))
			continue;
		json_object_array_add(
			list, json_object_new_string(state_flags[i].name));
		at += (size_t)snprintf(line + at, sizeof(line) - at, ", %s",
				       state_flags[i].name);
	}
	json_object_object_add(o, "flags", list);
	cli_add_hex(o, "value", value, 4);
	nvme_verb_print(c, o, line);
}

static void show_aborted(const struct cli *c, uint16_t value)
{
	static const char *const names[] = {
		[NVME_MI_ABORT_AFTER_COMPLETION] =
			"no command to abort, or already completed",
		[NVME_MI_ABORT_BEFORE_PROCESSING] = "aborted before processing",
		[NVME_MI_ABORT_PARTIALLY_PROCESSED] =
			"aborted, partially processed",
		"reserved",
	};
	uint16_t status = value & NVME_MI_ABORT_STATUS;

	nvme_verb_print_number(c, "status", status, names[status]);
}

static void show_result(const struct cli *c, const struct nvme_primitive *p)
{
	switch (p->opcode) {
	case NVME_MI_GET_STATE:
		show_state(c, p->result);
		break;
	case NVME_MI_ABORT:
		show_aborted(c, p->result);
		break;
	default:
		if (p->replayed_len)
			nvme_verb_show_bytes(c, p->replayed, p->replayed_len);
		else
			nvme_verb_print_number(c, "result", p->result,
					       p->opcode == NVME_MI_REPLAY
						       ? "nothing to replay"
						       : "done");
	}
}

/* The choices of the argument are in the order of the opcodes. */
static int run(struct cli *c)
{
	struct nvme_primitive p = {
		.opcode = (enum nvme_mi_primitive_opcode)cli_argument_choice(c,
									     0),
	};
	struct nvme_host h;
	int status = nvme_verb_open(c, &h);

	if (status)
		return status;
	if (p.opcode == NVME_MI_REPLAY)
		p.parameter = (uint16_t)cli_option_number(c, "packet");
	else if (p.opcode == NVME_MI_GET_STATE && cli_option_given(c, "clear"))
		p.parameter = NVME_MI_GET_STATE_CLEAR_ERROR_FLAGS;
	if (nvme_primitive_ask(&h, &p))
		return nvme_verb_fail(c, c->argument[0]);
	show_result(c, &p);
	return EXIT_OK;
}

static const struct cli_option options[] = {
	{ "clear", 0, NULL, "get-state: Clear the error flags shown" },
	{ "packet", 0, "N", "replay: Start with this packet", CLI_NUMBER,
	  .max = UINT8_MAX, .default_value = "0" },
	NVME_VERB_OPTIONS,
};

static const struct cli_option arguments[] = {
	{ "PRIMITIVE", .help = "Control primitive", .type = CLI_CHOICE,
	  .choices = CLI_CHOICES("pause", "resume", "abort", "get-state",
				 "replay") },
	{ 0 },
};

const struct cli_verb device_nvme_control_verb = {
	.group = "nvme",
	.name = "control",
	.synopsis = "pause | resume | abort | get-state | replay",
	.help = "Send a control primitive to a command slot",
	.text = "replay prints the bytes of the last response.",
	.examples = "tether nvme control get-state --slot 1\n",
	.options = options,
	CLI_TAKES(arguments, 1, 1),
	.device = true,
	.run = run,
};

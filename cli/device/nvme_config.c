/* SPDX-License-Identifier: Apache-2.0 */
/* tether nvme config: shows and sets the configuration of the ports. */
#include <stdio.h>

#include "base/err.h"
#include "cli/device/nvme_verb.h"
#include "cli/verbs.h"
#include "host/nvme.h"
#include "nvme_mi/nvme_wire.h"

static const char *const frequencies[] = { "none", "100k", "400k", "1m" };

static const char *frequency_name(uint32_t value)
{
	return value < 4 ? frequencies[value] : "reserved";
}

static void add_port(const struct cli *c, uint8_t port, uint32_t unit,
		     uint32_t frequency, struct json_object *list)
{
	struct json_object *o;

	if (!c->json) {
		printf("port %u  MCTP transmission unit %u bytes", port, unit);
		if (frequency)
			printf("  %s", frequency_name(frequency));
		putchar('\n');
		return;
	}
	o = json_object_new_object();
	cli_add_number(o, "port", port);
	cli_add_number(o, "unit", unit);
	if (frequency)
		cli_add_text(o, "frequency", frequency_name(frequency));
	json_object_array_add(list, o);
}

static int read_port(const struct nvme_host *h, uint8_t id, uint32_t *unit,
		     uint32_t *frequency)
{
	struct nvme_port_information p;
	int err = nvme_get_port(h->transport, h->dest, id, &p);

	*unit = *frequency = 0;
	if (!err && p.type == NVME_MI_PORT_TWO_WIRE)
		err = nvme_get_configuration(h->transport, h->dest, id,
					     NVME_MI_SMBUS_I2C_FREQUENCY,
					     frequency);
	if (!err && p.type != NVME_MI_PORT_INACTIVE)
		err = nvme_get_configuration(
			h->transport, h->dest, id,
			NVME_MI_MCTP_TRANSMISSION_UNIT_SIZE, unit);
	*frequency &= NVME_MI_FREQUENCY;
	*unit &= NVME_MI_TRANSMISSION_UNIT;
	return err;
}

/* Show the port of --port, else all ports. */
static int run_get(struct cli *c)
{
	struct nvme_subsystem_information s;
	struct json_object *all;
	struct nvme_host h;
	uint64_t port = cli_option_number(c, "port");
	uint32_t unit, frequency;
	bool one = cli_option_given(c, "port");
	int status = nvme_verb_open(c, &h);
	int err = ERR_OK;

	if (status)
		return status;
	if (nvme_get_subsystem(h.transport, h.dest, &s))
		return nvme_verb_fail(c, "reading the subsystem");
	all = json_object_new_array();
	for (uint64_t i = one ? port : 0; !err && (one || i < s.ports); i++) {
		err = read_port(&h, (uint8_t)i, &unit, &frequency);
		if (!err && unit)
			add_port(c, (uint8_t)i, unit, frequency, all);
		if (one)
			break;
	}
	if (c->json && !err)
		cli_print_json(all);
	else
		json_object_put(all);
	return err ? nvme_verb_fail(c, "reading the configuration") : EXIT_OK;
}

/* Settings, in the order of the choices of WHAT. */
enum setting { FREQUENCY, UNIT, HEALTH_CHANGE };

static const struct cli_option values[] = {
	[FREQUENCY] = { "frequency", .type = CLI_CHOICE,
			.choices = CLI_CHOICES("100k", "400k", "1m") },
	[UNIT] = { "unit", .type = CLI_SIZE, .max = UINT16_MAX },
	[HEALTH_CHANGE] = { "health-change", .type = CLI_NUMBER,
			    .max = UINT16_MAX },
};

/* Write the setting and its checked value into Configuration Set. */
static void encode_setting(struct nvme_mi_command *m, enum setting setting,
			   const char *text)
{
	const struct cli_option *value = &values[setting];
	uint32_t frequency = NVME_MI_FREQUENCY_100_KHZ;

	m->opcode = NVME_MI_CONFIGURATION_SET;
	switch (setting) {
	case FREQUENCY:
		frequency += (uint32_t)cli_value_choice(value, text);
		m->nmd0 = frequency << NVME_MI_CONFIGURATION_FREQUENCY_SHIFT |
			  NVME_MI_SMBUS_I2C_FREQUENCY;
		break;
	case UNIT:
		m->nmd0 = NVME_MI_MCTP_TRANSMISSION_UNIT_SIZE;
		m->nmd1 = (uint32_t)cli_value_number(value, text);
		break;
	case HEALTH_CHANGE:
		m->nmd0 = NVME_MI_HEALTH_STATUS_CHANGE;
		m->nmd1 = (uint32_t)cli_value_number(value, text);
		break;
	}
}

static int run_set(struct cli *c)
{
	enum setting setting = (enum setting)cli_argument_choice(c, 0);
	struct nvme_mi_command m = { 0 };
	struct json_object *o;
	struct nvme_host h;
	int status = cli_check_argument(c, &values[setting], 1);

	if (!status)
		status = nvme_verb_open(c, &h);
	if (status)
		return status;
	encode_setting(&m, setting, c->argument[1]);
	if (setting != HEALTH_CHANGE) /* HEALTH_CHANGE has no port */
		m.nmd0 |= (uint32_t)cli_option_number(c, "port")
			  << NVME_MI_CONFIGURATION_PORT_SHIFT;
	if (nvme_mi_ask(&h, &m))
		return nvme_verb_fail(c, "Configuration Set");
	o = json_object_new_object();
	cli_add_text(o, "set", c->argument[0]);
	nvme_verb_print(c, o, "set");
	return EXIT_OK;
}

static const struct cli_option options[] = {
	{ "port", 'p', "N", "Use this port", CLI_NUMBER, .max = UINT8_MAX,
	  .default_value = "0" },
	NVME_VERB_OPTIONS,
};

static const struct cli_option arguments[] = {
	{ "WHAT", .help = "Setting", .type = CLI_CHOICE,
	  .choices = CLI_CHOICES("frequency", "unit", "health-change") },
	{ "VALUE", .help = "Value to set", .type = CLI_TEXT },
	{ 0 },
};

static const struct cli_word words[] = {
	{ "get", NULL, 0, 0, run_get, "Show the port of --port, else all" },
	{ "set", arguments, 2, 2, run_set, "Set WHAT to VALUE" },
	{ 0 },
};

const struct cli_verb device_nvme_config_verb = {
	.group = "nvme",
	.name = "config",
	.synopsis = "[get | set WHAT VALUE]",
	.help = "Show or set the configuration of the ports",
	.text = "WHAT is frequency (100k, 400k or 1m), unit (MCTP transmission "
		"unit in bytes) or\nhealth-change (bits of the Composite "
		"Controller Status to clear). The unit\napplies until the link "
		"is lost.",
	.examples = "tether nvme config\n"
		    "tether nvme config set unit 4096\n",
	.options = options,
	.words = words,
	.device = true,
	.run = run_get,
};

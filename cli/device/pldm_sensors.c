/* SPDX-License-Identifier: Apache-2.0 */
/* tether pldm sensors: shows the sensors of PLDM platform monitoring. */
#include <stdio.h>

#include "cli/device/pldm_verb.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "host/pldm_names.h"
#include "pldm/monitoring.h"
#include "posix/clock.h"
#include "posix/output.h"

static struct json_object *sensor_json(const struct pldm_host_sensor *s,
				       const struct pldm_host_reading *r)
{
	static const char *const names[PLDM_THRESHOLDS] = {
		"upper_warning", "upper_critical", "upper_fatal",
		"lower_warning", "lower_critical", "lower_fatal",
	};
	struct json_object *o = json_object_new_object();
	struct json_object *thresholds = json_object_new_object();

	cli_add_number(o, "id", s->id);
	cli_add_text(o, "name", s->name);
	cli_add_text(o, "kind", s->numeric ? "numeric" : "state");
	cli_add_text(o, "operational", pldm_names_operational(r->operational));
	cli_add_text(o, "state", pldm_verb_state(s, r->present));
	if (!s->numeric) {
		json_object_put(thresholds);
		cli_add_number(o, "state_set", s->set);
		return o;
	}
	if (r->operational == PLDM_OPERATIONAL_ENABLED)
		pldm_verb_add_value(o, "value", s, r->value);
	cli_add_text(o, "unit", pldm_names_unit(s->unit));
	for (int i = 0; i < PLDM_THRESHOLDS; i++)
		if (s->supported & 1U << i)
			pldm_verb_add_value(thresholds, names[i], s,
					    s->threshold[i]);
	json_object_object_add(o, "thresholds", thresholds);
	return o;
}

static void print_sensor(const struct pldm_host_sensor *s,
			 const struct pldm_host_reading *r)
{
	char value[48];

	pldm_verb_format(s, r, value, sizeof(value));
	printf("%5u  %-28s %10s  %s\n", s->id, text_show(s->name), value,
	       r->operational == PLDM_OPERATIONAL_ENABLED
		       ? pldm_verb_state(s, r->present)
		       : pldm_names_operational(r->operational));
}

/* Readings of all sensors. */
static int read_all(struct pldm_ask *a, const struct pldm_verb_sensors *s,
		    struct pldm_host_reading *r)
{
	int err = 0;

	for (size_t i = 0; !err && i < s->count; i++)
		err = pldm_platform_read_sensor(a, &s->sensor[i], &r[i]);
	return err;
}

static bool is_equal(const struct pldm_host_reading *a,
		     const struct pldm_host_reading *b)
{
	return a->operational == b->operational && a->present == b->present &&
	       a->value == b->value;
}

/* Print the sensors whose reading differs from `before`; all if it is NULL. */
static void show(const struct cli *c, const struct pldm_verb_sensors *s,
		 const struct pldm_host_reading *r,
		 const struct pldm_host_reading *before)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < s->count; i++) {
		if (before && is_equal(&r[i], &before[i]))
			continue;
		if (c->json)
			json_object_array_add(
				list, sensor_json(&s->sensor[i], &r[i]));
		else
			print_sensor(&s->sensor[i], &r[i]);
	}
	if (c->json && json_object_array_length(list))
		cli_print_json(list);
	else
		json_object_put(list);
	fflush(stdout);
}

static void pause_for(struct cli *c, uint32_t ms)
{
	uint32_t start = clock_now_ms();

	while (!cli_interrupted && clock_now_ms() - start < ms)
		if (c->transport->ops->poll(c->transport, 20))
			return;
}

static int run(struct cli *c)
{
	static struct pldm_verb_sensors sensors;
	static struct pldm_host_reading r[2][PLDM_VERB_SENSORS];
	static struct pldm_ask a;
	uint32_t interval = (uint32_t)cli_option_number(c, "interval");
	int result = pldm_verb_open(c, &a), now = 0;

	if (result)
		return result;
	if (pldm_verb_read_sensors(&a, &sensors) ||
	    read_all(&a, &sensors, r[now]))
		return pldm_verb_fail(c, "read the sensors");
	show(c, &sensors, r[now], NULL);
	while (cli_option_given(c, "watch") && !cli_interrupted &&
	       !output_is_lost()) {
		pause_for(c, interval);
		now = !now;
		if (read_all(&a, &sensors, r[now]))
			return cli_interrupted
				       ? EXIT_OK
				       : pldm_verb_fail(c, "read the sensors");
		show(c, &sensors, r[now], r[!now]);
	}
	return EXIT_OK;
}

static const struct cli_option options[] = {
	{ "watch", 'w', NULL, "Print sensors again when they change" },
	{ "interval", 0, "MS", "With --watch: read the sensors this often",
	  CLI_MILLISECONDS, .min = 10, .max = 3600000,
	  .default_value = "1000" },
	{ 0 },
};

const struct cli_verb device_pldm_sensors_verb = {
	.group = "pldm",
	.name = "sensors",
	.synopsis = "[--watch] [--interval MS]",
	.help = "Show the sensors of the device",
	.text = "Reads names and units from the PDRs of the device, then each "
		"sensor.",
	.examples = "tether pldm sensors\n"
		    "tether pldm sensors --watch --interval 200\n",
	.options = options,
	.device = true,
	.run = run,
};

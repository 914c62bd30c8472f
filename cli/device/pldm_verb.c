/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/device/pldm_verb.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cli/via.h"
#include "host/pldm_names.h"
#include "pldm/monitoring.h"

int pldm_verb_open(struct cli *c, struct pldm_ask *a)
{
	int result = via_open_mctp(c);

	memset(a, 0, sizeof(*a));
	a->transport = c->transport;
	if (!result)
		a->eid = c->transport->peer;
	return result;
}

int pldm_verb_fail(const struct cli *c, const char *what)
{
	return cli_fail(c, "cannot %s: %s", what, c->transport->error);
}

/* Names may come before or after their sensor. */
struct collector {
	struct pldm_ask *ask;
	struct pldm_verb_sensors *to;
	size_t names;
	struct {
		uint16_t id;
		char text[PLDM_HOST_NAME];
	} name[PLDM_VERB_SENSORS];
};

static int collect(void *ctx, const uint8_t *record, size_t len)
{
	struct collector *l = ctx;
	struct pldm_host_sensor s;
	char name[PLDM_HOST_NAME];
	uint16_t id;
	int err = pldm_platform_decode_sensor(record, len, &s);

	if (!err && l->to->count < PLDM_VERB_SENSORS)
		l->to->sensor[l->to->count++] = s;
	if (err == ERR_NOT_FOUND) {
		err = pldm_platform_decode_name(record, len, &id, name);
		if (!err && id && l->names < PLDM_VERB_SENSORS) {
			l->name[l->names].id = id;
			memcpy(l->name[l->names++].text, name, sizeof(name));
		}
	}
	return err && err != ERR_NOT_FOUND
		       ? pldm_ask_malformed(l->ask, "GetPDR")
		       : ERR_OK;
}

int pldm_verb_read_sensors(struct pldm_ask *a, struct pldm_verb_sensors *s)
{
	static struct collector l;
	int err;

	l.ask = a;
	l.to = s;
	l.names = s->count = 0;
	err = pldm_platform_read_repository(a, collect, &l);
	for (size_t i = 0; i < s->count; i++)
		for (size_t k = 0; k < l.names; k++)
			if (l.name[k].id == s->sensor[i].id)
				memcpy(s->sensor[i].name, l.name[k].text,
				       PLDM_HOST_NAME);
	return err;
}

void pldm_verb_format(const struct pldm_host_sensor *s,
		      const struct pldm_host_reading *r, char *text, size_t cap)
{
	if (!s->numeric || r->operational != PLDM_OPERATIONAL_ENABLED)
		snprintf(text, cap, "-");
	else
		snprintf(text, cap, "%g %s", pldm_platform_value(s, r->value),
			 pldm_names_unit(s->unit));
}

const char *pldm_verb_state(const struct pldm_host_sensor *s, uint8_t state)
{
	return s->numeric ? pldm_names_present(state)
			  : pldm_names_state(s->set, state);
}

void pldm_verb_add_value(struct json_object *o, const char *key,
			 const struct pldm_host_sensor *s, int64_t reading)
{
	double value = pldm_platform_value(s, reading);
	char text[32];

	snprintf(text, sizeof(text), "%g", value);
	json_object_object_add(o, key, json_object_new_double_s(value, text));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* tether pldm events: shows the event receiver of a device, and follows its
 * events by polling. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cli/device/pldm_verb.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "host/pldm_names.h"
#include "pldm/monitoring.h"
#include "posix/clock.h"
#include "posix/output.h"

enum { LINE = 200 };

/* Event receiver of a device. */
struct receiver {
	uint8_t mode, modes, eid;
};

struct follow {
	struct cli *c;
	struct pldm_ask ask;
	struct receiver before;
	struct pldm_verb_sensors sensors;
	uint64_t shown, count;
};

static const char *mode_name(uint8_t mode)
{
	static const char *const names[] = { "off", "asynchronous", "polling",
					     "asynchronous with heartbeat" };

	return mode < sizeof(names) / sizeof(names[0]) ? names[mode] : "?";
}

static int read_receiver(struct pldm_ask *a, struct receiver *v)
{
	const uint8_t format = PLDM_EVENT_FORMAT;
	struct rd r;
	int err = pldm_ask(a, PLDM_TYPE_PLATFORM, PLDM_EVENT_MESSAGE_SUPPORTED,
			   &format, 1, &r);

	if (err)
		return err;
	v->mode = rd_u8(&r);
	v->modes = rd_u8(&r);
	if (!rd_ok(&r))
		return pldm_ask_malformed(a, "EventMessageSupported");
	err = pldm_ask(a, PLDM_TYPE_PLATFORM, PLDM_GET_EVENT_RECEIVER, NULL, 0,
		       &r);
	rd_skip(&r, 1); /* transport */
	v->eid = err ? 0 : rd_u8(&r);
	return err;
}

/* Give the events back to the receiver from before. */
static void restore_receiver(struct follow *f)
{
	const struct receiver *v = &f->before;
	/* The heartbeat's interval cannot be read, so it ends. */
	const uint8_t mode = v->mode == PLDM_EVENT_MODE_ASYNC_KEEP_ALIVE
				     ? (uint8_t)PLDM_EVENT_MODE_ASYNC
				     : v->mode;
	const uint8_t request[] = { mode, 0, v->eid };
	struct rd r;

	(void)pldm_ask(&f->ask, PLDM_TYPE_PLATFORM, PLDM_SET_EVENT_RECEIVER,
		       request, sizeof(request), &r);
}

/* --- decoding --- */

static const struct pldm_host_sensor *find_sensor(const struct follow *f,
						  uint16_t id)
{
	for (size_t i = 0; i < f->sensors.count; i++)
		if (f->sensors.sensor[i].id == id)
			return &f->sensors.sensor[i];
	return NULL;
}

static void add_states(struct json_object *o, char *line, const char *now,
		       const char *before)
{
	size_t len = strlen(line);

	cli_add_text(o, "state", now);
	cli_add_text(o, "previous_state", before);
	snprintf(line + len, LINE - len, "  %s -> %s", before, now);
}

static void add_numeric(struct rd *r, const struct pldm_host_sensor *s,
			struct json_object *o, char *line)
{
	uint8_t now = rd_u8(r), before = rd_u8(r), size = rd_u8(r);
	size_t len;
	int64_t value;

	add_states(o, line, pldm_names_present(now),
		   pldm_names_present(before));
	if (pldm_read_value(r, size, &value) || !s)
		return;
	pldm_verb_add_value(o, "value", s, value);
	len = strlen(line);
	snprintf(line + len, LINE - len, "  %g %s",
		 pldm_platform_value(s, value), pldm_names_unit(s->unit));
}

static void add_sensor_event(const struct follow *f, struct rd *r,
			     struct json_object *o, char *line)
{
	uint16_t id = rd_le16(r);
	uint8_t kind = rd_u8(r), now, before;
	const struct pldm_host_sensor *s = find_sensor(f, id);
	size_t len = strlen(line);

	cli_add_number(o, "sensor", id);
	if (s)
		cli_add_text(o, "name", s->name);
	snprintf(line + len, LINE - len, "  %u %s", id,
		 s ? text_show(s->name) : "");
	if (kind == PLDM_SENSOR_EVENT_NUMERIC) {
		add_numeric(r, s, o, line);
		return;
	}
	if (kind == PLDM_SENSOR_EVENT_STATE)
		rd_skip(r, 1); /* sensor of the composite sensor */
	now = rd_u8(r);
	before = rd_u8(r);
	if (kind == PLDM_SENSOR_EVENT_OPERATIONAL)
		add_states(o, line, pldm_names_operational(now),
			   pldm_names_operational(before));
	else
		add_states(o, line, pldm_names_state(s ? s->set : 0, now),
			   pldm_names_state(s ? s->set : 0, before));
}

static void add_handles(struct rd *r, struct json_object *o, char *line)
{
	static const char *const names[] = { "refresh", "deleted", "added",
					     "modified" };
	uint8_t kind = rd_u8(r), count = rd_u8(r);
	const char *name = kind < 4 ? names[kind] : "?";
	struct json_object *list = json_object_new_array();
	size_t len = strlen(line);

	for (uint8_t i = 0; i < count && rd_ok(r); i++)
		json_object_array_add(list, json_object_new_int64(rd_le32(r)));
	json_object_object_add(o, name, list);
	snprintf(line + len, LINE - len, "  %u %s", count, name);
}

static void add_change_event(struct rd *r, struct json_object *o, char *line)
{
	uint8_t format = rd_u8(r), kinds = rd_u8(r);

	cli_add_bool(o, "refresh_all", format == PLDM_CHANGE_REFRESH_ALL);
	if (format == PLDM_CHANGE_REFRESH_ALL)
		strncat(line, "  all records", LINE - strlen(line) - 1);
	for (uint8_t i = 0; i < kinds && rd_ok(r); i++)
		add_handles(r, o, line);
}

static void show_event(struct follow *f, const struct pldm_host_event *e)
{
	struct json_object *o = json_object_new_object();
	struct rd r = rd_init(e->data, e->len);
	char line[LINE];

	cli_add_text(o, "event", pldm_names_event_class(e->event_class));
	cli_add_number(o, "id", e->id);
	snprintf(line, sizeof(line), "%s",
		 pldm_names_event_class(e->event_class));
	if (e->event_class == PLDM_EVENT_SENSOR)
		add_sensor_event(f, &r, o, line);
	else if (e->event_class == PLDM_EVENT_REPOSITORY_CHANGE)
		add_change_event(&r, o, line);
	if (f->c->json)
		cli_print_json(o);
	else
		json_object_put(o);
	if (!f->c->json)
		puts(line);
	fflush(stdout);
	f->shown++;
}

/* --- the verb --- */

static int show_receiver(struct follow *f)
{
	const struct receiver *v = &f->before;
	struct json_object *o = json_object_new_object();

	cli_add_text(o, "mode", mode_name(v->mode));
	cli_add_number(o, "receiver_eid", v->eid);
	cli_add_bool(o, "asynchronous", v->modes & 1U << PLDM_EVENT_MODE_ASYNC);
	cli_add_bool(o, "polling", v->modes & 1U << PLDM_EVENT_MODE_POLLING);
	if (f->c->json) {
		cli_print_json(o);
		return EXIT_OK;
	}
	json_object_put(o);
	printf("events       %s\n", mode_name(v->mode));
	if (v->mode)
		printf("receiver     EID %u\n", v->eid);
	return EXIT_OK;
}

static int follow(struct follow *f, uint32_t interval)
{
	static struct pldm_host_event e;
	uint32_t start;

	if (pldm_verb_read_sensors(&f->ask, &f->sensors))
		return pldm_verb_fail(f->c, "read the sensors");
	if (pldm_platform_enable_polling(&f->ask, TRANSPORT_EID, true))
		return pldm_verb_fail(f->c, "enable events");
	if (!f->c->json)
		fputs("waiting for events\n", stderr);
	while (!cli_interrupted && !output_is_lost() && f->shown < f->count) {
		if (pldm_platform_poll_event(&f->ask, &e))
			return cli_interrupted
				       ? EXIT_OK
				       : pldm_verb_fail(f->c,
							"poll for events");
		if (e.id != PLDM_EVENT_NONE) {
			show_event(f, &e);
			continue;
		}
		start = clock_now_ms();
		while (!cli_interrupted && clock_now_ms() - start < interval)
			(void)f->c->transport->ops->poll(f->c->transport, 20);
	}
	return EXIT_OK;
}

static int run(struct cli *c)
{
	static struct follow f;
	int result = pldm_verb_open(c, &f.ask);

	f.c = c;
	f.shown = 0;
	f.count = cli_option_given(c, "count") ? cli_option_number(c, "count")
					       : UINT64_MAX;
	if (result)
		return result;
	if (read_receiver(&f.ask, &f.before))
		return pldm_verb_fail(c, "read the event receiver");
	if (!cli_option_given(c, "follow"))
		return show_receiver(&f);
	result = follow(&f, (uint32_t)cli_option_number(c, "interval"));
	restore_receiver(&f);
	return result;
}

static const struct cli_option options[] = {
	{ "follow", 'f', NULL, "Become the event receiver, and show events" },
	{ "interval", 0, "MS", "With --follow: poll this often",
	  CLI_MILLISECONDS, .min = 10, .max = 3600000, .default_value = "200" },
	{ "count", 0, "N", "With --follow: end after this many events",
	  CLI_NUMBER, .min = 1, .max = UINT32_MAX },
	{ 0 },
};

const struct cli_verb device_pldm_events_verb = {
	.group = "pldm",
	.name = "events",
	.synopsis = "[--follow] [OPTION]...",
	.help = "Show the event receiver, or follow events",
	.text = "With --follow, polls for events until Ctrl-C, then restores "
		"the event receiver.\nWhile it runs, another event receiver, "
		"such as a BMC, gets no events.",
	.examples = "tether pldm events --follow\n",
	.options = options,
	.device = true,
	.run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* tether nvme control and events: control primitives, and what an endpoint
 * tells by itself. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cli/device/nvme.h"
#include "host/nvme_events.h"
#include "posix/clock.h"

enum { FLAGS_TEXT = 200 };

/* --- control --- */

const struct cli_choice nvme_control_choices[] = {
	{ "clear", 0, NULL, "get-state: clear the errors that it shows" },
	{ "packet", 0, "N", "replay: from this packet on; 0" },
	NVME_CHOICES,
};

static const char *const states[] = { "idle", "receive", "process",
				      "transmit" };

static const struct {
	uint16_t bit;
	const char *name;
} state_flags[] = {
	{ 0x8000, "paused" },
	{ 0x4000, "subsystem-reset" },
	{ 0x2000, "physical-layer" },
	{ 0x1000, "tag" },
	{ 0x0800, "sequence" },
	{ 0x0400, "unexpected-packet" },
	{ 0x0200, "transmission-unit" },
	{ 0x0100, "destination" },
	{ 0x0080, "header-version" },
	{ 0x0010, "integrity" },
	{ 0x0008, "slot-not-idle" },
};

static int find_primitive(const struct cli *c, struct nvme_primitive *p)
{
	static const char *const names[] = { "pause", "resume", "abort",
					     "get-state", "replay" };
	uint64_t packet = 0;
	int status;

	for (int i = 0; i < 5; i++)
		if (!strcmp(c->argument[0], names[i])) {
			p->opcode = (enum nvme_mi_primitive_opcode)i;
			status = nvme_option(c, "packet",
					     (struct nvme_range){ 0, 255 },
					     &packet);
			if (i == NVME_MI_REPLAY)
				p->parameter = (uint16_t)packet;
			else if (i == NVME_MI_GET_STATE)
				p->parameter = cli_value(c, "clear") != NULL;
			return status;
		}
	fprintf(stderr,
		"tether %s: %s: expected pause, resume, abort, get-state or "
		"replay\n",
		c->verb, c->argument[0]);
	return EXIT_USAGE;
}

static void show_state(const struct cli *c, uint16_t value)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();
	char line[FLAGS_TEXT];
	size_t at =
		(size_t)snprintf(line, sizeof(line), "%s", states[value & 3]);

	cli_add_text(o, "state", states[value & 3]);
	for (size_t i = 0; i < sizeof(state_flags) / sizeof(state_flags[0]);
	     i++) {
		if (!(value & state_flags[i].bit))
			continue;
		json_object_array_add(
			list, json_object_new_string(state_flags[i].name));
		at += (size_t)snprintf(line + at, sizeof(line) - at, ", %s",
				       state_flags[i].name);
	}
	json_object_object_add(o, "flags", list);
	cli_add_hex(o, "value", value, 4);
	nvme_tell(c, o, line);
}

static void show_aborted(const struct cli *c, uint16_t value)
{
	static const char *const names[] = {
		"nothing to abort, or it was done",
		"aborted before it began",
		"aborted when it had an effect",
		"reserved",
	};
	struct json_object *o = json_object_new_object();

	cli_add_number(o, "status", value & 3);
	nvme_tell(c, o, names[value & 3]);
}

int nvme_control_run(struct cli *c)
{
	struct nvme_primitive p = { 0 };
	struct json_object *o;
	struct nvme_host h;
	int status = find_primitive(c, &p);

	if (!status)
		status = nvme_open(c, &h);
	if (status)
		return status;
	if (nvme_primitive_ask(&h, &p))
		return nvme_failed(c, c->argument[0]);
	if (p.opcode == NVME_MI_GET_STATE) {
		show_state(c, p.result);
	} else if (p.opcode == NVME_MI_ABORT) {
		show_aborted(c, p.result);
	} else if (p.replayed_len) {
		nvme_show_bytes(c, p.replayed, p.replayed_len);
	} else {
		o = json_object_new_object();
		cli_add_number(o, "result", p.result);
		nvme_tell(c, o,
			  p.opcode == NVME_MI_REPLAY ? "nothing to replay"
						     : "done");
	}
	return EXIT_OK;
}

/* --- events --- */

const struct cli_choice nvme_events_choices[] = {
	{ "follow", 'f', NULL,
	  "enable events, show and acknowledge them until Ctrl-C" },
	{ "enable", 0, "NAMES",
	  "which, with commas between them; all there are" },
	{ "delay", 0, "S", "from an event to its message; 0" },
	{ "retry", 0, "MS", "until it is told again, in steps of 100; 1000" },
	{ "count", 0, "N", "end after so many; never" },
	NVME_CHOICES,
};

enum { SILENCE_MS = 2000 }; /* then it is asked whether it is there */

struct follow {
	struct cli *c;
	struct nvme_host h;
	bool heard;
	struct nvme_occurrences o; /* the last message's */
	uint64_t shown, count;
};

static void show_occurrences(struct follow *f)
{
	for (uint8_t i = 0; i < f->o.count; i++) {
		const struct nvme_occurrence *e = &f->o.item[i];
		struct json_object *o = json_object_new_object();
		char line[80];

		cli_add_text(o, "event", nvme_event_name(e->id));
		cli_add_number(o, "id", e->id);
		cli_add_number(o, "controller", e->source);
		cli_add_number(o, "generation", f->o.generation);
		snprintf(line, sizeof(line), "controller %u  %s", e->source,
			 nvme_event_name(e->id));
		nvme_tell(f->c, o, line);
		f->shown++;
	}
	fflush(stdout);
}

/* Only kept here: the transport is in the middle of something. */
static void heard(void *ctx, uint8_t source, const uint8_t *data, size_t len)
{
	struct follow *f = ctx;

	if (source == f->h.dest && !nvme_events_decode(data, len, &f->o))
		f->heard = true;
}

/* Names with commas between them; all others are disabled. */
static int choose_events(const struct cli *c, struct nvme_event_list *l)
{
	const char *text = cli_value(c, "enable");
	char word[32];

	for (uint8_t i = 0; i < l->count; i++)
		l->item[i].enabled = !text;
	while (text) {
		size_t len = strcspn(text, ",");
		bool found = false;

		snprintf(word, sizeof(word), "%.*s", (int)len, text);
		for (uint8_t i = 0; i < l->count; i++)
			if (nvme_event_find(word) == l->item[i].id)
				found = l->item[i].enabled = true;
		if (!found)
			return cli_fail(c,
					"the device has no event %s. "
					"`tether nvme events` lists them",
					word);
		text = text[len] ? text + len + 1 : NULL;
	}
	return EXIT_OK;
}

/* Whether those that were enabled still are: a device that went away, or began
 * anew, tells nothing. */
static int ask_again(struct follow *f, const struct nvme_event_list *l)
{
	static struct nvme_event_list now;

	if (nvme_events_get(&f->h, &now))
		return nvme_failed(f->c, "waiting for events");
	if (now.count == l->count &&
	    !memcmp(now.item, l->item, l->count * sizeof(l->item[0])))
		return EXIT_OK;
	return cli_fail(f->c, "the device has other events enabled than it was "
			      "told. was it reset, or did somebody else ask?");
}

static int wait_for_events(struct follow *f, const struct nvme_event_list *l)
{
	uint32_t last = clock_now_ms();

	while (!cli_interrupted && f->shown < f->count && !f->heard) {
		if (f->c->transport->ops->poll(f->c->transport, 100))
			return nvme_failed(f->c, "waiting for events");
		if (f->heard || clock_now_ms() - last < SILENCE_MS)
			continue;
		if (ask_again(f, l))
			return EXIT_FAILED;
		last = clock_now_ms();
	}
	return EXIT_OK;
}

static int follow(struct follow *f, struct nvme_event_list *l,
		  const struct nvme_events_timing *t)
{
	struct cli *c = f->c;

	if (c->transport->ops->listen(c->transport, MCTP_TYPE_NVME_MI, heard,
				      f))
		return nvme_failed(c, "listening for events");
	if (nvme_events_set(&f->h, l, t, &f->o))
		return nvme_failed(c, "enabling events");
	show_occurrences(f);
	if (!c->json) {
		fputs("waiting for events\n", stderr);
	}
	while (!cli_interrupted && f->shown < f->count) {
		if (wait_for_events(f, l))
			return EXIT_FAILED;
		if (!f->heard)
			continue;
		f->heard = false;
		show_occurrences(f);
		if (nvme_events_acknowledge(&f->h, &f->o))
			return nvme_failed(c, "acknowledging events");
		show_occurrences(f);
	}
	for (uint8_t i = 0; i < l->count; i++)
		l->item[i].enabled = false;
	if (nvme_events_set(&f->h, l, t, &f->o))
		return nvme_failed(c, "disabling events");
	return EXIT_OK;
}

static void show_events(const struct cli *c, const struct nvme_event_list *l)
{
	struct json_object *list = json_object_new_array(), *o;

	for (uint8_t i = 0; i < l->count; i++) {
		if (!c->json) {
			printf("%02x %-12s %s\n", l->item[i].id,
			       nvme_event_name(l->item[i].id),
			       l->item[i].enabled ? "enabled" : "disabled");
			continue;
		}
		o = json_object_new_object();
		cli_add_number(o, "id", l->item[i].id);
		cli_add_text(o, "event", nvme_event_name(l->item[i].id));
		json_object_object_add(
			o, "enabled",
			json_object_new_boolean(l->item[i].enabled));
		json_object_array_add(list, o);
	}
	if (c->json)
		cli_print_json(list);
	else
		json_object_put(list);
}

int nvme_events_run(struct cli *c)
{
	static struct nvme_event_list list;
	static struct follow f;
	struct nvme_events_timing t;
	uint64_t delay = 0, retry = 1000;
	int status =
		nvme_option(c, "delay", (struct nvme_range){ 0, 255 }, &delay);

	f.c = c;
	f.count = UINT64_MAX;
	if (!status)
		status = nvme_option(c, "retry",
				     (struct nvme_range){ 0, 25500 }, &retry);
	if (!status)
		status = nvme_option(c, "count",
				     (struct nvme_range){ 1, UINT32_MAX },
				     &f.count);
	if (!status)
		status = nvme_open(c, &f.h);
	if (status)
		return status;
	if (nvme_events_get(&f.h, &list))
		return nvme_failed(c, "asking for events");
	if (!cli_value(c, "follow")) {
		show_events(c, &list);
		return EXIT_OK;
	}
	t = (struct nvme_events_timing){ (uint8_t)delay,
					 (uint8_t)(retry / 100) };
	status = choose_events(c, &list);
	return status ? status : follow(&f, &list, &t);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* tether nvme events: lists the asynchronous events of NVMe-MI 2.0, and follows
 * them. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cli/device/nvme_verb.h"
#include "cli/verbs.h"
#include "host/nvme_events.h"
#include "nvme_mi/nvme_wire.h"
#include "posix/clock.h"
#include "posix/output.h"

enum { SILENCE_MS = 2000 }; /* then check that the events are still enabled */

struct follow {
	struct cli *c;
	struct nvme_host h;
	bool received; /* o is a message that is not shown yet */
	struct nvme_occurrences o;
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
		nvme_verb_print(f->c, o, line);
		f->shown++;
	}
	fflush(stdout);
}

/* Only store the message: the transport calls this function, and must not be
 * used to send meanwhile. */
static void keep_message(void *ctx, uint8_t source, const uint8_t *data,
			 size_t len)
{
	struct follow *f = ctx;

	if (source == f->h.dest && !nvme_events_decode(data, len, &f->o))
		f->received = true;
}

/* Enable the events of --enable, or all; disable the others. */
static int choose_events(const struct cli *c, struct nvme_event_list *l)
{
	const char *text = cli_option_text(c, "enable");
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
					"the device has no event \"%s\". "
					"`tether nvme events` lists its events",
					word);
		text = text[len] ? text + len + 1 : NULL;
	}
	return EXIT_OK;
}

/* Check that the same events are still enabled. A device that was unplugged or
 * reset has disabled them, and would stay silent. */
static int check_enabled(struct follow *f, const struct nvme_event_list *l)
{
	static struct nvme_event_list now;

	if (nvme_events_get(&f->h, &now))
		return nvme_verb_fail(f->c, "waiting for events");
	if (now.count == l->count &&
	    !memcmp(now.item, l->item, l->count * sizeof(l->item[0])))
		return EXIT_OK;
	return cli_fail(f->c, "other events are enabled now. Was the device "
			      "reset, or did another program change them?");
}

static int wait_for_events(struct follow *f, const struct nvme_event_list *l)
{
	uint32_t last = clock_now_ms();

	while (!cli_interrupted && !output_is_lost() && f->shown < f->count &&
	       !f->received) {
		if (f->c->transport->ops->poll(f->c->transport, 100))
			return nvme_verb_fail(f->c, "waiting for events");
		if (f->received || clock_now_ms() - last < SILENCE_MS)
			continue;
		if (check_enabled(f, l))
			return EXIT_FAILED;
		last = clock_now_ms();
	}
	return EXIT_OK;
}

static int follow(struct follow *f, struct nvme_event_list *l,
		  const struct nvme_events_timing *t)
{
	struct cli *c = f->c;

	if (c->transport->ops->listen(c->transport, MCTP_TYPE_NVME_MI,
				      keep_message, f))
		return nvme_verb_fail(c, "listening for events");
	if (nvme_events_set(&f->h, l, t, &f->o))
		return nvme_verb_fail(c, "enabling events");
	show_occurrences(f);
	if (!c->json)
		fputs("waiting for events\n", stderr);
	while (!cli_interrupted && !output_is_lost() && f->shown < f->count) {
		if (wait_for_events(f, l))
			return EXIT_FAILED;
		if (!f->received)
			continue;
		f->received = false;
		show_occurrences(f);
		if (nvme_events_acknowledge(&f->h, &f->o))
			return nvme_verb_fail(c, "acknowledging events");
		show_occurrences(f);
	}
	for (uint8_t i = 0; i < l->count; i++)
		l->item[i].enabled = false;
	if (nvme_events_set(&f->h, l, t, &f->o))
		return nvme_verb_fail(c, "disabling events");
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
		cli_add_bool(o, "enabled", l->item[i].enabled);
		json_object_array_add(list, o);
	}
	if (c->json)
		cli_print_json(list);
	else
		json_object_put(list);
}

static int run(struct cli *c)
{
	static struct nvme_event_list list;
	static struct follow f;
	const struct nvme_events_timing t = {
		(uint8_t)cli_option_number(c, "delay"),
		(uint8_t)(cli_option_number(c, "retry") /
			  NVME_MI_EVENTS_RETRY_MS),
	};
	int status = nvme_verb_open(c, &f.h);

	if (status)
		return status;
	f.c = c;
	f.count = cli_option_given(c, "count") ? cli_option_number(c, "count")
					       : UINT64_MAX;
	if (nvme_events_get(&f.h, &list))
		return nvme_verb_fail(c, "reading the events");
	if (!cli_option_given(c, "follow")) {
		show_events(c, &list);
		return EXIT_OK;
	}
	status = choose_events(c, &list);
	return status ? status : follow(&f, &list, &t);
}

static const struct cli_option options[] = {
	{ "follow", 'f', NULL, "Enable events, show and acknowledge each" },
	{ "enable", 0, "NAMES", "Enable only these events, separated by commas",
	  CLI_TEXT },
	{ "delay", 0, "S", "Send the message this long after the event",
	  CLI_SECONDS, .max = UINT8_MAX, .default_value = "0" },
	{ "retry", 0, "MS",
	  "Repeat the message until acknowledged, in 100 ms steps",
	  CLI_MILLISECONDS, .max = UINT8_MAX * NVME_MI_EVENTS_RETRY_MS,
	  .default_value = "1000" },
	{ "count", 0, "N", "End after this many events", CLI_NUMBER, .min = 1,
	  .max = UINT32_MAX },
	NVME_VERB_OPTIONS,
};

const struct cli_verb device_nvme_events_verb = {
	.group = "nvme",
	.name = "events",
	.synopsis = "[--follow] [OPTION]...",
	.help = "List asynchronous events, or follow them",
	.text = "Without --follow, lists the events of the device and whether "
		"each is enabled.\nWith --follow, runs until Ctrl-C, then "
		"disables the events. With --retry 0, the\ndevice sends each "
		"message once.",
	.examples = "tether nvme events --follow --enable temperature,spare\n",
	.options = options,
	.device = true,
	.run = run,
};

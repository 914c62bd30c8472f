/* SPDX-License-Identifier: Apache-2.0 */
/* tether top: watches all drives. This file takes the samples; top_screen.c is
 * the screen. */
#include "cli/device/top.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/wire.h"
#include "cli/spawn.h"
#include "cli/text.h"
#include "cli/units.h"
#include "cli/verbs.h"
#include "host/nvme_admin.h"

const char *const top_sort_names[TOP_SORTS + 1] = { "device",	   "serial",
						    "temperature", "spare",
						    "used",	   "requests",
						    "events",	   NULL };

enum { DATA_UNIT = 512000 /* bytes of a data unit of the SMART log page */ };

/* --- samples --- */

static void add_event(struct top *t, struct top_drive *d, const char *text)
{
	struct top_event *e = &d->event[d->events++ % TOP_EVENTS];

	e->ms = spawn_now_ms() - t->started_ms;
	snprintf(e->text, sizeof(e->text), "%s", text);
}

/* Compare the state with that of the last sample. */
static void find_changes(struct top *t, struct top_drive *d)
{
	char state[DRIVE_LIST_STATE], text[TOP_EVENT_TEXT];

	drive_list_state(&d->drive, state);
	if (d->sampled && strcmp(state, d->state) != 0) {
		snprintf(text, sizeof(text), "%.30s -> %.40s", d->state, state);
		add_event(t, d, text);
	}
	snprintf(d->state, sizeof(d->state), "%s", state);
	d->sampled = true;
}

static uint64_t health_number(const uint8_t *page, size_t at)
{
	struct rd r = rd_init(page, NVME_LOG_SMART_HEALTH_INFORMATION_SIZE);

	rd_skip(&r, at);
	return rd_le64(&r);
}

/* Read the SMART log page. A drive without it still has its health. */
static void read_counters(struct top_drive *d)
{
	static uint8_t page[NVME_LOG_SMART_HEALTH_INFORMATION_SIZE];
	const struct nvme_host h = { .transport = d->drive.transport,
				     .dest = d->drive.eid };
	const struct nvme_log_page l = {
		.controller = d->drive.controller,
		.id = NVME_LOG_SMART_HEALTH_INFORMATION,
		.nsid = NVME_NSID_ALL,
		.len = sizeof(page),
		.retain = true,
	};
	uint64_t now, commands;

	if (nvme_get_log_page(&h, &l, page)) {
		d->sampled_ms = 0;
		d->rate_known = false;
		return;
	}
	now = spawn_now_ms();
	commands = health_number(page, NVME_HEALTH_AT_HOST_READ_COMMANDS) +
		   health_number(page, NVME_HEALTH_AT_HOST_WRITE_COMMANDS);
	d->rate_known =
		d->sampled_ms && now > d->sampled_ms && commands >= d->commands;
	if (d->rate_known)
		d->requests = (double)(commands - d->commands) * 1000 /
			      (double)(now - d->sampled_ms);
	d->commands = commands;
	d->sampled_ms = now;
	d->media_errors = health_number(page, NVME_HEALTH_AT_MEDIA_ERRORS);
	d->power_on_hours = health_number(page, NVME_HEALTH_AT_POWER_ON_HOURS);
	d->power_cycles = health_number(page, NVME_HEALTH_AT_POWER_CYCLES);
	d->unsafe_shutdowns =
		health_number(page, NVME_HEALTH_AT_UNSAFE_SHUTDOWNS);
	d->data_read =
		health_number(page, NVME_HEALTH_AT_DATA_UNITS_READ) * DATA_UNIT;
	d->data_written =
		health_number(page, NVME_HEALTH_AT_DATA_UNITS_WRITTEN) *
		DATA_UNIT;
}

static void sample_drive(struct top *t, struct top_drive *d)
{
	if (drive_list_read(&d->drive))
		read_counters(d);
	else
		d->rate_known = false;
	find_changes(t, d);
}

void top_sample(struct top *t)
{
	for (size_t i = 0; i < t->count && !cli_interrupted; i++)
		sample_drive(t, t->drive[i]);
}

/* --- order --- */

static enum top_sort order; /* qsort() passes no context */

static int compare_numbers(double a, double b)
{
	return a < b ? 1 : a > b ? -1 : 0;
}

static int compare(const void *first, const void *second)
{
	const struct top_drive *a = *(struct top_drive *const *)first;
	const struct top_drive *b = *(struct top_drive *const *)second;
	int result = 0;

	if (order != TOP_SORT_DEVICE && a->drive.reached != b->drive.reached)
		return a->drive.reached ? -1 : 1;
	switch (order) {
	case TOP_SORT_SERIAL:
		result = strcmp(a->drive.serial, b->drive.serial);
		break;
	case TOP_SORT_TEMPERATURE:
		result = compare_numbers(a->drive.kelvin, b->drive.kelvin);
		break;
	case TOP_SORT_SPARE:
		result = compare_numbers(b->drive.spare, a->drive.spare);
		break;
	case TOP_SORT_USED:
		result = compare_numbers(a->drive.used, b->drive.used);
		break;
	case TOP_SORT_REQUESTS:
		result = compare_numbers(a->rate_known ? a->requests : -1,
					 b->rate_known ? b->requests : -1);
		break;
	case TOP_SORT_EVENTS:
		result = compare_numbers(a->events, b->events);
		break;
	default:
		break;
	}
	return result ? result : strcmp(a->drive.via, b->drive.via);
}

void top_order(struct top *t)
{
	order = t->sort;
	qsort(t->drive, t->count, sizeof(struct top_drive *), compare);
}

/* --- verb --- */

static void print_once(const struct top *t)
{
	char temperature[UNITS_TEXT];

	printf("%-24s %-20s %6s %5s %5s  %s\n", "DEVICE", "SERIAL", "TEMP",
	       "SPARE", "USED", "STATE");
	for (size_t i = 0; i < t->count; i++) {
		const struct drive_list_drive *d = &t->drive[i]->drive;

		if (d->reached)
			printf("%-24s %-20s %6s %3u %% %3u %%  ", d->via,
			       d->serial, units_celsius(d->kelvin, temperature),
			       d->spare, d->used);
		else
			printf("%-24s %-20s %6s %5s %5s  ", d->via, "-", "-",
			       "-", "-");
		color_print(t->c, stdout, drive_list_color(d), 0,
			    t->drive[i]->state);
		putchar('\n');
	}
	if (!t->count)
		puts("no drive found");
}

static void print_json(const struct top *t)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < t->count; i++) {
		const struct top_drive *d = t->drive[i];
		struct json_object *o = drive_list_json(&d->drive);

		json_object_object_add(
			o, "requests_per_second",
			d->rate_known ? json_object_new_double(d->requests)
				      : NULL);
		cli_add_number(o, "events", d->events);
		json_object_array_add(list, o);
	}
	cli_print_json(list);
	fflush(stdout);
}

/* Take ownership of the drives of a list. */
static void take_drives(struct top *t, struct drive_list *l)
{
	t->drive = text_allocate(l->count + 1, sizeof(struct top_drive *));
	for (size_t i = 0; i < l->count; i++) {
		struct top_drive *d = text_allocate(1, sizeof(*d));

		d->drive = l->drive[i];
		t->drive[t->count++] = d;
	}
	free(l->drive);
}

static void drop_others(struct top *t)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->count; i++) {
		if (t->drive[i]->drive.other)
			free(t->drive[i]);
		else
			t->drive[kept++] = t->drive[i];
	}
	t->count = kept;
}

static void free_drives(struct top *t)
{
	for (size_t i = 0; i < t->count; i++) {
		drive_list_close(&t->drive[i]->drive);
		free(t->drive[i]);
	}
	free(t->drive);
}

static int show(struct top *t)
{
	struct cli *c = t->c;

	if (!c->json && !cli_option_given(c, "once")) {
		if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
			return top_screen_run(
				t, (uint32_t)cli_option_number(c, "interval") *
					   1000);
		return cli_fail(c, "top needs a terminal. Use --once or --json "
				   "for a table of this moment");
	}
	top_order(t);
	if (c->json)
		print_json(t);
	else
		print_once(t);
	return EXIT_OK;
}

static int run(struct cli *c)
{
	struct top t = { .c = c,
			 .sort = (enum top_sort)cli_option_choice(c, "sort"),
			 .started_ms = spawn_now_ms() };
	struct drive_list l;
	int status = drive_list_find(c, &l);

	if (status)
		return status;
	take_drives(&t, &l);
	top_sample(&t);
	drop_others(&t);
	status = show(&t);
	free_drives(&t);
	return status;
}

static const struct cli_option options[] = {
	{ "once", '1', NULL, "Print one table and end" },
	{ "sort", 's', "KEY", "Sort by this column", CLI_CHOICE,
	  .choices = top_sort_names, .default_value = "device" },
	{ "interval", 'i', "S", "Read the drives this often", CLI_SECONDS,
	  .min = 1, .max = 3600, .default_value = "2" },
	{ 0 },
};

const struct cli_verb device_top_verb = {
	.name = "top",
	.synopsis = "[--once] [--sort KEY] [--interval S]",
	.help = "Watch temperature, spare and state of all drives",
	.text = "Keys: q quits; d, s, t, p, u, r, e sort by device, serial, "
		"temperature, spare,\nused, requests and events; the arrows "
		"select a drive, Enter opens it, Escape\nreturns. Requests are "
		"commands a second of the drive's hosts. Events are\nchanges "
		"of state since the start. --json prints one sample.",
	.examples = "tether top\n"
		    "tether top --sort temperature --interval 5\n"
		    "tether top --json\n",
	.options = options,
	.device = true,
	.run = run,
};

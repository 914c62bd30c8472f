/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the verbs of `tether nvme`: open, confirm, print. */
#include "cli/device/nvme_verb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/progress.h"
#include "cli/via.h"
#include "nvme_mi/nvme_wire.h"

enum { LINE = 16, NAME_COLUMN = 22, COLUMNS = 79 };

/* Show how long the device has taken of the announced time. */
static void show_waiting(void *ctx, uint32_t passed_ms, uint32_t of_ms)
{
	const struct cli *c = ctx;

	progress_show(c, c->verb, PROGRESS_MILLISECONDS, passed_ms, of_ms);
}

const struct parse_name nvme_verb_nsid_names[] = {
	{ "all", NVME_NSID_ALL },
	{ 0 },
};

int nvme_verb_open(struct cli *c, struct nvme_host *h)
{
	int status;

	memset(h, 0, sizeof(*h));
	h->slot = (uint8_t)cli_option_number(c, "slot");
	h->waiting = show_waiting;
	h->ctx = c;
	status = via_open_endpoint(c, &h->dest);
	h->transport = c->transport;
	return status;
}

int nvme_verb_open_controller(struct cli *c, struct nvme_host *h,
			      uint16_t *controller)
{
	*controller = (uint16_t)cli_option_number(c, "controller");
	return nvme_verb_open(c, h);
}

int nvme_verb_fail(const struct cli *c, const char *what)
{
	return cli_fail(c, "%s failed: %s", what, c->transport->error);
}

int nvme_verb_confirm(const struct cli *c, const char *what)
{
	char answer[8] = "";

	if (cli_option_given(c, "yes"))
		return EXIT_OK;
	if (c->json || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return cli_fail(c,
				"%s, and there is no terminal to ask for "
				"confirmation. Add --yes to confirm",
				what);
	fprintf(stderr, "%s. Continue? [y/N] ", what);
	if (fgets(answer, sizeof(answer), stdin) &&
	    (!strcmp(answer, "y\n") || !strcmp(answer, "yes\n")))
		return EXIT_OK;
	return cli_fail(c, "not confirmed, nothing was changed");
}

/* --- output --- */

void nvme_verb_print(const struct cli *c, struct json_object *o,
		     const char *line)
{
	progress_end();
	if (c->json) {
		cli_print_json(o);
		return;
	}
	json_object_put(o);
	puts(line);
}

void nvme_verb_print_number(const struct cli *c, const char *key,
			    uint64_t value, const char *line)
{
	struct json_object *o = json_object_new_object();

	cli_add_number(o, key, value);
	nvme_verb_print(c, o, line);
}

static void add_bytes(struct json_object *o, const char *key,
		      const uint8_t *data, size_t len)
{
	char *text = malloc(2 * len + 1);

	if (!text)
		return;
	text[0] = '\0';
	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", data[i]);
	cli_add_text(o, key, text);
	free(text);
}

static void print_dump(const uint8_t *data, size_t len)
{
	for (size_t at = 0; at < len; at += LINE) {
		printf("%04zx ", at);
		for (size_t i = at; i < len && i < at + LINE; i++)
			printf(" %02x", data[i]);
		putchar('\n');
	}
}

void nvme_verb_show_bytes(const struct cli *c, const uint8_t *data, size_t len)
{
	struct json_object *o;

	progress_end();
	if (!c->json) {
		print_dump(data, len);
		return;
	}
	o = json_object_new_object();
	cli_add_number(o, "bytes", len);
	add_bytes(o, "raw", data, len);
	cli_print_json(o);
}

static void add_flags(struct json_object *o, const struct nvme_layout *f,
		      const struct nvme_value *v)
{
	struct json_object *list = json_object_new_array();
	char key[64], flag[NVME_FLAG_TEXT];
	unsigned int at = 0;

	while (nvme_next_flag(f, v, &at, flag))
		json_object_array_add(list, json_object_new_string(flag));
	snprintf(key, sizeof(key), "%s_flags", f->name);
	json_object_object_add(o, key, list);
}

static void add_value(struct json_object *o, const struct nvme_layout *f,
		      const struct nvme_value *v)
{
	char text[NVME_VALUE_TEXT], key[64];
	const char *name = nvme_value_name(f, v);
	bool is_number = f->format == NVME_DEC || f->format == NVME_TIMESTAMP;

	nvme_value_text(f, v, text);
	if (is_number && !v->high && v->number <= INT64_MAX)
		cli_add_number(o, f->name, v->number);
	else if (f->format == NVME_KELVIN && v->number)
		json_object_object_add(
			o, f->name, json_object_new_int((int)v->number - 273));
	else if (f->format == NVME_KELVIN)
		json_object_object_add(o, f->name, NULL);
	else
		cli_add_text(o, f->name, text);
	if (f->flags)
		add_flags(o, f, v);
	if (name) {
		snprintf(key, sizeof(key), "%s_name", f->name);
		cli_add_text(o, key, name);
	}
}

/* Print a value with the names of its flags, broken at the 80th column. */
static void print_value(const struct nvme_layout *f, const struct nvme_value *v)
{
	char text[NVME_VALUE_TEXT], flag[NVME_FLAG_TEXT];
	const char *name = nvme_value_name(f, v);
	size_t column;
	unsigned int at = 0;
	bool first = true;

	nvme_value_text(f, v, text);
	printf("%-*s%s", NAME_COLUMN, f->name, text);
	if (name)
		printf("  %s", name);
	column = NAME_COLUMN + strlen(text) + 1;
	while (nvme_next_flag(f, v, &at, flag)) {
		size_t len = strlen(flag) + 2;

		if (!first)
			putchar(',');
		if (column + len > COLUMNS) {
			printf("\n%*s", NAME_COLUMN, "");
			column = NAME_COLUMN;
		}
		printf(first ? "  %s" : " %s", flag);
		column += len;
		first = false;
	}
	putchar('\n');
}

static void show_fields(const struct nvme_layout *f, const uint8_t *data,
			size_t len, struct json_object *o)
{
	struct nvme_value v;

	for (; f && f->name; f++) {
		if (!nvme_value(f, data, len, &v))
			continue;
		if (o)
			add_value(o, f, &v);
		else
			print_value(f, &v);
	}
}

/* Print fields in a row, as " type 0x04 (power-on-or-reset) controller 0". */
static void print_row(const struct nvme_layout *f, const uint8_t *data,
		      size_t len)
{
	struct nvme_value v;
	char text[NVME_VALUE_TEXT], flag[NVME_FLAG_TEXT];

	for (; f && f->name; f++) {
		const char *name;
		unsigned int at = 0;

		if (!nvme_value(f, data, len, &v))
			continue;
		nvme_value_text(f, &v, text);
		name = nvme_value_name(f, &v);
		printf(" %s %s", f->name, text);
		if (name)
			printf(" (%s)", name);
		for (int n = 0; nvme_next_flag(f, &v, &at, flag); n++)
			printf("%s%s", n ? ", " : " (", flag);
		if (at && f->flags && v.number)
			putchar(')');
	}
}

static void show_list(const struct nvme_table *t, const uint8_t *data,
		      size_t len, struct json_object *o);

/* Show the data of a persistent event: by its layout, else as bytes. */
static void show_event(const struct nvme_items *i, struct json_object *o)
{
	struct nvme_event_data d;

	nvme_event_find_data(i, &d);
	if (o) {
		cli_add_text(o, "event", d.name);
		add_bytes(o, "data", d.data, d.len);
		show_fields(d.fields, d.data, d.len, o);
		if (d.table)
			show_list(d.table, d.data, d.len, o);
		return;
	}
	if (d.len) {
		static const struct nvme_layout bytes[] = {
			{ "data", 0, 0, NVME_BYTES, 0, 0 }, { 0 }
		};

		printf("\n   ");
		print_row(d.fields ? d.fields : bytes, d.data, d.len);
	}
	if (d.table) {
		struct nvme_items each = { 0 };

		while (nvme_next_item(d.table, d.data, d.len, &each)) {
			printf("\n   ");
			print_row(d.table->item, each.data, each.len);
		}
	}
}

static void show_item(const struct nvme_table *t, const struct nvme_items *i)
{
	printf("%s %u:", t->list_name, i->index);
	print_row(t->item, i->data, i->len);
	if (t->list == NVME_LIST_EVENTS)
		show_event(i, NULL);
	putchar('\n');
}

static void show_list(const struct nvme_table *t, const uint8_t *data,
		      size_t len, struct json_object *o)
{
	struct nvme_items i = { 0 };
	struct json_object *list, *item;

	if (!o) {
		while (nvme_next_item(t, data, len, &i))
			show_item(t, &i);
		if (!i.next)
			printf("%s: none\n", t->list_name);
		return;
	}
	list = json_object_new_array();
	while (nvme_next_item(t, data, len, &i)) {
		item = json_object_new_object();
		cli_add_number(item, "index", i.index);
		show_fields(t->item, i.data, i.len, item);
		if (t->list == NVME_LIST_EVENTS)
			show_event(&i, item);
		json_object_array_add(list, item);
	}
	json_object_object_add(o, t->list_name, list);
}

void nvme_verb_show(const struct cli *c, const struct nvme_table *t,
		    const uint8_t *data, size_t len)
{
	struct json_object *o = c->json ? json_object_new_object() : NULL;
	bool hex = cli_option_given(c, "hex") || (!t->fields && !t->list);

	progress_end();
	if (o)
		cli_add_text(o, "structure", t->name);
	show_fields(t->fields, data, len, o);
	if (t->list)
		show_list(t, data, len, o);
	if (hex && o)
		add_bytes(o, "raw", data, len);
	else if (hex)
		print_dump(data, len);
	if (o)
		cli_print_json(o);
}

int nvme_verb_show_log(struct cli *c, uint8_t id, size_t len)
{
	static uint8_t page[NVME_PAGE];
	struct nvme_log_page l = {
		.id = id,
		.nsid = NVME_NSID_ALL,
		.len = (uint32_t)len,
	};
	struct nvme_host h;
	int status = nvme_verb_open_controller(c, &h, &l.controller);

	if (status)
		return status;
	if (nvme_get_log_page(&h, &l, page))
		return nvme_verb_fail(c, "Get Log Page");
	nvme_verb_show(c, nvme_log_table(id), page, len);
	return EXIT_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs of `tether nvme` share. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/device/nvme.h"

enum { LINE = 16 };

int nvme_run_word(struct cli *c, const struct nvme_word *words)
{
	const struct nvme_word *w = words;

	while (w->name && strcmp(w->name, c->argument[0]) != 0)
		w++;
	if (!w->name) {
		fprintf(stderr, "tether %s: no word %s. expected", c->verb,
			c->argument[0]);
		for (w = words; w->name; w++)
			fprintf(stderr, "%s %s", w == words ? "" : ",",
				w->name);
		fputc('\n', stderr);
		return EXIT_USAGE;
	}
	c->argument++;
	c->arguments--;
	if (c->arguments >= w->least && c->arguments <= w->most)
		return w->run(c);
	fprintf(stderr, "tether %s %s: %s\n", c->verb, w->name,
		c->arguments < w->least ? "an argument is missing"
					: "too many arguments");
	return EXIT_USAGE;
}

static int number(const struct cli *c, const char *what, const char *text,
		  struct nvme_range r, uint64_t *value)
{
	if (cli_number(text, 0, r.min, r.max, value))
		return EXIT_OK;
	fprintf(stderr, "tether %s: %s %s: expected %llu to %llu\n", c->verb,
		what, text, (unsigned long long)r.min,
		(unsigned long long)r.max);
	return EXIT_USAGE;
}

int nvme_option(const struct cli *c, const char *name, struct nvme_range r,
		uint64_t *value)
{
	const char *text = cli_value(c, name);
	char what[32];

	if (!text)
		return EXIT_OK;
	snprintf(what, sizeof(what), "--%s", name);
	return number(c, what, text, r, value);
}

int nvme_argument(const struct cli *c, int n, const char *what,
		  struct nvme_range r, uint64_t *value)
{
	return number(c, what, c->argument[n], r, value);
}

int nvme_bytes(const struct cli *c, const char *text, uint8_t *data,
	       size_t *len)
{
	size_t digits = strlen(text);

	if (!digits || digits % 2 || digits / 2 > *len ||
	    strspn(text, "0123456789abcdefABCDEF") != digits) {
		fprintf(stderr,
			"tether %s: %s: expected 1 to %zu pairs of hex "
			"digits\n",
			c->verb, text, *len);
		return EXIT_USAGE;
	}
	*len = digits / 2;
	for (size_t i = 0; i < *len; i++) {
		char pair[3] = { text[2 * i], text[2 * i + 1] };

		data[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return EXIT_OK;
}

static void waiting(void *ctx, uint32_t passed_ms, uint32_t of_ms)
{
	/* What was announced has a margin: it may be over before. */
	cli_progress(ctx, passed_ms < of_ms ? passed_ms : of_ms - 1, of_ms);
}

int nvme_open(struct cli *c, struct nvme_host *h)
{
	uint64_t slot = 0;
	int status = nvme_option(c, "slot", (struct nvme_range){ 0, 1 }, &slot);

	if (status)
		return status;
	c->via = cli_value(c, "via");
	memset(h, 0, sizeof(*h));
	h->slot = (uint8_t)slot;
	h->waiting = waiting;
	h->ctx = c;
	status = cli_open_endpoint(c, &h->dest);
	h->transport = c->transport;
	return status;
}

int nvme_failed(const struct cli *c, const char *what)
{
	cli_progress(c, 1, 1);
	return cli_fail(c, "%s: %s", what, c->transport->error);
}

int nvme_confirm(const struct cli *c, const char *what)
{
	char answer[8] = "";

	if (cli_value(c, "yes"))
		return EXIT_OK;
	if (c->json || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return cli_fail(c,
				"%s: nobody can be asked whether that is "
				"meant. say so with --yes",
				what);
	fprintf(stderr, "%s. go on? [y/N] ", what);
	if (fgets(answer, sizeof(answer), stdin) &&
	    (!strcmp(answer, "y\n") || !strcmp(answer, "yes\n")))
		return EXIT_OK;
	return cli_fail(c, "nothing was done");
}

/* --- output --- */

void nvme_tell(const struct cli *c, struct json_object *o, const char *line)
{
	cli_progress(c, 1, 1);
	if (c->json) {
		cli_print_json(o);
		return;
	}
	json_object_put(o);
	puts(line);
}

static void add_raw(struct json_object *o, const uint8_t *data, size_t len)
{
	char *text = malloc(2 * len + 1);

	if (!text)
		return;
	text[0] = '\0';
	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", data[i]);
	cli_add_text(o, "raw", text);
	free(text);
}

static void dump(const uint8_t *data, size_t len)
{
	for (size_t at = 0; at < len; at += LINE) {
		printf("%04zx ", at);
		for (size_t i = at; i < len && i < at + LINE; i++)
			printf(" %02x", data[i]);
		putchar('\n');
	}
}

void nvme_show_bytes(const struct cli *c, const uint8_t *data, size_t len)
{
	struct json_object *o;

	cli_progress(c, 1, 1);
	if (!c->json) {
		dump(data, len);
		return;
	}
	o = json_object_new_object();
	cli_add_number(o, "bytes", len);
	add_raw(o, data, len);
	cli_print_json(o);
}

static void add_value(struct json_object *o, const struct nvme_layout *f,
		      const struct nvme_value *v)
{
	char text[NVME_VALUE_TEXT];

	nvme_value_text(f, v, text);
	if (f->format == NVME_DEC && !v->high && v->number <= INT64_MAX)
		cli_add_number(o, f->name, v->number);
	else if (f->format == NVME_KELVIN && v->number)
		json_object_object_add(
			o, f->name, json_object_new_int((int)v->number - 273));
	else if (f->format == NVME_KELVIN)
		json_object_object_add(o, f->name, NULL);
	else
		cli_add_text(o, f->name, text);
}

static void show_fields(const struct nvme_layout *f, const uint8_t *data,
			size_t len, struct json_object *o)
{
	struct nvme_value v;
	char text[NVME_VALUE_TEXT];

	for (; f && f->name; f++) {
		if (!nvme_value(f, data, len, &v))
			continue;
		if (o) {
			add_value(o, f, &v);
			continue;
		}
		nvme_value_text(f, &v, text);
		printf("%-22s%s\n", f->name, text);
	}
}

static void show_item(const struct nvme_table *t, const struct nvme_items *i)
{
	struct nvme_value v;
	char text[NVME_VALUE_TEXT];

	printf("%s %u:", t->list_name, i->index);
	for (const struct nvme_layout *f = t->item; f->name; f++) {
		if (!nvme_value(f, i->data, i->len, &v))
			continue;
		nvme_value_text(f, &v, text);
		printf(" %s %s", f->name, text);
	}
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
		json_object_array_add(list, item);
	}
	json_object_object_add(o, t->list_name, list);
}

void nvme_show(const struct cli *c, const struct nvme_table *t,
	       const uint8_t *data, size_t len)
{
	struct json_object *o = c->json ? json_object_new_object() : NULL;
	bool hex = cli_value(c, "hex") || (!t->fields && !t->list);

	cli_progress(c, 1, 1);
	if (o)
		cli_add_text(o, "structure", t->name);
	show_fields(t->fields, data, len, o);
	if (t->list)
		show_list(t, data, len, o);
	if (hex && o)
		add_raw(o, data, len);
	else if (hex)
		dump(data, len);
	if (o)
		cli_print_json(o);
}

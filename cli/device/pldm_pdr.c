/* SPDX-License-Identifier: Apache-2.0 */
/* tether pldm pdr: lists the Platform Descriptor Records of a device. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cli/device/pldm_verb.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "host/pldm_names.h"

enum { SUMMARY = 160 };

struct list {
	const struct cli *c;
	struct json_object *records;
	bool raw;
};

static void summarize_association(struct rd *r, char *text)
{
	uint16_t container = rd_le16(r);
	uint8_t type = rd_u8(r);

	rd_skip(r, 6);
	snprintf(text, SUMMARY, "container %u, %s, %u entities", container,
		 type ? "logical" : "physical", rd_u8(r));
}

static void summarize_locator(struct rd *r, char *text)
{
	uint8_t tid;

	rd_skip(r, 3); /* terminus handle, validity */
	tid = rd_u8(r);
	rd_skip(r, 4); /* container, kind and size of the locator */
	snprintf(text, SUMMARY, "TID %u, EID %u", tid, rd_u8(r));
}

static void summarize_sensor(const struct pldm_host_sensor *s, char *text)
{
	if (s->numeric)
		snprintf(text, SUMMARY, "sensor %u, %g to %g %s", s->id,
			 pldm_platform_value(s, s->min),
			 pldm_platform_value(s, s->max),
			 pldm_names_unit(s->unit));
	else
		snprintf(text, SUMMARY, "sensor %u, state set %u", s->id,
			 s->set);
}

/* Describe a record in a few words. Empty: a type without a decoder, or a
 * malformed record. */
static void summarize(const uint8_t *record, size_t len, char *text)
{
	struct rd r = rd_init(record, len);
	struct pldm_host_sensor s;
	struct pldm_pdr_header h;
	char name[PLDM_HOST_NAME] = "";
	uint16_t id;

	text[0] = '\0';
	if (pldm_pdr_read_header(&r, &h))
		return;
	if (!pldm_platform_decode_sensor(record, len, &s))
		summarize_sensor(&s, text);
	else if (!pldm_platform_decode_name(record, len, &id, name) && id)
		snprintf(text, SUMMARY, "sensor %u: %s", id, name);
	else if (h.type == PLDM_PDR_ENTITY_NAMES)
		snprintf(text, SUMMARY, "%s", name);
	else if (h.type == PLDM_PDR_ENTITY_ASSOCIATION)
		summarize_association(&r, text);
	else if (h.type == PLDM_PDR_TERMINUS_LOCATOR)
		summarize_locator(&r, text);
}

static void format_hex(const uint8_t *data, size_t len, char *text)
{
	text[0] = '\0';
	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", data[i]);
}

static int add_record(void *ctx, const uint8_t *record, size_t len)
{
	static char hex[2 * PLDM_HOST_RECORD + 1];
	struct rd r = rd_init(record, len);
	struct list *l = ctx;
	struct pldm_pdr_header h = { 0 };
	struct json_object *o;
	char text[SUMMARY];

	(void)pldm_pdr_read_header(&r, &h);
	summarize(record, len, text);
	format_hex(record, len, hex);
	if (!l->c->json) {
		printf("%8x  %-24s %4zu  %s\n", h.handle,
		       pldm_names_pdr_type(h.type), len,
		       l->raw ? hex : text_show(text));
		return ERR_OK;
	}
	o = json_object_new_object();
	cli_add_number(o, "handle", h.handle);
	cli_add_number(o, "type", h.type);
	cli_add_text(o, "type_name", pldm_names_pdr_type(h.type));
	cli_add_number(o, "change_number", h.change);
	cli_add_number(o, "length", len);
	cli_add_text(o, "summary", text);
	if (l->raw)
		cli_add_text(o, "raw", hex);
	json_object_array_add(l->records, o);
	return ERR_OK;
}

static int run(struct cli *c)
{
	static struct pldm_ask a;
	struct list l = { .c = c, .raw = cli_option_given(c, "raw") };
	int result = pldm_verb_open(c, &a);

	if (result)
		return result;
	l.records = json_object_new_array();
	if (pldm_platform_read_repository(&a, add_record, &l)) {
		json_object_put(l.records);
		return pldm_verb_fail(c, "read the PDRs");
	}
	if (c->json)
		cli_print_json(l.records);
	else
		json_object_put(l.records);
	return EXIT_OK;
}

static const struct cli_option options[] = {
	{ "raw", 0, NULL, "Print the bytes of each record in hex" },
	{ 0 },
};

const struct cli_verb device_pldm_pdr_verb = {
	.group = "pldm",
	.name = "pdr",
	.synopsis = "[--raw]",
	.help = "List the Platform Descriptor Records",
	.text = "Each line has the record handle, the type, the length in "
		"bytes "
		"and a summary.",
	.examples = "tether pldm pdr\ntether pldm pdr --raw --json\n",
	.options = options,
	.device = true,
	.run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* tether pldm fru: shows the FRU data of a device. */
#include <stdio.h>

#include "base/err.h"
#include "cli/device/pldm_verb.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "host/pldm_names.h"
#include "pldm/fru.h"

enum { FIELD_TEXT = 2 * UINT8_MAX + 1 };

struct show {
	const struct cli *c;
	struct json_object *records, *fields;
	uint32_t set; /* of the last field; UINT32_MAX: none */
};

/* A field as text; as hex digits if it is not text. */
static void format_field(const struct pldm_host_field *f, char *text)
{
	bool is_text = f->record_type == PLDM_FRU_GENERAL &&
		       (f->encoding == PLDM_FRU_ASCII || f->encoding == 2) &&
		       f->type != PLDM_FRU_VENDOR_IANA &&
		       f->type != PLDM_FRU_MANUFACTURE_DATE;

	if (is_text) {
		snprintf(text, FIELD_TEXT, "%.*s", f->len,
			 (const char *)f->data);
		return;
	}
	text[0] = '\0';
	for (size_t i = 0; i < f->len; i++)
		snprintf(text + 2 * i, 3, "%02x", f->data[i]);
}

static void show_field(void *ctx, const struct pldm_host_field *f)
{
	struct show *s = ctx;
	const char *name = f->record_type == PLDM_FRU_GENERAL
				   ? pldm_names_fru_field(f->type)
				   : "?";
	char text[FIELD_TEXT], number[16];

	format_field(f, text);
	if (name[0] == '?') {
		snprintf(number, sizeof(number), "field_%u", f->type);
		name = number;
	}
	if (!s->c->json) {
		printf("%5u  %-18s %s\n", f->set, name, text_show(text));
		return;
	}
	if (s->set != f->set) {
		struct json_object *o = json_object_new_object();

		s->fields = json_object_new_object();
		cli_add_number(o, "record_set", f->set);
		json_object_object_add(o, "fields", s->fields);
		json_object_array_add(s->records, o);
		s->set = f->set;
	}
	cli_add_text(s->fields, name, text);
}

static int run(struct cli *c)
{
	static uint8_t table[PLDM_HOST_TABLE];
	static struct pldm_ask a;
	struct show s = { .c = c, .set = UINT32_MAX };
	int result = pldm_verb_open(c, &a);
	size_t len;

	if (result)
		return result;
	if (pldm_platform_read_fru(&a, table, &len))
		return pldm_verb_fail(c, "read the FRU data");
	s.records = json_object_new_array();
	if (pldm_platform_decode_fru(table, len, show_field, &s)) {
		json_object_put(s.records);
		(void)pldm_ask_malformed(&a, "GetFRURecordTable");
		return pldm_verb_fail(c, "decode the FRU data");
	}
	if (c->json)
		cli_print_json(s.records);
	else
		json_object_put(s.records);
	return EXIT_OK;
}

const struct cli_verb device_pldm_fru_verb = {
	.group = "pldm",
	.name = "fru",
	.synopsis = "",
	.help = "Show the FRU data of the device",
	.text = "Each line has the record set, the field and its value.",
	.examples = "tether pldm fru --json\n",
	.device = true,
	.run = run,
};

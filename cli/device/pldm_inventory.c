/* SPDX-License-Identifier: Apache-2.0 */
/* tether pldm inventory: shows what identifies the device, and its firmware. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "cli/via.h"
#include "host/pldm_inventory.h"
#include "host/pldm_package.h"

enum { VERSION_TEXT = 256, VALUE_TEXT = 2 * 64 + 1 };

static const struct {
	uint16_t bit;
	const char *name;
} methods[] = {
	{ PLDM_FW_METHOD_AUTOMATIC, "automatic" },
	{ PLDM_FW_METHOD_SELF_CONTAINED, "self_contained" },
	{ PLDM_FW_METHOD_MEDIUM_RESET, "medium_reset" },
	{ PLDM_FW_METHOD_SYSTEM_REBOOT, "system_reboot" },
	{ PLDM_FW_METHOD_DC_POWER_CYCLE, "dc_power_cycle" },
	{ PLDM_FW_METHOD_AC_POWER_CYCLE, "ac_power_cycle" },
};

/* Format ids of up to 4 bytes as numbers, other values as their bytes. */
static void format_value(const struct pldm_fw_descriptor *d,
			 char text[VALUE_TEXT])
{
	bool number = d->len <= 4 && d->type != PLDM_FW_VENDOR_DEFINED;

	text[0] = '\0';
	for (int i = 0; i < d->len && i < 64; i++)
		snprintf(text + 2 * (size_t)i, 3, "%02x",
			 d->data[number ? d->len - 1 - i : i]);
}

static struct json_object *version_json(const struct pldm_fw_version *v)
{
	struct json_object *o = json_object_new_object();
	char text[VERSION_TEXT], date[PLDM_FW_DATE_SIZE + 1] = { 0 };

	pldm_package_version_text(&v->text, text);
	cli_add_text(o, "version", text);
	cli_add_hex(o, "stamp", v->stamp, 8);
	for (size_t i = 0;
	     i < PLDM_FW_DATE_SIZE && v->date[i] >= '0' && v->date[i] <= '9';
	     i++)
		date[i] = (char)v->date[i];
	if (date[0])
		cli_add_text(o, "date", date);
	return o;
}

static struct json_object *component_json(const struct pldm_fw_parameters *p)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();

	cli_add_hex(o, "classification", p->component.classification, 4);
	cli_add_hex(o, "identifier", p->component.identifier, 4);
	cli_add_number(o, "index", p->component.index);
	json_object_object_add(o, "active", version_json(&p->active));
	json_object_object_add(o, "pending",
			       p->pending.text.len ? version_json(&p->pending)
						   : NULL);
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (p->methods & methods[i].bit)
			json_object_array_add(
				list, json_object_new_string(methods[i].name));
	json_object_object_add(o, "activation", list);
	return o;
}

static void print_json(uint8_t eid, const struct pldm_inventory *in)
{
	struct json_object *o = json_object_new_object();
	struct json_object *ids = json_object_new_array();
	struct json_object *list = json_object_new_array();
	char text[VERSION_TEXT];

	cli_add_number(o, "eid", eid);
	for (uint8_t i = 0; i < in->descriptors; i++) {
		const struct pldm_fw_descriptor *d = &in->descriptor[i];
		const char *name = pldm_package_descriptor_name(d->type);
		struct json_object *id = json_object_new_object();
		char value[VALUE_TEXT];

		format_value(d, value);
		cli_add_hex(id, "type", d->type, 4);
		cli_add_text(id, "name", name ? name : "unknown");
		cli_add_text(id, "value", value);
		json_object_array_add(ids, id);
	}
	json_object_object_add(o, "descriptors", ids);
	pldm_package_version_text(&in->set.active, text);
	cli_add_text(o, "active_version", text);
	pldm_package_version_text(&in->set.pending, text);
	cli_add_text(o, "pending_version", text);
	for (uint16_t i = 0; i < in->components; i++)
		json_object_array_add(list, component_json(&in->component[i]));
	json_object_object_add(o, "components", list);
	cli_print_json(o);
}

static void print_component(const struct pldm_fw_parameters *p)
{
	char text[VERSION_TEXT];
	const char *separator = "";

	pldm_package_version_text(&p->active.text, text);
	printf("component %04x/%04x/%u\n", p->component.classification,
	       p->component.identifier, p->component.index);
	printf("  active      %s, stamp %08" PRIx32 "\n", text,
	       p->active.stamp);
	pldm_package_version_text(&p->pending.text, text);
	if (p->pending.text.len)
		printf("  pending     %s, stamp %08" PRIx32 "\n", text,
		       p->pending.stamp);
	printf("  activation  ");
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (p->methods & methods[i].bit) {
			printf("%s%s", separator, methods[i].name);
			separator = ", ";
		}
	putchar('\n');
}

static void print_text(uint8_t eid, const struct pldm_inventory *in)
{
	printf("EID %u\n", eid);
	for (uint8_t i = 0; i < in->descriptors; i++) {
		const struct pldm_fw_descriptor *d = &in->descriptor[i];
		const char *name = pldm_package_descriptor_name(d->type);
		char value[VALUE_TEXT];

		format_value(d, value);
		if (name)
			printf("%-20s %s\n", name, value);
		else
			printf("descriptor %04x      %s\n", d->type, value);
	}
	for (uint16_t i = 0; i < in->components; i++)
		print_component(&in->component[i]);
}

static int run(struct cli *c)
{
	struct pldm_inventory *in = calloc(1, sizeof(*in));
	struct pldm_peer *peer = calloc(1, sizeof(*peer));
	uint8_t eid = 0;
	int status = EXIT_FAILED;

	if (!in || !peer)
		cli_fail(c, "out of memory");
	else
		status = via_open_endpoint(c, &eid);
	if (!status) {
		pldm_peer_init(peer, c->transport, eid);
		if (pldm_inventory_read(in, peer))
			status = cli_fail(c,
					  "cannot read the inventory of EID "
					  "%u: %s",
					  eid, c->transport->error);
		else if (c->json)
			print_json(eid, in);
		else
			print_text(eid, in);
	}
	free(peer);
	free(in);
	return status;
}

const struct cli_verb device_pldm_inventory_verb = {
	.group = "pldm",
	.name = "inventory",
	.synopsis = "",
	.help = "Show the firmware of the device, and what identifies it",
	.text = "A component has three numbers: classification, identifier, "
		"index.",
	.examples = "tether pldm inventory --json\n",
	.device = true,
	.run = run,
};

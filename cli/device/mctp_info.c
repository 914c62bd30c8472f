/* SPDX-License-Identifier: Apache-2.0 */
/* tether mctp info: prints the EID, the UUID, and the message types and vendor
 * messages that the endpoint supports. */
#include <stdio.h>

#include "base/err.h"
#include "base/uuid.h"
#include "cli/cli.h"
#include "cli/verbs.h"
#include "cli/via.h"
#include "host/bus_owner.h"

enum { VERSION_TEXT = 16 };

/* Names of message types, DSP0239. */
static const char *type_name(uint8_t type)
{
	switch (type) {
	case MCTP_TYPE_CONTROL:
		return "control";
	case MCTP_TYPE_PLDM:
		return "PLDM";
	case 0x02:
		return "NC-SI";
	case 0x03:
		return "Ethernet";
	case MCTP_TYPE_NVME_MI:
		return "NVMe-MI";
	case 0x05:
		return "SPDM";
	case 0x06:
		return "secured messages";
	case MCTP_TYPE_VENDOR_PCI:
		return "vendor (PCI)";
	case 0x7f:
		return "vendor (IANA)";
	default:
		return "other";
	}
}

/* Format a version, DSP0236 12.6: BCD digits, F in front of a single digit, FF
 * for a missing update number. */
static void format_version(uint32_t v, char text[VERSION_TEXT])
{
	uint8_t b[3] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16),
			 (uint8_t)(v >> 8) };
	size_t len = 0;

	for (int i = 0; i < 3; i++) {
		if (b[i] == 0xff)
			break;
		if (i)
			text[len++] = '.';
		if (b[i] >> 4 != 0xf)
			text[len++] = (char)('0' + (b[i] >> 4) % 10);
		text[len++] = (char)('0' + (b[i] & 0xf) % 10);
	}
	text[len] = '\0';
}

struct endpoint_type {
	uint8_t type, versions;
	uint32_t version[BUS_OWNER_LIST];
};

struct endpoint {
	uint8_t eid, uuid[UUID_SIZE];
	bool has_uuid;
	uint8_t types, vendors;
	struct endpoint_type type[BUS_OWNER_LIST];
	struct {
		uint16_t pci_vendor, set;
	} vendor[BUS_OWNER_LIST];
};

static int read_vendors(struct transport *t, struct endpoint *e)
{
	uint8_t selector = 0;

	while (selector != 0xff && e->vendors < BUS_OWNER_LIST) {
		uint8_t n = e->vendors, next;
		int err = bus_owner_get_vendor(t, e->eid, selector,
					       &e->vendor[n].pci_vendor,
					       &e->vendor[n].set, &next);

		if (err == ERR_UNSUPPORTED) /* no vendor messages */
			return ERR_OK;
		if (err && err != ERR_NOT_FOUND)
			return err;
		if (!err)
			e->vendors++;
		if (next <= selector) /* the list would never end */
			return ERR_OK;
		selector = next;
	}
	return ERR_OK;
}

static int read_endpoint(struct transport *t, struct endpoint *e)
{
	uint8_t types[BUS_OWNER_LIST];
	int err = bus_owner_get_uuid(t, e->eid, e->uuid);

	e->has_uuid = !err;
	if (err && err != ERR_UNSUPPORTED)
		return err;
	err = bus_owner_get_types(t, e->eid, types, &e->types);
	for (uint8_t i = 0; !err && i < e->types; i++) {
		struct endpoint_type *one = &e->type[i];

		one->type = types[i];
		err = bus_owner_get_versions(t, e->eid, types[i], one->version,
					     &one->versions);
		if (err == ERR_UNSUPPORTED)
			err = ERR_OK;
	}
	return err ? err : read_vendors(t, e);
}

static void print_endpoint(const struct endpoint *e)
{
	char text[UUID_TEXT], version[VERSION_TEXT];

	uuid_format(e->uuid, text);
	printf("EID   %u\nUUID  %s\n", e->eid, e->has_uuid ? text : "none");
	for (uint8_t i = 0; i < e->types; i++) {
		printf("type  %02x  %s", e->type[i].type,
		       type_name(e->type[i].type));
		for (uint8_t k = 0; k < e->type[i].versions; k++) {
			format_version(e->type[i].version[k], version);
			printf("%s %s", k ? "," : " ", version);
		}
		putchar('\n');
	}
	for (uint8_t i = 0; i < e->vendors; i++)
		printf("vendor %04x, message set %u\n", e->vendor[i].pci_vendor,
		       e->vendor[i].set);
}

static void print_endpoint_json(const struct endpoint *e)
{
	struct json_object *o = json_object_new_object();
	struct json_object *types = json_object_new_array();
	struct json_object *vendors = json_object_new_array();
	char text[UUID_TEXT], version[VERSION_TEXT];

	cli_add_number(o, "eid", e->eid);
	uuid_format(e->uuid, text);
	if (e->has_uuid)
		cli_add_text(o, "uuid", text);
	for (uint8_t i = 0; i < e->types; i++) {
		struct json_object *one = json_object_new_object();
		struct json_object *list = json_object_new_array();

		cli_add_hex(one, "type", e->type[i].type, 2);
		cli_add_text(one, "name", type_name(e->type[i].type));
		for (uint8_t k = 0; k < e->type[i].versions; k++) {
			format_version(e->type[i].version[k], version);
			json_object_array_add(list,
					      json_object_new_string(version));
		}
		json_object_object_add(one, "versions", list);
		json_object_array_add(types, one);
	}
	json_object_object_add(o, "types", types);
	for (uint8_t i = 0; i < e->vendors; i++) {
		struct json_object *one = json_object_new_object();

		cli_add_hex(one, "pci_vendor", e->vendor[i].pci_vendor, 4);
		cli_add_number(one, "set", e->vendor[i].set);
		json_object_array_add(vendors, one);
	}
	json_object_object_add(o, "vendors", vendors);
	cli_print_json(o);
}

static int run(struct cli *c)
{
	struct endpoint e = { 0 };
	int status = via_open_endpoint(c, &e.eid);

	if (status)
		return status;
	if (read_endpoint(c->transport, &e))
		return cli_fail(c, "cannot read the endpoint: %s",
				c->transport->error);
	if (c->json)
		print_endpoint_json(&e);
	else
		print_endpoint(&e);
	return EXIT_OK;
}

const struct cli_verb device_mctp_info_verb = {
	.group = "mctp",
	.name = "info",
	.synopsis = "",
	.help = "Show EID, UUID and message types with their versions",
	.examples = "tether mctp info --json\n",
	.device = true,
	.run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* tether mctp: the endpoint, and messages to it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/err.h"
#include "base/uuid.h"
#include "base/wire.h"
#include "cli/cli.h"
#include "cli/device/traffic.h"
#include "host/bus_owner.h"
#include "host/mctp_link.h"

enum { VERSION_TEXT = 16, MESSAGE_MAX = 65536 };

static const char *type_name(uint8_t type)
{
	switch (type) {
	case 0x00:
		return "control";
	case 0x01:
		return "PLDM";
	case 0x02:
		return "NC-SI";
	case 0x03:
		return "Ethernet";
	case 0x04:
		return "NVMe-MI";
	case 0x05:
		return "SPDM";
	case 0x06:
		return "secured messages";
	case 0x7e:
		return "vendor (PCI)";
	case 0x7f:
		return "vendor (IANA)";
	default:
		return "other";
	}
}

/* DSP0236 12.6: BCD, F before a single digit, FF where there is no update. */
static void version_text(uint32_t v, char text[VERSION_TEXT])
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

		if (err == ERR_UNSUPPORTED) /* it has none */
			return ERR_OK;
		if (err && err != ERR_NOT_FOUND)
			return err;
		if (!err)
			e->vendors++;
		if (next <= selector) /* would never end */
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
			version_text(e->type[i].version[k], version);
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
			version_text(e->type[i].version[k], version);
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

static int info(struct cli *c)
{
	struct endpoint e = { 0 };
	int status = cli_open_endpoint(c, &e.eid);

	if (status)
		return status;
	if (read_endpoint(c->transport, &e))
		return cli_fail(c, "asking the endpoint: %s",
				c->transport->error);
	if (c->json)
		print_endpoint_json(&e);
	else
		print_endpoint(&e);
	return EXIT_OK;
}

static int print_eid(const struct cli *c, uint8_t eid)
{
	struct json_object *o;

	if (!c->json) {
		printf("EID %u\n", eid);
		return EXIT_OK;
	}
	o = json_object_new_object();
	cli_add_number(o, "eid", eid);
	cli_print_json(o);
	return EXIT_OK;
}

static int step_aside(const struct cli *c)
{
	if (!mctp_link_has_daemon())
		return EXIT_OK;
	return cli_fail(c, "mctpd runs here and sets its interfaces up itself. "
			   "ask it, or stop it first");
}

/* Through the kernel, whose route to the endpoint goes along. */
static int move_eid(struct cli *c, const struct cli_via *v, uint8_t eid)
{
	struct mctp_link l = { .own_eid = BUS_OWNER_EID, .eid = eid };
	char interface[MCTP_LINK_NAME];
	int status = step_aside(c);

	if (!status && mctp_link_move(&l, v->network, v->eid, interface))
		status = cli_fail(c, "setting the EID: %s", l.error);
	return status;
}

static int set_eid(struct cli *c)
{
	struct cli_via v;
	uint64_t n;
	uint8_t eid;
	int status;

	if (!cli_number(c->argument[0], 10, 8, 254, &n)) {
		(void)cli_fail(c, "set-eid %s: expected 8 to 254",
			       c->argument[0]);
		return EXIT_USAGE;
	}
	if (n == BUS_OWNER_EID)
		return cli_fail(c, "EID %u is this host's own", BUS_OWNER_EID);
	if (!cli_parse_via(c, &v))
		return EXIT_USAGE;
	eid = (uint8_t)n;
	if (v.kind == CLI_VIA_MCTP) {
		status = move_eid(c, &v, eid);
		return status ? status : print_eid(c, eid);
	}
	status = cli_open_mctp(c);
	if (status)
		return status;
	if (bus_owner_set_eid(c->transport, MCTP_EID_NULL, &eid))
		return cli_fail(c, "setting the EID: %s", c->transport->error);
	if (eid != n)
		return cli_fail(c, "the endpoint keeps EID %u", eid);
	return print_eid(c, eid);
}

/* --- request --- */

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Hex digits of all arguments; spaces and colons between bytes are fine. */
static int read_hex(struct cli *c, struct wr *w)
{
	for (int i = 0; i < c->arguments; i++) {
		const char *p = c->argument[i];

		while (*p) {
			int high = digit(*p), low;

			if (*p == ' ' || *p == ':') {
				p++;
				continue;
			}
			low = high < 0 ? -1 : digit(p[1]);
			if (low < 0) {
				(void)cli_fail(c,
					       "%s: expected pairs of hex "
					       "digits",
					       c->argument[i]);
				return EXIT_USAGE;
			}
			wr_u8(w, (uint8_t)(high << 4 | low));
			p += 2;
		}
	}
	if (wr_ok(w))
		return EXIT_OK;
	(void)cli_fail(c, "a message is at most %d bytes", MESSAGE_MAX);
	return EXIT_USAGE;
}

static bool has_check(const struct cli *c)
{
	return c->ic && c->type == MCTP_TYPE_NVME_MI && !c->raw;
}

static int check_and_strip(struct cli *c, const uint8_t *answer, size_t *len)
{
	struct rd r;

	if (*len < 5)
		return cli_fail(c, "the reply has no integrity check");
	*len -= 4;
	r = rd_init(answer + *len, 4);
	if (rd_le32(&r) != crc32c(0, answer, *len))
		return cli_fail(c, "the reply's integrity check is wrong");
	return EXIT_OK;
}

static void print_reply(const struct cli *c, const struct transport_request *r,
			size_t len)
{
	char *text = malloc(2 * len + 1);

	if (!text)
		return;
	text[0] = '\0';
	for (size_t i = 1; i < len; i++)
		snprintf(text + 2 * (i - 1), 3, "%02x", r->answer[i]);
	if (c->json) {
		struct json_object *o = json_object_new_object();

		cli_add_number(o, "eid", r->source);
		cli_add_hex(o, "type", r->answer[0], 2);
		cli_add_text(o, "data", text);
		cli_print_json(o);
	} else {
		puts(text);
	}
	free(text);
}

static int request(struct cli *c)
{
	static uint8_t message[MESSAGE_MAX + 4], answer[MESSAGE_MAX];
	struct wr w = wr_init(message, MESSAGE_MAX);
	struct transport_request r = {
		.data = message,
		.answer = answer,
		.cap = sizeof(answer),
		.timeout_ms = (uint32_t)(c->timeout_ms ? c->timeout_ms
						       : TRANSPORT_REQUEST_MS),
	};
	int status;

	if (!(c->given & CLI_TYPE)) {
		(void)cli_fail(c, "which message type? add --type, in hex");
		return EXIT_USAGE;
	}
	wr_u8(&w, (uint8_t)(c->type | (c->ic ? MCTP_IC : 0)));
	status = read_hex(c, &w);
	if (status)
		return status;
	r.len = wr_len(&w);
	if (has_check(c)) {
		w = wr_init(message + r.len, 4);
		wr_le32(&w, crc32c(0, message, r.len));
		r.len += 4;
	}
	status = cli_open_endpoint(c, &r.dest);
	if (status)
		return status;
	if (transport_ask(c->transport, &r))
		return cli_fail(c, "%s", c->transport->error);
	if (has_check(c)) {
		status = check_and_strip(c, answer, &r.got);
		if (status)
			return status;
	}
	print_reply(c, &r, r.got);
	return EXIT_OK;
}

/* --- the kernel's interface --- */

static int setup(struct cli *c)
{
	struct mctp_link l = {
		.interface = c->argument[0],
		.own_eid = BUS_OWNER_EID,
		.eid = (uint8_t)c->eid,
		.mtu = (uint16_t)c->mtu,
	};
	int status = step_aside(c);
	struct json_object *o;

	if (status)
		return status;
	if (mctp_link_setup(&l))
		return cli_fail(c, "%s", l.error);
	if (!c->json) {
		printf("%s: EID %u, reach it with --via mctp:%u,%u\n",
		       l.interface, l.eid, l.network, l.eid);
		return EXIT_OK;
	}
	o = json_object_new_object();
	cli_add_text(o, "interface", l.interface);
	cli_add_number(o, "eid", l.eid);
	cli_add_number(o, "network", l.network);
	cli_print_json(o);
	return EXIT_OK;
}

static int teardown(struct cli *c)
{
	struct mctp_link l = { .interface = c->argument[0],
			       .own_eid = BUS_OWNER_EID };
	int status = step_aside(c);

	if (status)
		return status;
	if (mctp_link_teardown(&l))
		return cli_fail(c, "%s", l.error);
	if (c->json)
		cli_print_json(json_object_new_object());
	return EXIT_OK;
}

const struct cli_verb mctp_verbs[] = {
	{ "setup", "INTERFACE [--eid N] [--mtu N]", CLI_EID | CLI_MTU, 1, 1,
	  setup, "bring a kernel's MCTP interface up, for --via mctp:" },
	{ "teardown", "INTERFACE", 0, 1, 1, teardown, "take it down again" },
	{ "info", "", 0, 0, 0, info,
	  "EID, UUID, message types and their versions" },
	{ "set-eid", "N", 0, 1, 1, set_eid, "give the endpoint an EID" },
	{ "echo", "[--size N] [--count N]", CLI_SIZE | CLI_COUNT, 0, 0,
	  mctp_echo, "send messages that come back, compare them" },
	{ "bench", "[--size N] [--count N]", CLI_SIZE | CLI_COUNT, 0, 0,
	  mctp_bench, "have the device send messages, measure them" },
	{ "request", "--type T [--ic] [--raw] [--timeout MS] HEX",
	  CLI_TYPE | CLI_IC | CLI_RAW | CLI_TIMEOUT, 0, CLI_ARGUMENTS, request,
	  "send any message, print its reply" },
	{ 0 },
};

/* SPDX-License-Identifier: Apache-2.0 */
/* tether pldm status: shows the last PLDM file transfer of the device. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cli/cli.h"
#include "cli/device/pldm_report.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "cli/via.h"
#include "host/bus_owner.h"

void pldm_report_format_hash(const uint8_t *hash, char text[PLDM_REPORT_HASH])
{
	for (size_t i = 0; i < SHA256_SIZE; i++)
		snprintf(text + 2 * i, 3, "%02x", hash[i]);
}

uint32_t pldm_report_rate(const struct pldm_status *s)
{
	return s->bytes / (s->ms ? s->ms : 1);
}

bool pldm_report_is_supported(const struct cli *c, uint8_t eid)
{
	uint8_t types[BUS_OWNER_LIST], count = 0;
	struct pldm_status s;

	if (!bus_owner_get_types(c->transport, eid, types, &count) &&
	    !memchr(types, MCTP_TYPE_PLDM, count))
		return false;
	return pldm_query_status(c->transport, eid, &s) != ERR_UNSUPPORTED;
}

struct json_object *pldm_report_json(const struct pldm_status *s)
{
	struct json_object *o = json_object_new_object();
	struct json_object *counters = json_object_new_object();
	char hash[PLDM_REPORT_HASH];

	cli_add_text(o, "state", pldm_state_name(s->state));
	if (s->state == PLDM_FILE_FAILED) {
		cli_add_text(o, "error", pldm_error_name(s->error));
		cli_add_hex(o, "type", s->type, 2);
		cli_add_hex(o, "command", s->command, 2);
		cli_add_hex(o, "code", s->code, 2);
	}
	cli_add_number(o, "host_eid", s->eid);
	cli_add_number(o, "file", s->file);
	cli_add_text(o, "name", s->name);
	cli_add_number(o, "size", s->size);
	cli_add_number(o, "part", s->part);
	cli_add_number(o, "descriptors", s->descriptors);
	cli_add_number(o, "bytes", s->bytes);
	cli_add_number(o, "ms", s->ms);
	cli_add_number(o, "kb_per_second", pldm_report_rate(s));
	pldm_report_format_hash(s->sha256, hash);
	if (s->state == PLDM_FILE_DONE)
		cli_add_text(o, "sha256", hash);
	for (int i = 0; i < PLDM_FILE_COUNTERS; i++)
		cli_add_number(counters,
			       pldm_counter_name((enum pldm_file_counter)i),
			       s->count[i]);
	json_object_object_add(o, "counters", counters);
	return o;
}

void pldm_report_print(const struct pldm_status *s)
{
	char hash[PLDM_REPORT_HASH];

	printf("state        %s\n", pldm_state_name(s->state));
	if (s->state == PLDM_FILE_FAILED)
		printf("error        %s, at type %02x command %02x, code "
		       "%02x\n",
		       pldm_error_name(s->error), s->type, s->command, s->code);
	if (s->state != PLDM_FILE_IDLE) {
		printf("host         EID %u\n", s->eid);
		printf("file         %u \"%s\", %u bytes\n", s->file,
		       text_show(s->name), s->size);
		printf("parts        of %u bytes, %u at once\n", s->part,
		       s->descriptors);
		printf("transferred  %u bytes in %u ms, %u kB/s\n", s->bytes,
		       s->ms, pldm_report_rate(s));
	}
	pldm_report_format_hash(s->sha256, hash);
	if (s->state == PLDM_FILE_DONE)
		printf("SHA-256      %s\n", hash);
	for (int i = 0; i < PLDM_FILE_COUNTERS; i++)
		printf("%-12s %u\n",
		       pldm_counter_name((enum pldm_file_counter)i),
		       s->count[i]);
}

int pldm_report_fail_unsupported(const struct cli *c)
{
	return cli_fail(c, "the device has no PLDM file requester. Start "
			   "usbnvme with --pldm-file");
}

static int run(struct cli *c)
{
	struct pldm_status s;
	uint8_t eid;
	int result = via_open_mctp(c);

	if (result)
		return result;
	/* Assign no EID: a new EID would start a transfer. */
	eid = c->transport->peer;
	if (!pldm_report_is_supported(c, eid))
		return pldm_report_fail_unsupported(c);
	if (pldm_query_status(c->transport, eid, &s))
		return cli_fail(c, "cannot read the status of the transfer: %s",
				c->transport->error);
	if (c->json)
		cli_print_json(pldm_report_json(&s));
	else
		pldm_report_print(&s);
	return EXIT_OK;
}

const struct cli_verb device_pldm_status_verb = {
	.group = "pldm",
	.name = "status",
	.synopsis = "",
	.help = "Show the last file transfer of the device",
	.examples = "tether pldm status --json\n",
	.device = true,
	.run = run,
};

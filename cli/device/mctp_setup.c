/* SPDX-License-Identifier: Apache-2.0 */
/* tether mctp setup, teardown, set-eid: EIDs, and the kernel's interface. */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "cli/via.h"
#include "host/bus_owner.h"
#include "host/mctp_link.h"

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

/* mctpd assigns EIDs itself; two bus owners would disturb each other. */
static int refuse_beside_mctpd(const struct cli *c)
{
	if (!mctp_link_has_daemon())
		return EXIT_OK;
	return cli_fail(c, "mctpd is running and configures MCTP itself. Use "
			   "mctpd, or stop it first");
}

/* Set the EID through the kernel, and move the route to the new EID. */
static int move_eid(struct cli *c, const struct via *v, uint8_t eid)
{
	struct mctp_link l = { .own_eid = BUS_OWNER_EID,
			       .eid = eid,
			       .observer = c->observer };
	char interface[MCTP_LINK_NAME];
	int status = refuse_beside_mctpd(c);

	if (!status && mctp_link_move(&l, v->network, v->eid, interface))
		status = cli_fail(c, "cannot set the EID: %s", l.error);
	return status;
}

/* Set the EID over USB. */
static int assign_eid(struct cli *c, uint8_t eid)
{
	uint8_t assigned = eid;
	int status = via_open_mctp(c);

	if (status)
		return status;
	if (bus_owner_set_eid(c->transport, MCTP_EID_NULL, &assigned))
		return cli_fail(c, "cannot set the EID: %s",
				c->transport->error);
	if (assigned != eid)
		return cli_fail(c, "the endpoint keeps EID %u", assigned);
	return EXIT_OK;
}

static int run_set_eid(struct cli *c)
{
	uint8_t eid = (uint8_t)cli_argument_number(c, 0);
	struct via v;
	int status;

	if (eid == BUS_OWNER_EID)
		return cli_fail(c, "EID %u is the EID of this host",
				BUS_OWNER_EID);
	if (!via_parse(c, &v))
		return EXIT_USAGE;
	status = v.kind == VIA_MCTP ? move_eid(c, &v, eid) : assign_eid(c, eid);
	return status ? status : print_eid(c, eid);
}

static const struct cli_option eid_argument[] = {
	{ "EID", .help = "EID to set", .type = CLI_NUMBER, .min = 8,
	  .max = 254 },
	{ 0 },
};

const struct cli_verb device_mctp_set_eid_verb = {
	.group = "mctp",
	.name = "set-eid",
	.synopsis = "EID",
	.help = "Assign an EID (8 to 254) to the endpoint",
	.examples = "tether mctp set-eid 20\n",
	CLI_TAKES(eid_argument, 1, 1),
	.device = true,
	.run = run_set_eid,
};

/* --- the kernel's interface --- */

static int run_setup(struct cli *c)
{
	struct mctp_link l = {
		.interface = c->argument[0],
		.own_eid = BUS_OWNER_EID,
		.eid = (uint8_t)cli_option_number(c, "eid"),
		.mtu = (uint16_t)cli_option_number(c, "mtu"),
		.observer = c->observer,
	};
	int status = refuse_beside_mctpd(c);
	struct json_object *o;

	if (status)
		return status;
	if (mctp_link_setup(&l))
		return cli_fail(c, "%s", l.error);
	if (!c->json) {
		printf("%s: EID %u, reached by --via mctp:%u,%u\n",
		       text_show(l.interface), l.eid, l.network, l.eid);
		return EXIT_OK;
	}
	o = json_object_new_object();
	cli_add_text(o, "interface", l.interface);
	cli_add_number(o, "eid", l.eid);
	cli_add_number(o, "network", l.network);
	cli_print_json(o);
	return EXIT_OK;
}

static int run_teardown(struct cli *c)
{
	struct mctp_link l = { .interface = c->argument[0],
			       .own_eid = BUS_OWNER_EID };
	int status = refuse_beside_mctpd(c);

	if (status)
		return status;
	if (mctp_link_teardown(&l))
		return cli_fail(c, "%s", l.error);
	if (c->json)
		cli_print_json(json_object_new_object());
	return EXIT_OK;
}

static const struct cli_option setup_options[] = {
	{ "eid", 0, "EID", "Assign this EID to the device", CLI_NUMBER,
	  .min = 8, .max = 254 },
	{ "mtu", 0, "BYTES", "Set this MTU of the interface", CLI_SIZE,
	  .min = 68, .max = 8187 },
	{ 0 },
};

const struct cli_verb device_mctp_setup_verb = {
	.group = "mctp",
	.name = "setup",
	.synopsis = "INTERFACE [--eid EID] [--mtu BYTES]",
	.help = "Configure a kernel MCTP interface and its endpoint",
	.text = "Sets the interface up, adds a local EID and a route, and "
		"assigns an EID to the\ndevice. Prints the --via value that "
		"reaches it. Needs root.",
	.examples = "sudo tether mctp setup mctpusb0\n",
	.options = setup_options,
	.min_arguments = 1,
	.max_arguments = 1,
	.packets = true,
	.run = run_setup,
};

const struct cli_verb device_mctp_teardown_verb = {
	.group = "mctp",
	.name = "teardown",
	.synopsis = "INTERFACE",
	.help = "Undo `tether mctp setup`",
	.examples = "sudo tether mctp teardown mctpusb0\n",
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run_teardown,
};

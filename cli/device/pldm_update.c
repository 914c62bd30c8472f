/* SPDX-License-Identifier: Apache-2.0 */
/* tether pldm update: updates the firmware of a device with a package. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "cli/cli.h"
#include "cli/device/image.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "cli/via.h"
#include "host/pldm_update.h"
#include "posix/checksum_cpu.h"
#include "posix/clock.h"

enum {
	PACKAGE_MIB = 1024,
	VERSION_TEXT = 256,
	RECONNECT_MS = 60000, /* half of the time that the device waits */
	RECONNECT_POLL_MS = 200,
};

struct job {
	struct cli *cli;
	struct pldm_update update;
	struct pldm_package package;
	uint8_t *data;
	uint32_t start_ms, ms;
	uint8_t eid;
};

/* --- while the update runs --- */

static bool tick(struct pldm_update *u, void *ctx)
{
	const struct job *j = ctx;
	const struct pldm_update_component *n = &u->component[u->current];
	char text[VERSION_TEXT], name[PROGRESS_NAME];

	if (!u->count)
		return cli_interrupted;
	pldm_package_version_text(&n->offer.version, text);
	snprintf(name, sizeof(name), "%s %.32s",
		 pldm_update_phase_name(n->phase), text);
	if (n->phase == PLDM_UPDATE_DOWNLOAD)
		progress_show(j->cli, name, PROGRESS_BYTES, n->sent,
			      n->image->size);
	else if (u->percent <= 100)
		progress_show(j->cli, name, PROGRESS_PERCENT, u->percent, 100);
	return cli_interrupted;
}

/* The cable was unplugged, or the server has restarted: the device continues
 * its update if the agent returns in time. */
static struct transport *reconnect(void *ctx)
{
	struct job *j = ctx;
	struct cli *c = j->cli;
	uint32_t start = clock_now_ms();
	int status;

	progress_end();
	if (!c->json)
		fprintf(stderr, "tether: %s. Connecting again\n",
			j->update.error);
	c->quiet = true;
	do {
		via_close(c);
		status = via_open_mctp(c);
		if (status)
			(void)poll(NULL, 0, RECONNECT_POLL_MS);
	} while (status && !cli_interrupted &&
		 clock_now_ms() - start < RECONNECT_MS);
	c->quiet = false;
	return status ? NULL : c->transport;
}

/* --- the result --- */

static uint32_t rate(const struct job *j)
{
	return (uint32_t)(j->update.bytes / (j->ms ? j->ms : 1));
}

static struct json_object *component_json(const struct pldm_update_component *n)
{
	struct json_object *o = json_object_new_object();
	char text[VERSION_TEXT];

	cli_add_number(o, "component", n->number);
	cli_add_hex(o, "classification", n->image->classification, 4);
	cli_add_hex(o, "identifier", n->image->identifier, 4);
	pldm_package_version_text(&n->offer.version, text);
	cli_add_text(o, "version", text);
	if (n->device) {
		pldm_package_version_text(&n->device->active.text, text);
		cli_add_text(o, "version_before", text);
	}
	cli_add_number(o, "size", n->image->size);
	cli_add_text(o, "phase", pldm_update_phase_name(n->phase));
	if (n->phase == PLDM_UPDATE_REFUSED)
		cli_add_text(o, "response", pldm_update_response_name(n->code));
	if (n->phase == PLDM_UPDATE_REFUSED || n->phase == PLDM_UPDATE_FAILED)
		cli_add_hex(o, "code", n->code, 2);
	return o;
}

static void print_json(const struct job *j, int err)
{
	const struct pldm_update *u = &j->update;
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();

	if (err)
		cli_add_text(o, "error", u->error);
	cli_add_number(o, "eid", j->eid);
	for (uint16_t n = 0; n < u->count; n++)
		json_object_array_add(list, component_json(&u->component[n]));
	json_object_object_add(o, "components", list);
	cli_add_bool(o, "activated", u->activated && !u->at_reset);
	cli_add_bool(o, "activation_at_reset", u->activated && u->at_reset);
	cli_add_number(o, "bytes", u->bytes);
	cli_add_number(o, "ms", j->ms);
	cli_add_number(o, "kb_per_second", rate(j));
	cli_add_number(o, "repeats", u->repeats);
	cli_add_number(o, "reconnections", u->reconnects);
	cli_print_json(o);
}

static void print_text(const struct job *j)
{
	const struct pldm_update *u = &j->update;
	char before[VERSION_TEXT], after[VERSION_TEXT];

	for (uint16_t n = 0; n < u->count; n++) {
		const struct pldm_update_component *k = &u->component[n];

		if (k->phase != PLDM_UPDATE_APPLIED)
			continue;
		before[0] = '\0';
		if (k->device)
			pldm_package_version_text(&k->device->active.text,
						  before);
		pldm_package_version_text(&k->offer.version, after);
		printf("component %u: %s -> %s, %u bytes\n", k->number, before,
		       after, k->image->size);
	}
	printf("EID %u: %llu bytes in %u ms, %u kB/s. %s\n", j->eid,
	       (unsigned long long)u->bytes, j->ms, rate(j),
	       !u->activated ? "Not activated"
	       : u->at_reset ? "The next reset activates the new firmware"
			     : "The new firmware is active");
}

static int finish(struct job *j, int err)
{
	struct cli *c = j->cli;

	progress_end();
	if (c->json)
		print_json(j, err);
	else if (err)
		return cli_fail(c, "cannot update EID %u: %s", j->eid,
				j->update.error);
	else
		print_text(j);
	return err ? EXIT_FAILED : EXIT_OK;
}

static int update(struct job *j)
{
	struct cli *c = j->cli;
	struct pldm_update_config config = {
		.package = &j->package,
		.component = -1,
		.force = cli_option_given(c, "force"),
		.activation = (enum pldm_update_activation)cli_option_choice(
			c, "activate"),
		.part = (uint32_t)cli_option_number(c, "part"),
		.tick = tick,
		.reconnect = reconnect,
		.ctx = j,
	};
	int status = via_open_endpoint(c, &j->eid);
	int err;

	if (status)
		return status;
	if (cli_option_given(c, "component"))
		config.component = (int)cli_option_number(c, "component");
	j->start_ms = clock_now_ms();
	err = pldm_update_run(&j->update, c->transport, j->eid, &config);
	j->ms = clock_now_ms() - j->start_ms;
	return finish(j, err);
}

static int run(struct cli *c)
{
	struct job *j = calloc(1, sizeof(*j));
	char error[PLDM_PACKAGE_ERROR];
	size_t len = 0;
	int status;

	if (!j)
		return cli_fail(c, "out of memory");
	checksum_cpu_enable();
	j->cli = c;
	status = image_read(c, c->argument[0], PACKAGE_MIB, &j->data, &len);
	if (!status && pldm_package_parse(&j->package, j->data, len, error))
		status =
			cli_fail(c, "cannot use %s: %s", c->argument[0], error);
	if (!status)
		status = update(j);
	via_close(c); /* responses in flight use j */
	free(j->data);
	free(j);
	return status;
}

static const struct cli_option options[] = {
	{ "component", 0, "N", "Update this component of the package only",
	  CLI_NUMBER, .max = PLDM_PACKAGE_COMPONENTS - 1 },
	{ "force", 0, NULL, "Replace also the same or a newer version" },
	{ "activate", 0, "WHEN", "Activate the new firmware", CLI_CHOICE,
	  .choices = CLI_CHOICES("now", "reset", "no"),
	  .default_value = "now" },
	{ "part", 0, "BYTES", "Limit the part size", CLI_SIZE,
	  .min = PLDM_FW_TRANSFER_MIN, .max = PLDM_UPDATE_PART },
	{ 0 },
};

static const struct cli_option arguments[] = {
	{ "PACKAGE", .help = "Firmware update package", .type = CLI_FILE },
	{ 0 },
};

const struct cli_verb device_pldm_update_verb = {
	.group = "pldm",
	.name = "update",
	.synopsis = "PACKAGE [--component N] [--force] [--activate WHEN]",
	.help = "Update the firmware of the device with a package",
	.text = "The package must have a record for the device (DSP0267). "
		"Components are\nnumbered from 0 in the order of the package. "
		"--force also ends an update that\nwas interrupted. After a "
		"lost connection the update continues.",
	.examples = "tether pldm package check firmware.pldm\n"
		    "tether pldm update firmware.pldm\n",
	.options = options,
	CLI_TAKES(arguments, 1, 1),
	.device = true,
	.run = run,
};

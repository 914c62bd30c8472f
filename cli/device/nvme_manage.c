/* SPDX-License-Identifier: Apache-2.0 */
/* tether nvme config, vpd, pcie, reset, shutdown: MI and PCIe commands. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cli/device/nvme.h"
#include "host/nvme.h"

enum { VPD = 256, SPACE = 4096 };

static const struct nvme_range bytes16 = { 0, UINT16_MAX };

/* --- config --- */

const struct cli_choice nvme_config_choices[] = {
	{ "port", 'p', "N", "the port; 0" },
	NVME_CHOICES,
};

static const char *const frequencies[] = { "none", "100k", "400k", "1m" };

static const char *frequency_name(uint32_t value)
{
	return value < 4 ? frequencies[value] : "reserved";
}

static void add_port(const struct cli *c, uint8_t port, uint32_t unit,
		     uint32_t frequency, struct json_object *list)
{
	struct json_object *o;

	if (!c->json) {
		printf("port %u  MCTP transmission unit %u bytes", port, unit);
		if (frequency)
			printf("  %s", frequency_name(frequency));
		putchar('\n');
		return;
	}
	o = json_object_new_object();
	cli_add_number(o, "port", port);
	cli_add_number(o, "unit", unit);
	if (frequency)
		cli_add_text(o, "frequency", frequency_name(frequency));
	json_object_array_add(list, o);
}

static int read_port(const struct nvme_host *h, uint8_t id, uint32_t *unit,
		     uint32_t *frequency)
{
	struct nvme_port_information p;
	int err = nvme_get_port(h->transport, h->dest, id, &p);

	*unit = *frequency = 0;
	if (!err && p.type == PORT_TWOWIRE)
		err = nvme_get_configuration(h->transport, h->dest, id,
					     NVME_MI_SMBUS_I2C_FREQUENCY,
					     frequency);
	if (!err && p.type != PORT_INACTIVE)
		err = nvme_get_configuration(
			h->transport, h->dest, id,
			NVME_MI_MCTP_TRANSMISSION_UNIT_SIZE, unit);
	*frequency &= 7;
	*unit &= 0xffff;
	return err;
}

/* One port, or all of them where none is named. */
static int config_get(struct cli *c)
{
	struct nvme_subsystem_information s;
	struct json_object *all;
	struct nvme_host h;
	uint64_t port = 0;
	uint32_t unit, frequency;
	bool one = cli_value(c, "port");
	int status =
		nvme_option(c, "port", (struct nvme_range){ 0, 255 }, &port);
	int err = ERR_OK;

	if (!status)
		status = nvme_open(c, &h);
	if (status)
		return status;
	if (nvme_get_subsystem(h.transport, h.dest, &s))
		return nvme_failed(c, "reading the subsystem");
	all = json_object_new_array();
	for (uint64_t i = one ? port : 0; !err && (one || i < s.ports); i++) {
		err = read_port(&h, (uint8_t)i, &unit, &frequency);
		if (!err && unit)
			add_port(c, (uint8_t)i, unit, frequency, all);
		if (one)
			break;
	}
	if (c->json && !err)
		cli_print_json(all);
	else
		json_object_put(all);
	return err ? nvme_failed(c, "reading the configuration") : EXIT_OK;
}

static int find_frequency(const struct cli *c, const char *text, uint64_t *n)
{
	for (*n = 1; *n < 4; ++*n)
		if (!strcmp(text, frequencies[*n]))
			return EXIT_OK;
	fprintf(stderr, "tether %s: frequency %s: expected 100k, 400k or 1m\n",
		c->verb, text);
	return EXIT_USAGE;
}

/* What WHAT VALUE is on the wire. */
static int config_value(const struct cli *c, struct nvme_mi_command *m)
{
	const char *what = c->argument[0];
	uint64_t n = 0;
	int status;

	m->opcode = NVME_MI_CONFIGURATION_SET;
	if (!strcmp(what, "frequency")) {
		status = find_frequency(c, c->argument[1], &n);
		m->nmd0 = (uint32_t)n << 8 | NVME_MI_SMBUS_I2C_FREQUENCY;
	} else if (!strcmp(what, "unit")) {
		status = nvme_argument(c, 1, what, bytes16, &n);
		m->nmd0 = NVME_MI_MCTP_TRANSMISSION_UNIT_SIZE;
		m->nmd1 = (uint32_t)n;
	} else if (!strcmp(what, "health-change")) {
		status = nvme_argument(c, 1, what, bytes16, &n);
		m->nmd0 = NVME_MI_HEALTH_STATUS_CHANGE;
		m->nmd1 = (uint32_t)n;
	} else {
		fprintf(stderr,
			"tether %s: %s: expected frequency, unit or "
			"health-change\n",
			c->verb, what);
		status = EXIT_USAGE;
	}
	return status;
}

static int config_set(struct cli *c)
{
	struct nvme_mi_command m = { 0 };
	struct json_object *o;
	struct nvme_host h;
	uint64_t port = 0;
	int status = config_value(c, &m);

	if (!status)
		status = nvme_option(c, "port", (struct nvme_range){ 0, 255 },
				     &port);
	if (!status)
		status = nvme_open(c, &h);
	if (status)
		return status;
	if (!strcmp(c->argument[0], "health-change"))
		port = 0; /* it is of the subsystem */
	m.nmd0 |= (uint32_t)port << 24;
	if (nvme_mi_ask(&h, &m))
		return nvme_failed(c, "setting the configuration");
	o = json_object_new_object();
	cli_add_text(o, "set", c->argument[0]);
	nvme_tell(c, o, "set");
	return EXIT_OK;
}

int nvme_config_run(struct cli *c)
{
	static const struct nvme_word words[] = {
		{ "get", 0, 0, config_get },
		{ "set", 2, 2, config_set },
		{ 0 },
	};

	return c->arguments ? nvme_run_word(c, words) : config_get(c);
}

/* --- vpd --- */

const struct cli_choice nvme_vpd_choices[] = {
	{ "offset", 0, "BYTES", "where to begin; 0" },
	{ "length", 0, "BYTES", "read: how much; to the end of 256" },
	NVME_YES,
	NVME_CHOICES,
};

static int vpd_read(struct cli *c)
{
	uint8_t data[UINT8_MAX + 1];
	struct nvme_host h;
	uint64_t offset = 0, len = 0;
	int status = nvme_option(c, "offset", (struct nvme_range){ 0, VPD - 1 },
				 &offset);

	len = VPD - offset;
	if (!status)
		status = nvme_option(c, "length", (struct nvme_range){ 1, VPD },
				     &len);
	if (!status)
		status = nvme_open(c, &h);
	if (status)
		return status;
	if (nvme_vpd_read(&h, (uint16_t)offset, (uint16_t)len, data))
		return nvme_failed(c, "reading VPD");
	nvme_show_bytes(c, data, len);
	return EXIT_OK;
}

static int vpd_write(struct cli *c)
{
	uint8_t data[VPD];
	size_t len = sizeof(data);
	struct json_object *o;
	struct nvme_host h;
	uint64_t offset = 0;
	int status = nvme_option(c, "offset", (struct nvme_range){ 0, VPD - 1 },
				 &offset);

	if (!status)
		status = nvme_bytes(c, c->argument[0], data, &len);
	if (!status)
		status = nvme_confirm(c, "this overwrites Vital Product Data, "
					 "which can be written so often only");
	if (!status)
		status = nvme_open(c, &h);
	if (status)
		return status;
	if (nvme_vpd_write(&h, (uint16_t)offset, data, (uint16_t)len))
		return nvme_failed(c, "writing VPD");
	o = json_object_new_object();
	cli_add_number(o, "written", len);
	nvme_tell(c, o, "written");
	return EXIT_OK;
}

int nvme_vpd_run(struct cli *c)
{
	static const struct nvme_word words[] = {
		{ "read", 0, 0, vpd_read },
		{ "write", 1, 1, vpd_write },
		{ 0 },
	};

	return nvme_run_word(c, words);
}

/* --- pcie --- */

const struct cli_choice nvme_pcie_choices[] = {
	NVME_CONTROLLER,
	NVME_YES,
	NVME_CHOICES,
};

static int pcie_read(struct cli *c)
{
	static uint8_t data[SPACE];
	struct nvme_host h;
	uint64_t controller = 0, offset = 0, len = 4;
	int status = nvme_option(c, "controller", bytes16, &controller);

	if (!status)
		status = nvme_argument(c, 0, "offset",
				       (struct nvme_range){ 0, SPACE - 1 },
				       &offset);
	if (!status && c->arguments > 1)
		status = nvme_argument(c, 1, "length",
				       (struct nvme_range){ 1, SPACE }, &len);
	if (!status)
		status = nvme_open(c, &h);
	if (status)
		return status;
	if (nvme_pcie_read(&h, (uint16_t)controller, (uint16_t)offset, data,
			   (uint16_t)len))
		return nvme_failed(c, "reading configuration space");
	nvme_show_bytes(c, data, len);
	return EXIT_OK;
}

static int pcie_write(struct cli *c)
{
	static uint8_t data[SPACE];
	size_t len = sizeof(data);
	struct json_object *o;
	struct nvme_host h;
	uint64_t controller = 0, offset = 0;
	int status = nvme_option(c, "controller", bytes16, &controller);

	if (!status)
		status = nvme_argument(c, 0, "offset",
				       (struct nvme_range){ 0, SPACE - 1 },
				       &offset);
	if (!status)
		status = nvme_bytes(c, c->argument[1], data, &len);
	if (!status)
		status =
			nvme_confirm(c, "this writes registers of a controller "
					"that its host may be using");
	if (!status)
		status = nvme_open(c, &h);
	if (status)
		return status;
	if (nvme_pcie_write(&h, (uint16_t)controller, (uint16_t)offset, data,
			    (uint16_t)len))
		return nvme_failed(c, "writing configuration space");
	o = json_object_new_object();
	cli_add_number(o, "written", len);
	nvme_tell(c, o, "written");
	return EXIT_OK;
}

int nvme_pcie_run(struct cli *c)
{
	static const struct nvme_word words[] = {
		{ "read", 1, 2, pcie_read },
		{ "write", 2, 2, pcie_write },
		{ 0 },
	};

	return nvme_run_word(c, words);
}

/* --- reset, shutdown --- */

const struct cli_choice nvme_reset_choices[] = { NVME_YES, NVME_CHOICES };
const struct cli_choice nvme_shutdown_choices[] = {
	{ "abrupt", 0, NULL, "at once, as for a loss of power" },
	NVME_YES,
	NVME_CHOICES,
};

int nvme_reset_run(struct cli *c)
{
	struct json_object *o;
	struct nvme_host h;
	int status = nvme_confirm(c, "this resets the NVM subsystem with all "
				     "its controllers");

	if (!status)
		status = nvme_open(c, &h);
	if (status)
		return status;
	if (nvme_reset(&h))
		return nvme_failed(c, "resetting");
	o = json_object_new_object();
	cli_add_text(o, "reset", "subsystem");
	nvme_tell(c, o, "reset");
	return EXIT_OK;
}

int nvme_shutdown_run(struct cli *c)
{
	bool abrupt = cli_value(c, "abrupt");
	struct json_object *o;
	struct nvme_host h;
	int status = nvme_confirm(c, "this shuts down the NVM subsystem with "
				     "all its controllers");

	if (!status)
		status = nvme_open(c, &h);
	if (status)
		return status;
	if (nvme_shutdown(&h, abrupt))
		return nvme_failed(c, "shutting down");
	o = json_object_new_object();
	cli_add_text(o, "shutdown", abrupt ? "abrupt" : "normal");
	nvme_tell(c, o, "shut down");
	return EXIT_OK;
}

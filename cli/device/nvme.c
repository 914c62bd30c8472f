/* SPDX-License-Identifier: Apache-2.0 */
/* tether nvme: the NVM subsystem behind the endpoint. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cli/device/nvme.h"
#include "host/nvme.h"

enum { FLAGS_TEXT = 160 };

static int failed(const struct cli *c, const char *what)
{
	return cli_fail(c, "%s: %s", what, c->transport->error);
}

static const char *port_type_name(enum port_type type)
{
	switch (type) {
	case PORT_PCIE:
		return "pcie";
	case PORT_TWOWIRE:
		return "twowire";
	default:
		return "inactive";
	}
}

static const char *frequency_name(uint32_t frequency)
{
	switch (frequency) {
	case PORT_100K:
		return "100k";
	case PORT_400K:
		return "400k";
	case PORT_1M:
		return "1m";
	default:
		return "none";
	}
}

/* --- info --- */

static void show_port(const struct cli *c, uint8_t n,
		      const struct nvme_port_information *p,
		      struct json_object *list)
{
	struct json_object *o;

	if (!c->json) {
		printf("port %u  %-7s  unit up to %u bytes", n,
		       port_type_name(p->type), p->unit_max);
		if (p->type == PORT_PCIE)
			printf("  link x%u of x%u", p->width, p->width_max);
		if (p->type == PORT_TWOWIRE)
			printf("  address %02x, up to %s", p->address >> 1,
			       frequency_name(p->frequency_max));
		putchar('\n');
		return;
	}
	o = json_object_new_object();
	cli_add_number(o, "port", n);
	cli_add_text(o, "type", port_type_name(p->type));
	cli_add_number(o, "unit_max", p->unit_max);
	if (p->type == PORT_PCIE) {
		cli_add_number(o, "width", p->width);
		cli_add_number(o, "width_max", p->width_max);
	} else if (p->type == PORT_TWOWIRE) {
		cli_add_hex(o, "address", (uint64_t)p->address >> 1, 2);
		cli_add_text(o, "frequency_max",
			     frequency_name(p->frequency_max));
	}
	json_object_array_add(list, o);
}

static int info(struct cli *c)
{
	struct nvme_subsystem_information s;
	struct nvme_port_information p;
	struct json_object *o, *list;
	uint8_t eid;
	int status = cli_open_endpoint(c, &eid);

	if (status)
		return status;
	if (nvme_get_subsystem(c->transport, eid, &s))
		return failed(c, "reading the subsystem");
	if (!c->json)
		printf("NVMe-MI %u.%u, %u ports\n", s.major, s.minor, s.ports);
	list = json_object_new_array();
	for (uint8_t i = 0; i < s.ports; i++) {
		if (nvme_get_port(c->transport, eid, i, &p)) {
			json_object_put(list);
			return failed(c, "reading a port");
		}
		show_port(c, i, &p, list);
	}
	if (!c->json) {
		json_object_put(list);
		return EXIT_OK;
	}
	o = json_object_new_object();
	cli_add_number(o, "major", s.major);
	cli_add_number(o, "minor", s.minor);
	json_object_object_add(o, "ports", list);
	cli_print_json(o);
	return EXIT_OK;
}

/* --- health --- */

static const char *warning_text(uint8_t warnings, char text[FLAGS_TEXT])
{
	static const char *const names[] = {
		"spare low",	      "temperature",   "reliability degraded",
		"media is read only", "backup failed",
	};
	size_t len = 0;

	snprintf(text, FLAGS_TEXT, "none");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (warnings & 1U << i)
			len += (size_t)snprintf(text + len, FLAGS_TEXT - len,
						"%s%s", len ? ", " : "",
						names[i]);
	return text;
}

static void show_controller(const struct cli *c,
			    const struct nvme_controller_health *h,
			    struct json_object *list)
{
	char text[FLAGS_TEXT];
	struct json_object *o;

	if (!c->json) {
		printf("controller %u  %s%s  %d C  spare %u %%  used %u %%  "
		       "warnings: %s\n",
		       h->id, h->status & 1 ? "ready" : "not ready",
		       h->status & 2 ? ", fatal" : "", h->kelvin - 273,
		       h->spare, h->life_used, warning_text(h->warnings, text));
		return;
	}
	o = json_object_new_object();
	cli_add_number(o, "controller", h->id);
	json_object_object_add(o, "ready",
			       json_object_new_boolean(h->status & 1));
	json_object_object_add(o, "fatal",
			       json_object_new_boolean((h->status & 2) != 0));
	json_object_object_add(o, "celsius",
			       json_object_new_int(h->kelvin - 273));
	cli_add_number(o, "spare", h->spare);
	cli_add_number(o, "life_used", h->life_used);
	cli_add_hex(o, "warnings", h->warnings, 2);
	json_object_array_add(list, o);
}

static void show_health(const struct cli *c,
			const struct nvme_subsystem_health *h,
			struct json_object *o)
{
	char text[FLAGS_TEXT], degrees[16] = "no temperature";
	bool functional = h->status & 0x20;

	if (h->celsius_valid)
		snprintf(degrees, sizeof(degrees), "%d C", h->celsius);
	if (!c->json) {
		printf("subsystem  %s%s%s%s  %s  used %u %%  warnings: %s  "
		       "changed %04x\n",
		       functional ? "functional" : "not functional",
		       h->status & 0x10 ? "" : ", reset required",
		       h->status & 0x40 ? ", sanitize failed" : "",
		       h->status & 0x80 ? ", events not heard" : "", degrees,
		       h->life_used, warning_text(h->warnings, text),
		       h->changed);
		return;
	}
	json_object_object_add(o, "functional",
			       json_object_new_boolean(functional));
	json_object_object_add(o, "reset_required",
			       json_object_new_boolean(!(h->status & 0x10)));
	json_object_object_add(o, "sanitize_failure",
			       json_object_new_boolean(h->status & 0x40));
	json_object_object_add(o, "events_failed",
			       json_object_new_boolean(h->status & 0x80));
	if (h->celsius_valid)
		json_object_object_add(o, "celsius",
				       json_object_new_int(h->celsius));
	cli_add_number(o, "life_used", h->life_used);
	cli_add_hex(o, "warnings", h->warnings, 2);
	cli_add_hex(o, "changed", h->changed, 4);
}

static int health(struct cli *c)
{
	static struct nvme_controller_health list[256];
	struct nvme_subsystem_health h;
	struct json_object *o, *all;
	uint16_t count;
	uint8_t eid;
	int status = cli_open_endpoint(c, &eid);

	if (status)
		return status;
	if (nvme_get_health(c->transport, eid, &h))
		return failed(c, "polling the subsystem's health");
	if (nvme_get_controller_health(c->transport, eid, 0, list, &count))
		return failed(c, "polling the controllers' health");
	o = json_object_new_object();
	all = json_object_new_array();
	show_health(c, &h, o);
	for (uint16_t i = 0; i < count; i++)
		show_controller(c, &list[i], all);
	json_object_object_add(o, "controllers", all);
	if (c->json)
		cli_print_json(o);
	else
		json_object_put(o);
	return EXIT_OK;
}

/* --- controllers --- */

static void show_information(const struct cli *c, uint16_t id,
			     const struct nvme_controller_information *i,
			     struct json_object *list)
{
	struct json_object *o;

	if (!c->json) {
		printf("controller %u  port %u  %04x:%04x  subsystem "
		       "%04x:%04x\n",
		       id, i->port, i->pci_vendor, i->pci_device,
		       i->pci_subvendor, i->pci_subdevice);
		return;
	}
	o = json_object_new_object();
	cli_add_number(o, "controller", id);
	cli_add_number(o, "port", i->port);
	cli_add_hex(o, "pci_vendor", i->pci_vendor, 4);
	cli_add_hex(o, "pci_device", i->pci_device, 4);
	cli_add_hex(o, "pci_subvendor", i->pci_subvendor, 4);
	cli_add_hex(o, "pci_subdevice", i->pci_subdevice, 4);
	if (i->routing_id_valid)
		cli_add_hex(o, "routing_id", i->routing_id, 4);
	json_object_array_add(list, o);
}

static int controllers(struct cli *c)
{
	static uint16_t list[NVME_MI_CONTROLLER_LIST_MAX];
	struct nvme_controller_information i;
	struct json_object *all;
	uint16_t count;
	uint8_t eid;
	int status = cli_open_endpoint(c, &eid);

	if (status)
		return status;
	if (nvme_get_controllers(c->transport, eid, list, &count))
		return failed(c, "reading the controller list");
	all = json_object_new_array();
	for (uint16_t n = 0; n < count; n++) {
		if (nvme_get_controller(c->transport, eid, list[n], &i)) {
			json_object_put(all);
			return failed(c, "reading a controller");
		}
		show_information(c, list[n], &i, all);
	}
	if (c->json)
		cli_print_json(all);
	else
		json_object_put(all);
	return EXIT_OK;
}

/* --- the verbs --- */

const struct cli_verb nvme_verbs[] = {
	{ "info", "", 0, 0, 0, info, "the subsystem and its ports" },
	{ "health", "", 0, 0, 0, health,
	  "health of the subsystem and its controllers" },
	{ "controllers", "", 0, 0, 0, controllers,
	  "controllers and their ids" },
	{ "identify", "[--cns N] [OPTION]...", 0, 0, 0, nvme_identify_run,
	  "data structures of Identify", .choices = nvme_identify_choices },
	{ "log-page", "ID [OPTION]...", 0, 1, 1, nvme_log_page_run, "log pages",
	  .choices = nvme_log_choices },
	{ "features", "get ID | set ID VALUE", 0, 2, 3, nvme_features_run,
	  "features", .choices = nvme_feature_choices },
	{ "config", "[get | set WHAT VALUE]", 0, 0, 3, nvme_config_run,
	  "what the ports are set to", .choices = nvme_config_choices,
	  .text = "WHAT is frequency (100k, 400k, 1m), unit (bytes), or\n"
		  "health-change (bits of the status that are to be "
		  "cleared)." },
	{ "vpd", "read | write HEX", 0, 1, 2, nvme_vpd_run,
	  "Vital Product Data", .choices = nvme_vpd_choices },
	{ "ns", "list | create | delete | attach | detach", 0, 1, 2,
	  nvme_ns_run, "namespaces", .choices = nvme_ns_choices },
	{ "format", "NSID", 0, 1, 1, nvme_format_run, "format namespaces",
	  .choices = nvme_format_choices },
	{ "sanitize", "block | overwrite | crypto | exit-failure", 0, 1, 1,
	  nvme_sanitize_run, "destroy all data",
	  .choices = nvme_sanitize_choices },
	{ "selftest", "short | extended | abort | log", 0, 1, 1,
	  nvme_selftest_run, "self-tests", .choices = nvme_selftest_choices },
	{ "fw", "download FILE | commit | log", 0, 1, 2, nvme_fw_run,
	  "firmware", .choices = nvme_fw_choices },
	{ "pcie", "read OFFSET [LENGTH] | write OFFSET HEX", 0, 2, 3,
	  nvme_pcie_run, "PCI configuration space",
	  .choices = nvme_pcie_choices },
	{ "reset", "", 0, 0, 0, nvme_reset_run, "reset the NVM subsystem",
	  .choices = nvme_reset_choices },
	{ "shutdown", "", 0, 0, 0, nvme_shutdown_run,
	  "shut down the NVM subsystem", .choices = nvme_shutdown_choices },
	{ "control", "pause | resume | abort | get-state | replay", 0, 1, 1,
	  nvme_control_run, "control primitives",
	  .choices = nvme_control_choices },
	{ "events", "[-f]", 0, 0, 0, nvme_events_run,
	  "asynchronous events; -f: until Ctrl-C",
	  .choices = nvme_events_choices },
	{ 0 },
};

/* SPDX-License-Identifier: Apache-2.0 */
/* tether nvme info, health, controllers: the NVM subsystem, its ports, and the
 * health of its controllers. */
#include <stdio.h>

#include "base/err.h"
#include "cli/device/nvme_verb.h"
#include "cli/color.h"
#include "cli/verbs.h"
#include "cli/via.h"
#include "host/nvme.h"
#include "nvme_mi/nvme_wire.h"

enum { FLAGS_TEXT = 160, KELVIN = 273 };

static const char *port_type_name(enum nvme_mi_port_type type)
{
	switch (type) {
	case NVME_MI_PORT_PCIE:
		return "pcie";
	case NVME_MI_PORT_TWO_WIRE:
		return "twowire";
	default:
		return "inactive";
	}
}

static const char *frequency_name(uint32_t frequency)
{
	switch (frequency) {
	case NVME_MI_FREQUENCY_100_KHZ:
		return "100k";
	case NVME_MI_FREQUENCY_400_KHZ:
		return "400k";
	case NVME_MI_FREQUENCY_1_MHZ:
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
		if (p->type == NVME_MI_PORT_PCIE)
			printf("  link x%u of x%u", p->width, p->width_max);
		if (p->type == NVME_MI_PORT_TWO_WIRE)
			printf("  address %02x, up to %s", p->address >> 1,
			       frequency_name(p->frequency_max));
		putchar('\n');
		return;
	}
	o = json_object_new_object();
	cli_add_number(o, "port", n);
	cli_add_text(o, "type", port_type_name(p->type));
	cli_add_number(o, "unit_max", p->unit_max);
	if (p->type == NVME_MI_PORT_PCIE) {
		cli_add_number(o, "width", p->width);
		cli_add_number(o, "width_max", p->width_max);
	} else if (p->type == NVME_MI_PORT_TWO_WIRE) {
		cli_add_hex(o, "address", (uint64_t)p->address >> 1, 2);
		cli_add_text(o, "frequency_max",
			     frequency_name(p->frequency_max));
	}
	json_object_array_add(list, o);
}

static int run_info(struct cli *c)
{
	struct nvme_subsystem_information s;
	struct nvme_port_information p;
	struct json_object *o, *list;
	uint8_t eid;
	int status = via_open_endpoint(c, &eid);

	if (status)
		return status;
	if (nvme_get_subsystem(c->transport, eid, &s))
		return nvme_verb_fail(c, "reading the subsystem");
	if (!c->json)
		printf("NVMe-MI %u.%u, %u ports\n", s.major, s.minor, s.ports);
	list = json_object_new_array();
	for (uint8_t i = 0; i < s.ports; i++) {
		if (nvme_get_port(c->transport, eid, i, &p)) {
			json_object_put(list);
			return nvme_verb_fail(c, "reading a port");
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
	bool ready = h->status & NVME_MI_CONTROLLER_READY;
	bool fatal = (h->status & NVME_MI_CONTROLLER_FATAL_STATUS) != 0;
	char text[FLAGS_TEXT];
	struct json_object *o;

	if (!c->json) {
		printf("controller %u  %s%s%s%s  %d C  spare %u %%  used "
		       "%u %%  warnings: %s%s%s\n",
		       h->id, color_start(c, stdout, color_of(ready && !fatal)),
		       ready ? "ready" : "not ready", fatal ? ", fatal" : "",
		       color_end(c, stdout), h->kelvin - KELVIN, h->spare,
		       h->life_used,
		       color_start(c, stdout, color_of(!h->warnings)),
		       warning_text(h->warnings, text), color_end(c, stdout));
		return;
	}
	o = json_object_new_object();
	cli_add_number(o, "controller", h->id);
	cli_add_bool(o, "ready", ready);
	cli_add_bool(o, "fatal", fatal);
	json_object_object_add(o, "celsius",
			       json_object_new_int(h->kelvin - KELVIN));
	cli_add_number(o, "spare", h->spare);
	cli_add_number(o, "life_used", h->life_used);
	cli_add_hex(o, "warnings", h->warnings, 2);
	json_object_array_add(list, o);
}

static void show_health(const struct cli *c,
			const struct nvme_subsystem_health *h,
			struct json_object *o)
{
	char text[FLAGS_TEXT], degrees[32] = "no temperature";
	bool functional = h->status & NVME_MI_STATUS_DRIVE_FUNCTIONAL;

	if (h->celsius_valid)
		snprintf(degrees, sizeof(degrees), "%d C%s", h->celsius,
			 !h->celsius_clamped ? ""
			 : h->celsius > 0    ? " or more"
					     : " or less");
	if (!c->json) {
		printf("subsystem  %s%s%s%s%s%s  %s  used %u %%  "
		       "warnings: %s%s%s  changed %04x\n",
		       color_start(c, stdout, color_of(functional)),
		       functional ? "functional" : "not functional",
		       h->status & NVME_MI_STATUS_RESET_NOT_REQUIRED
			       ? ""
			       : ", reset required",
		       h->status & NVME_MI_STATUS_SANITIZE_FAILURE_MODE
			       ? ", sanitize failed"
			       : "",
		       h->status & NVME_MI_STATUS_EVENT_TRANSMISSION_FAILURE
			       ? ", event transmission failed"
			       : "",
		       color_end(c, stdout), degrees, h->life_used,
		       color_start(c, stdout, color_of(!h->warnings)),
		       warning_text(h->warnings, text), color_end(c, stdout),
		       h->changed);
		return;
	}
	cli_add_bool(o, "functional", functional);
	cli_add_bool(o, "reset_required",
		     !(h->status & NVME_MI_STATUS_RESET_NOT_REQUIRED));
	cli_add_bool(o, "sanitize_failure",
		     h->status & NVME_MI_STATUS_SANITIZE_FAILURE_MODE);
	cli_add_bool(o, "events_failed",
		     h->status & NVME_MI_STATUS_EVENT_TRANSMISSION_FAILURE);
	if (h->celsius_valid)
		json_object_object_add(o, "celsius",
				       json_object_new_int(h->celsius));
	if (h->celsius_valid)
		cli_add_bool(o, "celsius_clamped", h->celsius_clamped);
	cli_add_number(o, "life_used", h->life_used);
	cli_add_hex(o, "warnings", h->warnings, 2);
	cli_add_hex(o, "changed", h->changed, 4);
}

static int run_health(struct cli *c)
{
	static struct nvme_controller_health list[256];
	struct nvme_subsystem_health h;
	struct json_object *o, *all;
	uint16_t count;
	uint8_t eid;
	int status = via_open_endpoint(c, &eid);

	if (status)
		return status;
	if (nvme_get_health(c->transport, eid, &h))
		return nvme_verb_fail(c, "polling the health of the subsystem");
	if (nvme_get_controller_health(c->transport, eid, 0, list, &count))
		return nvme_verb_fail(c,
				      "polling the health of the controllers");
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

static int run_controllers(struct cli *c)
{
	static uint16_t list[NVME_MI_CONTROLLER_LIST_MAX];
	struct nvme_controller_information i;
	struct json_object *all;
	uint16_t count;
	uint8_t eid;
	int status = via_open_endpoint(c, &eid);

	if (status)
		return status;
	if (nvme_get_controllers(c->transport, eid, list, &count))
		return nvme_verb_fail(c, "reading the controller list");
	all = json_object_new_array();
	for (uint16_t n = 0; n < count; n++) {
		if (nvme_get_controller(c->transport, eid, list[n], &i)) {
			json_object_put(all);
			return nvme_verb_fail(c, "reading a controller");
		}
		show_information(c, list[n], &i, all);
	}
	if (c->json)
		cli_print_json(all);
	else
		json_object_put(all);
	return EXIT_OK;
}

const struct cli_verb device_nvme_info_verb = {
	.group = "nvme",
	.name = "info",
	.synopsis = "",
	.help = "Show the NVM subsystem and its ports",
	.examples = "tether nvme info\n",
	.device = true,
	.run = run_info,
};

const struct cli_verb device_nvme_health_verb = {
	.group = "nvme",
	.name = "health",
	.synopsis = "",
	.help = "Show the health of the subsystem and its controllers",
	.examples = "tether nvme health --json\n",
	.device = true,
	.run = run_health,
};

const struct cli_verb device_nvme_controllers_verb = {
	.group = "nvme",
	.name = "controllers",
	.synopsis = "",
	.help = "List the controllers with their PCI ids",
	.examples = "tether nvme controllers\n",
	.device = true,
	.run = run_controllers,
};

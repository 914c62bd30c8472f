/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/drive_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/wire.h"
#include "cli/hostnet.h"
#include "cli/text.h"
#include "cli/units.h"
#include "host/bus_owner.h"
#include "host/mctp_table.h"
#include "host/nvme.h"
#include "host/nvme_admin.h"
#include "host/transport_mctp.h"
#include "host/transport_serial.h"
#include "host/transport_usb.h"

enum { MCTP_CLASS = 0x14 };

/* --- find --- */

static struct drive_list_drive *add(struct drive_list *l, const char *via)
{
	struct drive_list_drive *d;
	size_t size = (l->count + 1) * sizeof(*d);
	struct drive_list_drive *more = realloc(l->drive, size);

	if (!more) {
		fputs("tether: out of memory\n", stderr);
		exit(EXIT_FAILED);
	}
	l->drive = more;
	d = &l->drive[l->count++];
	memset(d, 0, sizeof(*d));
	d->cli = l->cli;
	snprintf(d->via, sizeof(d->via), "%s", via);
	return d;
}

/* Find the network interface that the kernel's driver has created for the MCTP
 * interface of a USB device. Empty: no driver. */
static void find_interface(const struct libusb_host_device *u,
			   char interface[HOSTNET_NAME])
{
	char place[LIBUSB_HOST_PLACE], usb[HOSTNET_NAME], driver[HOSTNET_NAME];

	interface[0] = '\0';
	libusb_host_place(u, place, sizeof(place));
	for (uint8_t i = 0; i < u->interfaces && !interface[0]; i++) {
		if (u->interface[i].class != MCTP_CLASS)
			continue;
		snprintf(usb, sizeof(usb), "%s:%u.%u", place, u->configuration,
			 u->interface[i].number);
		(void)hostnet_driver(NULL, usb, driver, interface);
	}
}

static void add_kernel(struct drive_list *l, uint32_t network, uint8_t eid)
{
	struct drive_list_drive *d;
	char via[64];

	snprintf(via, sizeof(via), "mctp:%u,%u", network, eid);
	for (size_t i = 0; i < l->count; i++)
		if (!strcmp(l->drive[i].via, via))
			return;
	d = add(l, via);
	d->kernel = true;
	d->where.network = network;
	d->where.eid = eid;
}

static void add_link(struct drive_list *l, const struct mctp_table_link *link)
{
	for (uint8_t i = 0; i < link->eids; i++)
		add_kernel(l, link->network, link->eid[i]);
}

void drive_list_add_device(struct drive_list *l, const struct via *v,
			   const struct via_device *device)
{
	static struct mctp_table table;
	const struct mctp_table_link *link = NULL;
	char interface[HOSTNET_NAME] = "";
	struct drive_list_drive *d;

	if (!device->mctp)
		return;
	if (device->local)
		find_interface(&device->usb, interface);
	if (interface[0] && !mctp_table_read(&table))
		link = mctp_table_find(&table, interface);
	if (link && link->eids) {
		add_link(l, link);
		return;
	}
	d = add(l, device->via);
	d->where = *v;
	d->device = *device;
	if (link)
		snprintf(d->error, sizeof(d->error),
			 "not set up: run `tether mctp setup %.32s`",
			 interface);
	else if (device->local && device->usb.denied)
		snprintf(d->error, sizeof(d->error), "no permission");
}

static void add_serial(struct drive_list *l, const struct via *v)
{
	struct drive_list_drive *d;
	char via[sizeof(d->via)];

	snprintf(via, sizeof(via), "serial:%.*s", (int)sizeof(via) - 8,
		 v->path);
	d = add(l, via);
	d->where = *v;
}

int drive_list_find(struct cli *c, struct drive_list *l)
{
	static struct mctp_table table;
	char error[CLI_ERROR];
	struct via_list all;
	struct via v;

	memset(l, 0, sizeof(*l));
	l->cli = c;
	if (!via_parse(c, &v))
		return EXIT_USAGE;
	if (v.kind == VIA_MCTP) {
		add_kernel(l, v.network, v.eid);
		return EXIT_OK;
	}
	if (v.kind == VIA_SERIAL) {
		add_serial(l, &v);
		return EXIT_OK;
	}
	if (via_find(&v, &all, error))
		return cli_fail(c, "cannot list devices: %s", error);
	for (size_t i = 0; i < all.count; i++)
		drive_list_add_device(l, &v, &all.device[i]);
	free(all.device);
	if (v.kind != VIA_ANY || mctp_table_read(&table))
		return EXIT_OK;
	for (int i = 0; i < table.links; i++) /* also other drivers' links */
		add_link(l, &table.link[i]);
	return EXIT_OK;
}

/* --- read --- */

void drive_list_close(struct drive_list_drive *d)
{
	if (d->transport)
		d->transport->ops->close(d->transport);
	if (d->host)
		d->host->ops->close(d->host);
	d->transport = NULL;
	d->host = NULL;
}

void drive_list_free(struct drive_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		drive_list_close(&l->drive[i]);
	free(l->drive);
	memset(l, 0, sizeof(*l));
}

static bool fail(struct drive_list_drive *d)
{
	if (d->transport)
		snprintf(d->error, sizeof(d->error), "%s", d->transport->error);
	drive_list_close(d);
	d->reached = false;
	return false;
}

static bool open_drive(struct drive_list_drive *d)
{
	uint8_t types[BUS_OWNER_LIST], count;

	if (d->kernel) {
		d->transport =
			transport_mctp_open(d->where.network, d->where.eid,
					    d->error, sizeof(d->error));
	} else if (d->where.kind == VIA_SERIAL) {
		d->transport =
			transport_serial_open(d->where.path, d->where.baud,
					      d->error, sizeof(d->error));
	} else {
		d->host = via_open_device(d->cli, &d->where, &d->device,
					  d->error);
		if (d->host)
			d->transport = transport_usb_open(d->host, d->error,
							  sizeof(d->error));
	}
	if (!d->transport) {
		drive_list_close(d);
		return false;
	}
	if (bus_owner_bring_up(d->transport, &d->eid) ||
	    bus_owner_get_types(d->transport, d->eid, types, &count))
		return fail(d);
	d->other = !memchr(types, MCTP_TYPE_NVME_MI, count);
	if (d->other)
		drive_list_close(d);
	return !d->other;
}

static void copy_text(char *to, const uint8_t *page, size_t at, size_t size)
{
	memcpy(to, page + at, size);
	to[size] = '\0';
	text_sanitize(to);
	for (size_t n = strlen(to); n && to[n - 1] == ' '; n--)
		to[n - 1] = '\0';
}

static bool read_names(struct drive_list_drive *d)
{
	static uint8_t page[NVME_PAGE];
	static uint16_t list[NVME_MI_CONTROLLER_LIST_MAX];
	const struct nvme_host h = { .transport = d->transport,
				     .dest = d->eid };
	struct nvme_identify i = { .cns = NVME_IDENTIFY_CONTROLLER };
	struct rd r;
	uint16_t count;

	if (nvme_get_controllers(d->transport, d->eid, list, &count))
		return fail(d);
	d->controller = count ? list[0] : 0;
	i.controller = d->controller;
	if (nvme_identify(&h, &i, page))
		return fail(d);
	copy_text(d->serial, page, NVME_CONTROLLER_AT_SERIAL_NUMBER,
		  NVME_SERIAL_NUMBER_SIZE);
	copy_text(d->model, page, NVME_CONTROLLER_AT_MODEL_NUMBER,
		  NVME_MODEL_NUMBER_SIZE);
	copy_text(d->firmware, page, NVME_CONTROLLER_AT_FIRMWARE_REVISION,
		  NVME_FIRMWARE_REVISION_SIZE);
	r = rd_init(page, sizeof(page));
	rd_skip(&r, NVME_CONTROLLER_AT_TOTAL_CAPACITY);
	d->capacity = rd_le64(&r);
	rd_skip(&r, NVME_CONTROLLER_AT_UNALLOCATED_CAPACITY -
			    NVME_CONTROLLER_AT_TOTAL_CAPACITY - 8);
	d->unallocated = rd_le64(&r);
	return true;
}

bool drive_list_read_health(struct drive_list_drive *d)
{
	static struct nvme_controller_health list[NVME_MI_HEALTH_ENTRIES_MAX];
	struct nvme_subsystem_health h;
	uint16_t count = 0;

	if (nvme_get_health(d->transport, d->eid, &h) ||
	    nvme_get_controller_health(d->transport, d->eid, 0, list, &count))
		return fail(d);
	d->functional = h.status & NVME_MI_STATUS_DRIVE_FUNCTIONAL;
	d->warnings = h.warnings;
	d->changed = h.changed;
	d->used = h.life_used;
	d->kelvin = 0;
	d->spare = 100;
	d->ready = count > 0;
	d->fatal = false;
	for (uint16_t i = 0; i < count; i++) {
		uint16_t status = list[i].status;

		if (list[i].kelvin > d->kelvin) /* of the hottest */
			d->kelvin = list[i].kelvin;
		if (list[i].spare < d->spare)
			d->spare = list[i].spare;
		d->ready &= (status & NVME_MI_CONTROLLER_READY) != 0;
		d->fatal |= (status & NVME_MI_CONTROLLER_FATAL_STATUS) != 0;
	}
	d->reached = true;
	d->error[0] = '\0';
	return true;
}

bool drive_list_read(struct drive_list_drive *d)
{
	if (d->transport)
		return drive_list_read_health(d);
	d->reached = false;
	/* Devices that need set-up or permission are not tried. */
	if (d->device.local && d->error[0] && !d->capacity)
		return false;
	return open_drive(d) && read_names(d) && drive_list_read_health(d);
}

/* --- show --- */

static size_t append_warnings(uint8_t warnings, char *text, size_t len)
{
	static const char *const names[] = { "spare", "temperature",
					     "reliability", "read-only",
					     "backup" };
	bool first = true;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(warnings & 1U << i))
			continue;
		len += (size_t)snprintf(text + len, DRIVE_LIST_STATE - len,
					"%s%s", first ? "" : ", ", names[i]);
		first = false;
	}
	return len;
}

char *drive_list_state(const struct drive_list_drive *d,
		       char text[DRIVE_LIST_STATE])
{
	if (!d->reached && strstr(d->error, "use"))
		snprintf(text, DRIVE_LIST_STATE, "in use");
	else if (!d->reached)
		snprintf(text, DRIVE_LIST_STATE, "%.*s", DRIVE_LIST_STATE - 1,
			 d->error[0] ? d->error : "not reached");
	else if (d->fatal || !d->functional)
		snprintf(text, DRIVE_LIST_STATE, "failed");
	else if (d->warnings)
		append_warnings(
			d->warnings, text,
			(size_t)snprintf(text, DRIVE_LIST_STATE, "warning: "));
	else
		snprintf(text, DRIVE_LIST_STATE, d->ready ? "ok" : "not ready");
	return text;
}

enum color drive_list_color(const struct drive_list_drive *d)
{
	if (!d->reached || d->fatal || !d->functional)
		return COLOR_BAD;
	return d->warnings || !d->ready ? COLOR_NOTE : COLOR_GOOD;
}

static void add_health(struct json_object *o, const struct drive_list_drive *d)
{
	cli_add_text(o, "serial", d->serial);
	cli_add_text(o, "model", d->model);
	cli_add_text(o, "firmware", d->firmware);
	cli_add_number(o, "eid", d->eid);
	cli_add_number(o, "bytes", d->capacity);
	cli_add_number(o, "unallocated_bytes", d->unallocated);
	json_object_object_add(
		o, "celsius",
		d->kelvin ? json_object_new_int(d->kelvin - UNITS_ZERO_CELSIUS)
			  : NULL);
	cli_add_number(o, "spare", d->spare);
	cli_add_number(o, "life_used", d->used);
	cli_add_hex(o, "warnings", d->warnings, 2);
	cli_add_bool(o, "ready", d->ready);
	cli_add_bool(o, "functional", d->functional);
}

struct json_object *drive_list_json(const struct drive_list_drive *d)
{
	struct json_object *o = json_object_new_object();
	char state[DRIVE_LIST_STATE];

	cli_add_text(o, "device", d->via);
	cli_add_bool(o, "reached", d->reached);
	cli_add_text(o, "state", drive_list_state(d, state));
	if (d->reached)
		add_health(o, d);
	else
		cli_add_text(o, "error", d->error);
	return o;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Opens the device of --via, or the only MCTP device found. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "cli/cli.h"
#include "cli/hold.h"
#include "cli/text.h"
#include "cli/via.h"
#include "host/bus_owner.h"
#include "host/transport_mctp.h"
#include "host/transport_serial.h"
#include "host/transport_usb.h"
#include "host/usbip_client.h"

/* One key for one device: other names of this host become 127.0.0.1. */
static const char *name_host(const char *host)
{
	return !strcmp(host, "localhost") || !strcmp(host, "::1") ? "127.0.0.1"
								  : host;
}

static struct usbhost *open_usbip(struct cli *c, const struct via *v,
				  const char *busid, char *error)
{
	char key[CLI_HELD_PATH];
	struct usbhost *h;

	snprintf(key, sizeof(key), "usbip-%s-%s-%s", name_host(v->host),
		 v->port, busid);
	if (c && hold_take(c, key, error))
		return NULL;
	do
		h = usbip_client_open(v->host, v->port, busid, error,
				      CLI_ERROR);
	while (!h && c && errno == EBUSY && hold_retry(c));
	return h;
}

struct usbhost *via_open_device(struct cli *c, const struct via *v,
				const struct via_device *d, char *error)
{
	if (c)
		c->place[0] = '\0';
	if (!d->local)
		return open_usbip(c, v, d->busid, error);
	if (c)
		libusb_host_place(&d->usb, c->place, sizeof(c->place));
	return libusb_host_open(&d->usb, error, CLI_ERROR);
}

int via_hold_function(struct cli *c, const char *function)
{
	char key[CLI_HELD_PATH], error[CLI_ERROR];

	if (!c->place[0])
		return EXIT_OK; /* via_open_device() holds the whole device */
	snprintf(key, sizeof(key), "usb-%s-%s", c->place, function);
	return hold_take(c, key, error) ? cli_fail(c, "%s", error) : EXIT_OK;
}

static int fail_not_found(struct cli *c, const struct via *v)
{
	switch (v->kind) {
	case VIA_USB:
		return cli_fail(c, "no USB device matches --via. `tether usb` "
				   "lists the devices found");
	case VIA_USBIP:
		return cli_fail(c,
				"no device at %s port %s matches --via. "
				"`tether usb` lists the devices offered",
				v->host, v->port);
	default:
		return cli_fail(c,
				"no MCTP device found on USB or at the USB/IP "
				"server 127.0.0.1:3240. Name the device with "
				"--via");
	}
}

struct json_object *via_device_json(const struct via_device *d)
{
	struct json_object *o = json_object_new_object();

	cli_add_text(o, "via", d->via);
	cli_add_hex(o, "vendor", d->vendor, 4);
	cli_add_hex(o, "product", d->product, 4);
	cli_add_text(o, "manufacturer", d->usb.maker);
	cli_add_text(o, "product_string", d->usb.name);
	cli_add_text(o, "serial", d->usb.serial);
	return o;
}

static void print_choice(struct via_device d)
{
	text_sanitize(d.via);
	text_sanitize(d.usb.name);
	fprintf(stderr, "  %s  %04x:%04x%s%s\n", d.via, d.vendor, d.product,
		d.usb.name[0] ? "  " : "", d.usb.name);
}

/* List the devices to choose from: all, or those with MCTP. */
static int fail_choice(const struct cli *c, const struct via_list *all,
		       bool any)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();
	char text[CLI_ERROR];

	for (size_t i = 0; i < all->count; i++)
		if (any || all->device[i].mctp)
			json_object_array_add(list,
					      via_device_json(&all->device[i]));
	snprintf(text, sizeof(text), "found %zu devices. Choose one with --via",
		 json_object_array_length(list));
	if (!c->json)
		fprintf(stderr, "tether: %s:\n", text);
	for (size_t i = 0; i < all->count && !c->json; i++)
		if (any || all->device[i].mctp)
			print_choice(all->device[i]);
	cli_add_text(o, "error", text);
	json_object_object_add(o, "devices", list);
	if (c->json)
		cli_print_json(o);
	else
		json_object_put(o);
	return EXIT_USAGE;
}

/* Choose the only device. Without a vendor or serial number in --via, only MCTP
 * devices count. */
static int choose_device(struct cli *c, const struct via *v,
			 const struct via_list *all,
			 const struct via_device **chosen)
{
	bool any = v->kind != VIA_USB || v->vendor >= 0 || v->serial[0];
	size_t n = 0;

	if (v->kind == VIA_ANY)
		any = false;
	for (size_t i = 0; i < all->count; i++)
		if (any || all->device[i].mctp) {
			*chosen = &all->device[i];
			n++;
		}
	if (!n)
		return fail_not_found(c, v);
	if (n == 1)
		return EXIT_OK;
	return fail_choice(c, all, any);
}

int via_open_usb(struct cli *c)
{
	char error[CLI_ERROR];
	const struct via_device *d = NULL;
	struct via_list all;
	struct via v;
	int status;

	if (!via_parse(c, &v))
		return EXIT_USAGE;
	if (v.kind == VIA_MCTP)
		return cli_fail(c,
				"%s needs the USB device itself, not the "
				"kernel's MCTP. Use --via usb or "
				"--via usbip:HOST",
				c->verb);
	if (v.kind == VIA_SERIAL)
		return cli_fail(c,
				"%s needs the USB device itself, not its "
				"serial link. Use --via usb or "
				"--via usbip:HOST",
				c->verb);
	if (via_find(&v, &all, error))
		return cli_fail(c, "cannot list devices: %s", error);
	status = choose_device(c, &v, &all, &d);
	if (!status && d) {
		c->host = via_open_device(c, &v, d, error);
		c->local = d->local;
		if (!c->host)
			status = cli_fail(c, "cannot open the device: %s",
					  error);
	}
	free(all.device);
	return status;
}

int via_open_mctp(struct cli *c)
{
	char error[CLI_ERROR];
	struct via v;
	int status;

	if (!via_parse(c, &v))
		return EXIT_USAGE;
	if (v.kind == VIA_MCTP) {
		c->transport = transport_mctp_open(v.network, v.eid, error,
						   sizeof(error));
	} else if (v.kind == VIA_SERIAL) {
		c->transport = transport_serial_open(v.path, v.baud, error,
						     sizeof(error));
	} else {
		status = via_open_usb(c);
		if (!status)
			status = via_hold_function(c, "mctp");
		if (status)
			return status;
		do
			c->transport = transport_usb_open(c->host, error,
							  sizeof(error));
		while (!c->transport && errno == EBUSY && hold_retry(c));
	}
	if (!c->transport)
		return cli_fail(c, "cannot open MCTP: %s", error);
	transport_observe(c->transport, c->observer);
	return EXIT_OK;
}

int via_open_endpoint(struct cli *c, uint8_t *eid)
{
	int status = via_open_mctp(c);

	if (status)
		return status;
	if (bus_owner_bring_up(c->transport, eid))
		return cli_fail(c, "cannot assign an EID: %s",
				c->transport->error);
	return EXIT_OK;
}

void via_close(struct cli *c)
{
	if (c->transport)
		c->transport->ops->close(c->transport);
	if (c->host)
		c->host->ops->close(c->host);
	c->transport = NULL;
	c->host = NULL;
	hold_release(c);
}

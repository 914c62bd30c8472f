/* SPDX-License-Identifier: Apache-2.0 */
/* tether usb: lists USB devices with their descriptors decoded. */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "cli/cli.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "cli/via.h"
#include "host/usbdesc.h"

enum {
	STRING = 128,
	/* USB 2.0 chapter 9 */
	DESCRIPTOR_DEVICE = 1,
	DESCRIPTOR_CONFIGURATION = 2,
	DEVICE_DESCRIPTOR_SIZE = 18,
	ENDPOINT_IN = 0x80,
	ENDPOINT_TYPE = 0x03,
	SELF_POWERED = 0x40,
};

struct strings {
	char manufacturer[STRING], product[STRING], serial[STRING];
	char interface[USBDESC_INTERFACES][STRING];
};

static int read_device(struct cli *c, struct usbdesc *d, struct strings *t)
{
	uint8_t data[1024];
	int n = usbhost_get_descriptor(c->host, DESCRIPTOR_DEVICE, 0, data,
				       DEVICE_DESCRIPTOR_SIZE);

	if (n < 0)
		return cli_fail(c, "cannot read the descriptors: %s",
				c->host->error);
	if (usbdesc_device(d, data, (size_t)n))
		return cli_fail(c, "the device descriptor is invalid");
	n = usbhost_get_descriptor(c->host, DESCRIPTOR_CONFIGURATION, 0, data,
				   sizeof(data));
	if (n < 0)
		return cli_fail(c, "cannot read the descriptors: %s",
				c->host->error);
	if (usbdesc_configuration(d, data, (size_t)n))
		return cli_fail(c, "the configuration descriptor is invalid");
	usbhost_get_string(c->host, d->manufacturer, t->manufacturer, STRING);
	usbhost_get_string(c->host, d->product_string, t->product, STRING);
	usbhost_get_string(c->host, d->serial, t->serial, STRING);
	for (uint8_t i = 0; i < d->interfaces; i++)
		usbhost_get_string(c->host, d->interface[i].string,
				   t->interface[i], STRING);
	return EXIT_OK;
}

static const char *type_name(const struct usbdesc_endpoint *e)
{
	static const char *const names[] = { "control", "isochronous", "bulk",
					     "interrupt" };

	return names[e->attributes & ENDPOINT_TYPE];
}

static void print_text(const char *where, const struct usbdesc *d,
		       const struct strings *t)
{
	printf("%s  %04x:%04x  USB %x.%02x  release %x.%02x\n", where,
	       d->vendor, d->product, d->usb >> 8, d->usb & 0xff,
	       d->release >> 8, d->release & 0xff);
	printf("  %s, %s, serial %s\n",
	       t->manufacturer[0] ? text_show(t->manufacturer)
				  : "no manufacturer",
	       t->product[0] ? text_show(t->product) : "no product",
	       t->serial[0] ? text_show(t->serial) : "none");
	printf("  %s, configuration %u, %u mA, %s powered\n",
	       usbdesc_class_name(d->class, d->subclass, d->protocol),
	       d->configuration, d->milliamperes,
	       d->attributes & SELF_POWERED ? "self" : "bus");
	for (uint8_t n = 0; n < d->interfaces; n++) {
		const struct usbdesc_interface *i = &d->interface[n];

		printf("  interface %u.%u  %02x/%02x/%02x  %s%s%s\n", i->number,
		       i->alternate, i->class, i->subclass, i->protocol,
		       usbdesc_class_name(i->class, i->subclass, i->protocol),
		       t->interface[n][0] ? "  " : "",
		       text_show(t->interface[n]));
		for (uint8_t k = 0; k < i->endpoints; k++)
			printf("    endpoint %02x  %-9s %s  %u bytes\n",
			       i->endpoint[k].address,
			       type_name(&i->endpoint[k]),
			       i->endpoint[k].address & ENDPOINT_IN ? "IN "
								    : "OUT",
			       i->endpoint[k].packet);
	}
}

static struct json_object *interface_json(const struct usbdesc_interface *i,
					  const char *string)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();

	cli_add_number(o, "number", i->number);
	cli_add_number(o, "alternate", i->alternate);
	cli_add_hex(o, "class", i->class, 2);
	cli_add_hex(o, "subclass", i->subclass, 2);
	cli_add_hex(o, "protocol", i->protocol, 2);
	cli_add_text(o, "name",
		     usbdesc_class_name(i->class, i->subclass, i->protocol));
	cli_add_text(o, "string", string);
	for (uint8_t k = 0; k < i->endpoints; k++) {
		struct json_object *e = json_object_new_object();

		cli_add_hex(e, "address", i->endpoint[k].address, 2);
		cli_add_text(e, "type", type_name(&i->endpoint[k]));
		cli_add_number(e, "packet", i->endpoint[k].packet);
		json_object_array_add(list, e);
	}
	json_object_object_add(o, "endpoints", list);
	return o;
}

static struct json_object *
device_json(const char *where, const struct usbdesc *d, const struct strings *t)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();

	cli_add_text(o, "via", where);
	cli_add_hex(o, "vendor", d->vendor, 4);
	cli_add_hex(o, "product", d->product, 4);
	cli_add_hex(o, "release", d->release, 4);
	cli_add_text(o, "manufacturer", t->manufacturer);
	cli_add_text(o, "product_string", t->product);
	cli_add_text(o, "serial", t->serial);
	cli_add_number(o, "milliamperes", d->milliamperes);
	for (uint8_t n = 0; n < d->interfaces; n++)
		json_object_array_add(list, interface_json(&d->interface[n],
							   t->interface[n]));
	json_object_object_add(o, "interfaces", list);
	return o;
}

/* Print a device, or add it to the JSON list. */
static int show_device(struct cli *c, const struct via *v,
		       const struct via_device *device, struct json_object *all)
{
	static struct usbdesc d;
	static struct strings t;
	char error[CLI_ERROR];
	int status;

	c->host = via_open_device(c, v, device, error);
	if (!c->host)
		return cli_fail(c, "%s: %s", device->via, error);
	status = read_device(c, &d, &t);
	via_close(c);
	if (!status && c->json)
		json_object_array_add(all, device_json(device->via, &d, &t));
	else if (!status)
		print_text(device->via, &d, &t);
	return status;
}

static int show_all(struct cli *c, const struct via *v,
		    const struct via_list *all)
{
	struct json_object *list = json_object_new_array();
	int status = EXIT_OK;

	/* A device that cannot be read does not hide the others. */
	for (size_t i = 0; i < all->count; i++)
		status |= show_device(c, v, &all->device[i], list);
	if (!all->count && v->kind != VIA_ANY &&
	    (v->busid[0] || v->vendor >= 0 || v->serial[0]))
		status = cli_fail(c, "no such device. `tether usb` lists the "
				     "devices found");
	else if (!all->count && !c->json)
		puts("no device");
	if (c->json && !status)
		cli_print_json(list);
	else
		json_object_put(list);
	return status;
}

static int run_usb(struct cli *c)
{
	char error[CLI_ERROR];
	struct via_list all;
	struct via v;
	int status;

	if (!via_parse(c, &v))
		return EXIT_USAGE;
	if (v.kind == VIA_MCTP || v.kind == VIA_SERIAL)
		return cli_fail(c, "usb cannot list devices behind mctp: and "
				   "serial:. Use --via usb or --via "
				   "usbip:HOST");
	if (via_find(&v, &all, error))
		return cli_fail(c, "cannot list devices: %s", error);
	status = show_all(c, &v, &all);
	free(all.device);
	return status;
}

const struct cli_verb device_usb_verb = {
	.name = "usb",
	.synopsis = "",
	.help = "List USB devices with their descriptors decoded",
	.text = "Lists the devices of this machine and those that a USB/IP "
		"server on it offers,\nor with --via the devices that match.",
	.examples = "tether usb\n"
		    "tether usb --via usbip:192.0.2.7 --json\n",
	.device = true,
	.run = run_usb,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* Opens the device of --via, or the only MCTP device found. */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "cli/cli.h"
#include "cli/text.h"
#include "cli/via.h"
#include "host/bus_owner.h"
#include "host/transport_mctp.h"
#include "host/transport_serial.h"
#include "host/transport_usb.h"
#include "host/usbip_client.h"

struct usbhost *via_open_device(const struct via *v, const struct via_device *d,
				char *error)
{
	if (d->local)
		return libusb_host_open(&d->usb, error, CLI_ERROR);
	return usbip_client_open(v->host, v->port, d->busid, error, CLI_ERROR);
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
	(void)cli_fail(c, "found %zu devices. Choose one with --via:", n);
	for (size_t i = 0; i < all->count; i++)
		if (any || all->device[i].mctp)
			fprintf(stderr, "  %s  %04x:%04x\n",
				text_show(all->device[i].via),
				all->device[i].vendor, all->device[i].product);
	return EXIT_USAGE;
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
		c->host = via_open_device(&v, d, error);
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
		if (status)
			return status;
		c->transport =
			transport_usb_open(c->host, error, sizeof(error));
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
}

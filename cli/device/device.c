/* SPDX-License-Identifier: Apache-2.0 */
/* How a verb reaches its device: --via, or the only one there is. */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "cli/cli.h"
#include "host/bus_owner.h"
#include "host/transport_mctp.h"
#include "host/transport_usb.h"
#include "host/usbip_client.h"

struct usbhost *cli_open_device(const struct cli_via *v,
				const struct cli_device *d, char *error)
{
	if (d->local)
		return libusb_host_open(&d->usb, error, CLI_ERROR);
	return usbip_client_open(v->host, v->port, d->busid, error, CLI_ERROR);
}

static int none(struct cli *c, const struct cli_via *v)
{
	switch (v->kind) {
	case CLI_VIA_USB:
		return cli_fail(c, "no such USB device is plugged in. "
				   "`tether usb` lists those that are");
	case CLI_VIA_USBIP:
		return cli_fail(c,
				"no such device at %s port %s. `tether usb` "
				"lists what is offered",
				v->host, v->port);
	default:
		return cli_fail(c, "no MCTP device is plugged in, and none is "
				   "offered over USB/IP at 127.0.0.1:3240. say "
				   "with --via where it is");
	}
}

/* The only one; without --via only MCTP devices are meant. */
static int choose(struct cli *c, const struct cli_via *v,
		  const struct cli_devices *all,
		  const struct cli_device **chosen)
{
	bool any = v->kind != CLI_VIA_USB || v->vendor >= 0 || v->serial[0];
	size_t n = 0;

	if (v->kind == CLI_VIA_ANY)
		any = false;
	for (size_t i = 0; i < all->count; i++)
		if (any || all->device[i].mctp) {
			*chosen = &all->device[i];
			n++;
		}
	if (!n)
		return none(c, v);
	if (n == 1)
		return EXIT_OK;
	(void)cli_fail(c, "%zu devices. choose one with --via:", n);
	for (size_t i = 0; i < all->count; i++)
		if (any || all->device[i].mctp)
			fprintf(stderr, "  %s  %04x:%04x\n", all->device[i].via,
				all->device[i].vendor, all->device[i].product);
	return EXIT_USAGE;
}

int cli_open_host(struct cli *c)
{
	char error[CLI_ERROR];
	const struct cli_device *d = NULL;
	struct cli_devices all;
	struct cli_via v;
	int status;

	if (!cli_parse_via(c, &v))
		return EXIT_USAGE;
	if (v.kind == CLI_VIA_MCTP)
		return cli_fail(c,
				"%s needs the USB device itself, not the "
				"kernel's MCTP. say where it is with "
				"--via usb or --via usbip:HOST",
				c->verb);
	if (cli_find_devices(&v, &all, error))
		return cli_fail(c, "looking for devices: %s", error);
	status = choose(c, &v, &all, &d);
	if (!status && d) {
		c->host = cli_open_device(&v, d, error);
		c->local = d->local;
		if (!c->host)
			status = cli_fail(c, "opening the device: %s", error);
	}
	free(all.device);
	return status;
}

int cli_open_mctp(struct cli *c)
{
	char error[CLI_ERROR];
	struct cli_via v;
	int status;

	if (!cli_parse_via(c, &v))
		return EXIT_USAGE;
	if (v.kind == CLI_VIA_MCTP) {
		c->transport = transport_mctp_open(v.network, v.eid, error,
						   sizeof(error));
		return c->transport ? EXIT_OK
				    : cli_fail(c, "opening MCTP: %s", error);
	}
	status = cli_open_host(c);
	if (status)
		return status;
	c->transport = transport_usb_open(c->host, error, sizeof(error));
	if (!c->transport)
		return cli_fail(c, "opening MCTP: %s", error);
	return EXIT_OK;
}

int cli_open_endpoint(struct cli *c, uint8_t *eid)
{
	int status = cli_open_mctp(c);

	if (status)
		return status;
	if (bus_owner_bring_up(c->transport, eid))
		return cli_fail(c, "giving the endpoint an EID: %s",
				c->transport->error);
	return EXIT_OK;
}

void cli_close(struct cli *c)
{
	if (c->transport)
		c->transport->ops->close(c->transport);
	if (c->host)
		c->host->ops->close(c->host);
	c->transport = NULL;
	c->host = NULL;
}

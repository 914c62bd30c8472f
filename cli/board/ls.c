/* SPDX-License-Identifier: Apache-2.0 */
/* tether ls: lists the boards and MCTP devices of this host with the state of
 * each function: driver, network interface, address, SSH. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "cli/board/board_target.h"
#include "cli/hostnet.h"
#include "cli/drive_list.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "cli/via.h"
#include "host/mctp_table.h"
#include "host/usbdesc.h"
#include "posix/advice.h"

enum {
	SSH_PORT = 22,
	SSH_MS = 700,
	CDC = 0x02,
	CDC_DATA = 0x0a,
	MCTP = 0x14,
	WIRELESS = 0xe0,
	MISCELLANEOUS = 0xef,
};

/* A function of a USB device, and its driver and network on this host. */
struct function {
	char usb[HOSTNET_NAME]; /* "1-2:1.0" */
	const char *name;
	bool driver_known; /* false: the system does not say */
	char driver[HOSTNET_NAME], net[HOSTNET_NAME];
	uint32_t address, mask; /* of this host; 0: none */
	uint32_t board;		/* its address; 0: unknown */
	bool ssh;
	const struct mctp_table_link *mctp;
};

struct ls {
	struct cli *c;
	struct via via;
	struct hostnet net;
	struct mctp_table mctp;
	struct json_object *list; /* with --json */
	char busid[32];		  /* list this device only; empty: all */
	int listed;
};

static bool is_network(uint8_t class, uint8_t subclass, uint8_t protocol)
{
	return (class == CDC && (subclass == 6 || subclass == 0x0d)) ||
	       (class == CDC && subclass == 2 && protocol == 0xff) ||
	       (class == WIRELESS && subclass == 1 && protocol == 3) ||
	       (class == MISCELLANEOUS && subclass == 4);
}

/* True if the device has a network function or MCTP. */
static bool is_board(const struct libusb_host_device *d)
{
	bool network = false;

	for (uint8_t i = 0; i < d->interfaces; i++)
		network |= is_network(d->interface[i].class,
				      d->interface[i].subclass,
				      d->interface[i].protocol);
	return network || d->mctp;
}

/* Guess the board's address: the default 192.168.7.2 if it is in this host's
 * network and is not this host's address. Otherwise it is .1, or .2 if this
 * host has .1. */
static uint32_t guess_board(const struct function *f)
{
	uint32_t network = f->address & f->mask, usual;

	if (hostnet_resolve(BOARD_HOST, &usual) &&
	    (usual & f->mask) == network && usual != f->address)
		return usual;
	return f->address == network + 1 ? network + 2 : network + 1;
}

static void find_address(struct ls *l, struct function *f)
{
	for (int i = 0; i < l->net.addresses && f->net[0]; i++) {
		const struct hostnet_address *a = &l->net.address[i];

		if (strcmp(a->interface, f->net) != 0 || !a->address)
			continue;
		f->address = a->address;
		f->mask = a->mask;
	}
	if (!f->address)
		return;
	f->board = guess_board(f);
	f->ssh = hostnet_reach(f->board, SSH_PORT, SSH_MS);
}

static void read_function(struct ls *l, const struct libusb_host_device *d,
			  uint8_t i, struct function *f)
{
	char place[LIBUSB_HOST_PLACE];

	*f = (struct function){ 0 };
	libusb_host_place(d, place, sizeof(place));
	snprintf(f->usb, sizeof(f->usb), "%s:%u.%u", place, d->configuration,
		 d->interface[i].number);
	f->name = usbdesc_class_name(d->interface[i].class,
				     d->interface[i].subclass,
				     d->interface[i].protocol);
	f->driver_known = hostnet_driver(&l->net, f->usb, f->driver, f->net);
	if (d->interface[i].class == MCTP)
		f->mctp = mctp_table_find(&l->mctp, f->net);
	else
		find_address(l, f);
}

/* --- output --- */

static int bits(uint32_t mask)
{
	int n = 0;

	while (mask & UINT32_C(1) << 31) {
		mask <<= 1;
		n++;
	}
	return n;
}

static struct json_object *mctp_json(const struct mctp_table_link *m)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();

	cli_add_number(o, "network", m->network);
	cli_add_number(o, "own_eid", m->own_eid);
	for (uint8_t i = 0; i < m->eids; i++)
		json_object_array_add(list, json_object_new_int(m->eid[i]));
	json_object_object_add(o, "eids", list);
	return o;
}

static struct json_object *function_json(const struct function *f)
{
	struct json_object *o = json_object_new_object();
	char address[32] = "";

	if (f->address)
		snprintf(address, sizeof(address), "%s/%d",
			 hostnet_text(f->address), bits(f->mask));
	cli_add_text(o, "usb", f->usb);
	cli_add_text(o, "name", f->name);
	if (f->driver_known)
		cli_add_text(o, "driver", f->driver);
	else
		json_object_object_add(o, "driver", NULL);
	cli_add_text(o, "interface", f->net);
	cli_add_text(o, "address", address);
	cli_add_text(o, "board", f->board ? hostnet_text(f->board) : "");
	json_object_object_add(o, "ssh", json_object_new_boolean(f->ssh));
	json_object_object_add(o, "mctp", f->mctp ? mctp_json(f->mctp) : NULL);
	return o;
}

static void print_function(const struct function *f)
{
	printf("  %-10s %-20s %s", text_show(f->usb), f->name,
	       f->driver[0]	 ? text_show(f->driver)
	       : f->driver_known ? "no driver"
				 : "driver unknown");
	if (f->net[0])
		printf("  %s", text_show(f->net));
	if (f->address)
		printf("  %s/%d  board %s: %s", hostnet_text(f->address),
		       bits(f->mask), hostnet_text(f->board),
		       f->ssh ? "SSH answers" : "no SSH");
	else if (f->net[0] && !f->mctp)
		printf("  no address");
	if (f->mctp) {
		printf("  network %u", f->mctp->network);
		for (uint8_t i = 0; i < f->mctp->eids; i++)
			printf("%s%u", i ? ", " : "  EID ", f->mctp->eid[i]);
		if (!f->mctp->eids)
			printf("  no EID");
	}
	putchar('\n');
}

static void print_device(struct libusb_host_device *d, const char *place)
{
	char advice[ADVICE_TEXT];

	printf("%s  %04x:%04x", place, d->vendor, d->product);
	if (d->maker[0] || d->name[0])
		printf("  %s%s%s", text_show(d->maker),
		       d->maker[0] && d->name[0] ? " " : "",
		       text_show(d->name));
	if (d->serial[0])
		printf("  serial %s", text_show(d->serial));
	if (d->kbps)
		printf("  %u%s Mb/s", d->kbps / 1000,
		       d->kbps % 1000 ? ".5" : "");
	if (d->denied)
		printf("  (no permission to open it: %s)",
		       advice_text(ADVICE_USB_PERMISSION, NULL, advice));
	putchar('\n');
}

static struct json_object *device_json(const struct via_device *d,
				       const char *place)
{
	struct json_object *o = via_device_json(d);

	cli_add_text(o, "place", place);
	cli_add_number(o, "kbps", d->usb.kbps);
	json_object_object_add(o, "denied",
			       json_object_new_boolean(d->usb.denied));
	return o;
}

/* Read the drive of an MCTP device. Returns false if it has none, or cannot be
 * reached. *drive is static. */
static bool read_drive(const struct via *v, const struct via_device *device,
		       const struct drive_list_drive **drive)
{
	static struct drive_list_drive kept;
	struct drive_list list = { 0 };
	bool reached = false;

	drive_list_add_device(&list, v, device);
	if (list.count) {
		reached = drive_list_read(&list.drive[0]);
		kept = list.drive[0];
		*drive = &kept;
	}
	drive_list_free(&list);
	return reached;
}

static void add_drive(struct json_object *o, const struct via *v,
		      const struct via_device *device)
{
	const struct drive_list_drive *d;
	struct json_object *drive = NULL;

	if (read_drive(v, device, &d)) {
		drive = json_object_new_object();
		cli_add_text(drive, "serial", d->serial);
		cli_add_text(drive, "model", d->model);
		cli_add_text(drive, "firmware", d->firmware);
	}
	json_object_object_add(o, "drive", drive);
}

static void print_drive(const struct via *v, const struct via_device *device)
{
	const struct drive_list_drive *d;

	if (read_drive(v, device, &d))
		printf("  drive  %s  serial %s\n", d->model, d->serial);
}

static void list_local(struct ls *l, struct via_device *d)
{
	struct json_object *functions = json_object_new_array();
	struct function f;
	char place[LIBUSB_HOST_PLACE];

	libusb_host_place(&d->usb, place, sizeof(place));
	if (!l->list)
		print_device(&d->usb, place);
	for (uint8_t i = 0; i < d->usb.interfaces; i++) {
		/* belongs to the control interface */
		if (d->usb.interface[i].class == CDC_DATA)
			continue;
		read_function(l, &d->usb, i, &f);
		if (l->list)
			json_object_array_add(functions, function_json(&f));
		else
			print_function(&f);
	}
	if (l->list) {
		struct json_object *o = device_json(d, place);

		json_object_object_add(o, "functions", functions);
		add_drive(o, &l->via, d);
		json_object_array_add(l->list, o);
	} else {
		print_drive(&l->via, d);
		json_object_put(functions);
	}
}

/* List a device that a USB/IP server offers. Its functions are unknown until
 * this host imports the device. */
static void list_remote(struct ls *l, struct via_device *d)
{
	if (l->list) {
		struct json_object *o = device_json(d, "");

		json_object_object_add(o, "functions", json_object_new_array());
		add_drive(o, &l->via, d);
		json_object_array_add(l->list, o);
		return;
	}
	printf("%s  %04x:%04x  offered over USB/IP: tether --via %s\n",
	       text_show(d->via), d->vendor, d->product, text_show(d->via));
	print_drive(&l->via, d);
}

static void list_all(struct ls *l, struct via_list *all)
{
	for (size_t i = 0; i < all->count; i++) {
		struct via_device *d = &all->device[i];

		if (d->local && !is_board(&d->usb) &&
		    !cli_option_given(l->c, "all"))
			continue;
		if (!d->local && l->busid[0] && strcmp(l->busid, d->busid) != 0)
			continue;
		l->listed++;
		if (d->local)
			list_local(l, d);
		else
			list_remote(l, d);
	}
}

static int run(struct cli *c)
{
	static struct ls l;
	struct via_list all;
	struct via v;
	char error[CLI_ERROR];

	l = (struct ls){ .c = c };
	if (!via_parse(c, &v))
		return EXIT_USAGE;
	if (v.kind == VIA_MCTP || v.kind == VIA_SERIAL)
		v.kind = VIA_ANY;
	/* Ask the server for its list even if --via names one device, because
	 * the device may be missing. */
	memcpy(l.busid, v.busid, sizeof(l.busid));
	v.busid[0] = '\0';
	l.via = v;
	if (via_find(&v, &all, error))
		return cli_fail(c, "cannot list devices: %s", error);
	hostnet_read(&l.net);
	(void)mctp_table_read(&l.mctp); /* without AF_MCTP: empty */
	if (c->json)
		l.list = json_object_new_array();
	list_all(&l, &all);
	free(all.device);
	if (c->json)
		cli_print_json(l.list);
	else if (!l.listed)
		puts("no board and no MCTP device found. `tether ls --all` "
		     "lists other USB devices, `tether doctor` finds the "
		     "reason");
	return EXIT_OK;
}

static const struct cli_option options[] = {
	{ .name = "all",
	  .letter = 'a',
	  .help = "List all other USB devices, too" },
	{ 0 },
};

const struct cli_verb board_ls_verb = {
	.name = "ls",
	.synopsis = "[--all]",
	.run = run,
	.options = options,
	.help = "List boards and MCTP devices of this host",
	.text = "For each function of a device: its driver, the network "
		"interface with its\naddress, whether SSH answers, and the "
		"network and EIDs of MCTP. For a drive:\nits model and serial "
		"number.",
	.examples = "tether ls --json\n",
	.device = true,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* tether inspect: prints which systems have a driver for a USB device, and
 * which rules the device breaks. usbrules.h holds the rules. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cli/board/osdesc.h"
#include "cli/text.h"
#include "cli/board/usbrules.h"
#include "cli/color.h"
#include "cli/verbs.h"
#include "cli/via.h"
#include "host/usbfile.h"

enum {
	FILE_SIZE_MAX = 16 << 20, /* captures are long */
	DEVICE_LENGTH = 18,
	GET_NTB_PARAMETERS = 0x80,
	NTB_LENGTH = 28,
};

/* What is known of the device. */
struct inspected {
	struct usbrules_device device;
	struct usbdesc usb[USBFILE_CONFIGURATIONS];
	char mac[64];
};

/* The configurations in a file all belong to its device descriptor. */
static int add_configuration(struct inspected *d, const uint8_t *device,
			     const uint8_t *data, size_t len)
{
	struct usbdesc *usb = &d->usb[d->device.configurations];

	if (usbdesc_device(usb, device, DEVICE_LENGTH))
		return ERR_INVALID;
	if (usbdesc_configuration(usb, data, len))
		return ERR_FULL;
	d->device.configurations++;
	return ERR_OK;
}

/* Index of the string with the MAC address; 0: none. */
static uint8_t find_mac(const struct inspected *d)
{
	for (int n = 0; n < d->device.configurations; n++)
		for (uint8_t k = 0; k < d->usb[n].interfaces; k++)
			if (d->usb[n].interface[k].mac_string)
				return d->usb[n].interface[k].mac_string;
	return 0;
}

/* Decode what a file contains. */
static int use_file(const struct cli *c, const char *path,
		    const struct usbfile *f, enum usbfile_format format,
		    struct inspected *d)
{
	uint8_t mac;

	if (!f->has_device)
		return cli_fail(c,
				"%s does not start with a device descriptor, "
				"read as %s. Give a file of sysfs, lsusb -v, a "
				"dump in hex, or a capture with the "
				"enumeration of the device",
				path, usbfile_format_name(format));
	for (int i = 0; i < f->configurations; i++) {
		if (!f->configuration[i].len)
			continue; /* a capture may lack one */
		if (add_configuration(d, f->device, f->configuration[i].data,
				      f->configuration[i].len))
			return cli_fail(
				c, "%s: malformed configuration descriptor %d",
				path, i + 1);
	}
	if (!d->device.configurations)
		return cli_fail(
			c, "%s: malformed or missing configuration descriptor",
			path);
	mac = find_mac(d);
	if (mac < USBFILE_STRINGS)
		snprintf(d->mac, sizeof(d->mac), "%s", f->string[mac]);
	return EXIT_OK;
}

static int read_file(const struct cli *c, const char *path, struct inspected *d)
{
	static struct usbfile f;
	struct text t = { 0 };
	enum usbfile_format format;
	int status;

	if (text_read(&t, path, FILE_SIZE_MAX)) {
		status = cli_fail(c, "cannot read %s: %s", path,
				  strerror(errno));
		text_free(&t);
		return status;
	}
	format = usbfile_read(&f, (const uint8_t *)text_get(&t), t.len);
	status = use_file(c, path, &f, format, d);
	text_free(&t);
	return status;
}

/* `name` is the device's place in the USB tree, such as "1-2.1". */
static int read_sysfs(const struct cli *c, const char *name,
		      struct inspected *d)
{
	char path[128];

	if (strchr(name, '/') || name[0] == '.' || strlen(name) > 64)
		return cli_fail(c,
				"invalid device \"%s\". Give its place as "
				"Linux names it (1-2), --file or --via",
				name);
	snprintf(path, sizeof(path), "/sys/bus/usb/devices/%s/descriptors",
		 name);
	return read_file(c, path, d);
}

/* The control interface of the first NCM function, or NULL. */
static const struct usbdesc_interface *find_ncm(const struct inspected *d)
{
	return usbdesc_find(&d->usb[0], 2, 0x0d, -1);
}

/* Read the NTB parameters, NCM 1.0 6.2.1. wNdpOutDivisor is at byte 20. */
static void read_ntb(struct usbhost *h, struct inspected *d)
{
	const struct usbdesc_interface *i = find_ncm(d);
	uint8_t data[NTB_LENGTH], setup[8] = { 0xa1, GET_NTB_PARAMETERS };
	int n;

	if (!i)
		return;
	setup[4] = i->number;
	setup[6] = NTB_LENGTH;
	n = usbhost_control(h, setup, data, sizeof(data));
	/* The kernel refuses the request while its own driver is bound. */
	if (n < 0)
		return;
	d->device.ntb_known =
		n == NTB_LENGTH ? USBRULES_NTB : USBRULES_NTB_NONE;
	if (n == NTB_LENGTH)
		d->device.ndp_out_divisor =
			(uint16_t)(data[20] | data[21] << 8);
}

static int read_via(struct cli *c, struct inspected *d)
{
	uint8_t device[DEVICE_LENGTH], data[USBFILE_LENGTH];
	struct usbdesc first;
	int n, status = via_open_usb(c);

	if (status)
		return status;
	n = usbhost_get_descriptor(c->host, 1, 0, device, DEVICE_LENGTH);
	if (n < 0 || usbdesc_device(&first, device, (size_t)n))
		return cli_fail(c, "cannot read the device descriptor: %s",
				n < 0 ? c->host->error : "malformed");
	for (uint8_t i = 0;
	     !i || (i < first.configurations && i < USBFILE_CONFIGURATIONS);
	     i++) {
		n = usbhost_get_descriptor(c->host, 2, i, data, sizeof(data));
		if (n >= 0 && !add_configuration(d, device, data, (size_t)n))
			continue;
		return cli_fail(c,
				"cannot read configuration descriptor %d: %s",
				i + 1, n < 0 ? c->host->error : "malformed");
	}
	usbhost_get_string(c->host, find_mac(d), d->mac, sizeof(d->mac));
	read_ntb(c->host, d);
	osdesc_read(c->host, &d->device);
	return EXIT_OK;
}

/* --- output --- */

static struct json_object *json_verdict(enum usbrules_system system,
					enum usbrules_purpose purpose,
					const struct usbrules_verdict *v)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();

	cli_add_text(o, "system", usbrules_system_name(system));
	cli_add_text(o, "purpose", usbrules_purpose_name(purpose));
	cli_add_text(o, "answer", usbrules_answer_name(v->answer));
	cli_add_text(o, "driver", v->driver ? v->driver : "");
	cli_add_text(o, "function", v->function ? v->function : "");
	for (int i = 0; i < v->findings; i++) {
		struct json_object *f = json_object_new_object();

		cli_add_text(f, "answer",
			     usbrules_answer_name(v->finding[i].answer));
		cli_add_text(f, "rule", v->finding[i].rule);
		cli_add_text(f, "fix", v->finding[i].fix);
		cli_add_text(f, "source", v->finding[i].source);
		cli_add_text(f, "symptom",
			     v->finding[i].symptom ? v->finding[i].symptom
						   : "");
		json_object_array_add(list, f);
	}
	json_object_object_add(o, "findings", list);
	return o;
}

static void print_verdict(const struct cli *c, enum usbrules_system system,
			  enum usbrules_purpose purpose,
			  const struct usbrules_verdict *v)
{
	static const enum color colors[] = {
		[USBRULES_NO] = COLOR_BAD,
		[USBRULES_DOUBT] = COLOR_NOTE,
		[USBRULES_UNKNOWN] = COLOR_NOTE,
		[USBRULES_YES] = COLOR_GOOD,
	};

	printf("%-11s %-8s ", usbrules_system_name(system),
	       usbrules_purpose_name(purpose));
	color_print(c, stdout, colors[v->answer], 9,
		    usbrules_answer_name(v->answer));
	printf("%s%s%s\n", v->function ? v->function : "",
	       v->driver ? " by " : "", v->driver ? v->driver : "");
	for (int i = 0; i < v->findings; i++) {
		const struct usbrules_finding *f = &v->finding[i];

		printf("    %s%s\n      fix: %s\n",
		       f->answer == USBRULES_UNKNOWN ? "cannot be checked: "
						     : "",
		       f->rule, f->fix);
		if (f->symptom)
			printf("      seen as: %s\n", f->symptom);
		if (cli_option_given(c, "verbose"))
			printf("      source: %s\n", f->source);
	}
}

static void print_verdicts(const struct cli *c, const struct usbrules_device *d)
{
	struct json_object *all = c->json ? json_object_new_array() : NULL;
	struct usbrules_verdict v;

	for (enum usbrules_system s = 0; s < USBRULES_SYSTEMS; s++) {
		for (enum usbrules_purpose p = 0; p < USBRULES_PURPOSES; p++) {
			usbrules_judge(d, s, p, &v);
			if (all)
				json_object_array_add(all,
						      json_verdict(s, p, &v));
			else if (v.function || p == USBRULES_NETWORK)
				print_verdict(c, s, p, &v);
		}
	}
	if (all)
		cli_print_json(all);
}

static int run(struct cli *c)
{
	static struct inspected d;
	const char *file = cli_option_text(c, "file");
	const char *id = cli_option_text(c, "compatible-id");
	int status;

	d.device.usb = d.usb;
	if (file)
		status = read_file(c, file, &d);
	else if (c->arguments)
		status = read_sysfs(c, c->argument[0], &d);
	else
		status = read_via(c, &d);
	if (status)
		return status;
	if (!file && c->arguments)
		osdesc_read_place(c->argument[0], &d.device);
	d.device.mac = cli_option_text(c, "mac");
	if (!d.device.mac && d.mac[0])
		d.device.mac = d.mac;
	if (id) {
		d.device.id_known =
			strcmp(id, "none") ? USBRULES_ID : USBRULES_ID_NONE;
		snprintf(d.device.compatible_id, sizeof(d.device.compatible_id),
			 "%.8s", id);
	}
	print_verdicts(c, &d.device);
	return EXIT_OK;
}

static const struct cli_option options[] = {
	{ .name = "file",
	  .letter = 'f',
	  .value = "FILE",
	  .type = CLI_FILE,
	  .help = "Read a file: sysfs, lsusb -v, hex dump, pcap or pcapng" },
	{ .name = "compatible-id",
	  .value = "ID",
	  .type = CLI_TEXT,
	  .help = "Assume this Microsoft ID: WINNCM, RNDIS or none" },
	{ .name = "mac",
	  .value = "TEXT",
	  .type = CLI_TEXT,
	  .help = "Assume this Ethernet MAC string" },
	{ .name = "verbose",
	  .letter = 'v',
	  .help = "Print the source of each rule, too" },
	{ 0 },
};

const struct cli_verb board_inspect_verb = {
	.name = "inspect",
	.synopsis = "[DEVICE | --file FILE | --via VIA]",
	.max_arguments = 1,
	.run = run,
	.options = options,
	.help = "Tell which systems have a driver for a USB device",
	.text = "For macOS, iPadOS, Windows 10 and 11 and Linux: the driver "
		"that binds, or the\nbroken rule and what to change on the "
		"board. DEVICE is its place as Linux names\nit: 1-2.",
	.examples = "tether inspect 1-2\n",
	.device = true,
};

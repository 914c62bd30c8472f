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
#include "posix/parse.h"

enum { FILE_SIZE_MAX = 65536, DEVICE_LENGTH = 18 };

/* Decode a text of hex digits in place. Other content stays unchanged. */
static void decode_hex(struct text *t)
{
	static uint8_t bytes[FILE_SIZE_MAX];
	size_t len;

	if (strlen(text_get(t)) != t->len ||
	    parse_hex_bytes(text_get(t), " \t\r\n", bytes, sizeof(bytes), &len))
		return;
	memcpy(t->at, bytes, len);
	t->len = len;
}

static int read_file(const struct cli *c, const char *path, struct usbdesc *d)
{
	struct text t = { 0 };
	const uint8_t *data;
	int status = EXIT_OK;

	if (text_read(&t, path, FILE_SIZE_MAX)) {
		status = cli_fail(c, "cannot read %s: %s", path,
				  strerror(errno));
		text_free(&t);
		return status;
	}
	decode_hex(&t);
	data = (const uint8_t *)text_get(&t);
	if (t.len < DEVICE_LENGTH || usbdesc_device(d, data, DEVICE_LENGTH))
		status = cli_fail(
			c, "%s does not start with a device descriptor", path);
	else if (usbdesc_configuration(d, data + DEVICE_LENGTH,
				       t.len - DEVICE_LENGTH))
		status = cli_fail(c, "%s: malformed configuration descriptor",
				  path);
	text_free(&t);
	return status;
}

/* `name` is the device's place in the USB tree, such as "1-2.1". */
static int read_sysfs(const struct cli *c, const char *name, struct usbdesc *d)
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

static int read_via(struct cli *c, struct usbdesc *d,
		    struct usbrules_device *more, char *mac, size_t cap)
{
	uint8_t data[1024];
	const struct usbdesc_interface *i = NULL;
	int n, status;

	status = via_open_usb(c);
	if (status)
		return status;
	n = usbhost_get_descriptor(c->host, 1, 0, data, DEVICE_LENGTH);
	if (n < 0 || usbdesc_device(d, data, (size_t)n))
		return cli_fail(c, "cannot read the device descriptor: %s",
				n < 0 ? c->host->error : "malformed");
	n = usbhost_get_descriptor(c->host, 2, 0, data, sizeof(data));
	if (n < 0 || usbdesc_configuration(d, data, (size_t)n))
		return cli_fail(c,
				"cannot read the configuration descriptor: %s",
				n < 0 ? c->host->error : "malformed");
	for (uint8_t k = 0; k < d->interfaces && !i; k++)
		if (d->interface[k].mac_string)
			i = &d->interface[k];
	if (i)
		usbhost_get_string(c->host, i->mac_string, mac, cap);
	osdesc_read(c->host, more);
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
	static struct usbdesc usb;
	struct usbrules_device d = { .usb = &usb };
	const char *file = cli_option_text(c, "file");
	const char *id = cli_option_text(c, "compatible-id");
	char mac[64] = "";
	int status;

	if (file)
		status = read_file(c, file, &usb);
	else if (c->arguments)
		status = read_sysfs(c, c->argument[0], &usb);
	else
		status = read_via(c, &usb, &d, mac, sizeof(mac));
	if (status)
		return status;
	if (!file && c->arguments)
		osdesc_read_place(c->argument[0], &d);
	d.mac = cli_option_text(c, "mac");
	if (!d.mac && mac[0])
		d.mac = mac;
	if (id) {
		d.id_known =
			strcmp(id, "none") ? USBRULES_ID : USBRULES_ID_NONE;
		snprintf(d.compatible_id, sizeof(d.compatible_id), "%.8s", id);
	}
	print_verdicts(c, &d);
	return EXIT_OK;
}

static const struct cli_option options[] = {
	{ .name = "file",
	  .letter = 'f',
	  .value = "FILE",
	  .type = CLI_FILE,
	  .help = "Read device and configuration descriptor, binary or hex" },
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

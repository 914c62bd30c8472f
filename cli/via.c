/* SPDX-License-Identifier: Apache-2.0 */
/* Parses --via, and lists the devices that it may mean. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/via.h"

#include "base/err.h"
#include "cli/cli.h"
#include "host/usbip_client.h"
#include "posix/parse.h"

static bool copy_part(char *to, size_t cap, const char *from, size_t len)
{
	if (!len || len >= cap)
		return false;
	memcpy(to, from, len);
	to[len] = '\0';
	return true;
}

/* HOST[:PORT][/BUSID], an IPv6 address in brackets. */
static bool split_usbip(const char *text, struct via *v)
{
	size_t len = strcspn(text, "/");
	const char *slash = text + len, *host = text, *port;
	uint64_t number;

	if (*slash && !copy_part(v->busid, sizeof(v->busid), slash + 1,
				 strlen(slash + 1)))
		return false;
	if (*text == '[') {
		const char *close = memchr(text, ']', len);

		if (!close || !copy_part(v->host, sizeof(v->host), text + 1,
					 (size_t)(close - text) - 1))
			return false;
		port = close + 1;
	} else {
		size_t host_len = strcspn(text, ":/");

		if (!copy_part(v->host, sizeof(v->host), host, host_len))
			return false;
		port = text + host_len;
	}
	if (port == slash)
		return true;
	return *port == ':' &&
	       copy_part(v->port, sizeof(v->port), port + 1,
			 (size_t)(slash - port) - 1) &&
	       !parse_number(v->port, 10, 1, 65535, &number);
}

/* Parse four hex digits. Returns the text behind them, or NULL. */
static const char *split_id(const char *text, int *id)
{
	uint8_t bytes[2];
	char digits[5] = "";

	if (strspn(text, "0123456789abcdefABCDEF") != 4)
		return NULL;
	memcpy(digits, text, 4);
	if (parse_hex(digits, 0, bytes, sizeof(bytes)))
		return NULL;
	*id = bytes[0] << 8 | bytes[1];
	return text + 4;
}

/* [:VID:PID][,serial=S] */
static bool split_usb(const char *text, struct via *v)
{
	v->vendor = v->product = -1;
	if (*text == ':') {
		text = split_id(text + 1, &v->vendor);
		if (text)
			text = *text == ':' ? split_id(text + 1, &v->product)
					    : NULL;
		if (!text)
			return false;
	}
	if (!*text)
		return true;
	return !strncmp(text, ",serial=", 8) &&
	       copy_part(v->serial, sizeof(v->serial), text + 8,
			 strlen(text + 8));
}

/* NET,EID */
static bool split_mctp(const char *text, struct via *v)
{
	char network[16];
	size_t len = strcspn(text, ",");
	uint64_t n, eid;

	if (text[len] != ',' ||
	    !copy_part(network, sizeof(network), text, len) ||
	    parse_number(network, 10, 1, UINT32_MAX, &n) ||
	    parse_number(text + len + 1, 10, 8, 254, &eid))
		return false;
	v->network = (uint32_t)n;
	v->eid = (uint8_t)eid;
	return true;
}

/* PATH[,BAUD] */
static bool split_serial(const char *text, struct via *v)
{
	size_t len = strcspn(text, ",");
	uint64_t baud = 0;

	if (!copy_part(v->path, sizeof(v->path), text, len) ||
	    (text[len] &&
	     parse_number(text + len + 1, 10, 1, UINT32_MAX, &baud)))
		return false;
	v->baud = (uint32_t)baud;
	return true;
}

static bool parse_value(const char *text, struct via *v)
{
	if (!strncmp(text, "usbip:", 6)) {
		v->kind = VIA_USBIP;
		return split_usbip(text + 6, v);
	}
	if (!strncmp(text, "mctp:", 5)) {
		v->kind = VIA_MCTP;
		return split_mctp(text + 5, v);
	}
	if (!strncmp(text, "serial:", 7)) {
		v->kind = VIA_SERIAL;
		return split_serial(text + 7, v);
	}
	if (strncmp(text, "usb", 3) != 0)
		return false;
	v->kind = VIA_USB;
	return split_usb(text + 3, v);
}

bool via_parse(struct cli *c, struct via *v)
{
	const char *via = c->via ? c->via : getenv("TETHER_VIA");

	*v = (struct via){
		.host = "127.0.0.1", .port = "3240", .vendor = -1, .product = -1
	};
	if (!via || !*via || parse_value(via, v))
		return true;
	(void)cli_fail_usage(c,
			     "--via %s: expected usb[:VID:PID][,serial=S], "
			     "usbip:HOST[:PORT][/BUSID], mctp:NET,EID or "
			     "serial:PATH[,BAUD], as in usb:ccde:0000, "
			     "usbip:127.0.0.1:3240/1-1, mctp:1,9 or "
			     "serial:/dev/ttyUSB0,115200",
			     via);
	return false;
}

/* --- list of devices --- */

static void add_device(struct via_list *all, const struct via_device *d)
{
	struct via_device *more =
		realloc(all->device, (all->count + 1) * sizeof(*more));

	if (!more)
		return;
	all->device = more;
	all->device[all->count++] = *d;
}

static void add_usbip(const struct via *v, struct via_list *all,
		      const char *busid, uint16_t vendor, uint16_t product)
{
	struct via_device d = { .vendor = vendor,
				.product = product,
				.mctp = true };

	snprintf(d.busid, sizeof(d.busid), "%s", busid);
	snprintf(d.via, sizeof(d.via),
		 strchr(v->host, ':') ? "usbip:[%s]:%s/%s" : "usbip:%s:%s/%s",
		 v->host, v->port, busid);
	add_device(all, &d);
}

static int find_usbip(const struct via *v, struct via_list *all, char *error)
{
	struct usbip_device *list;
	int n;

	if (v->busid[0]) { /* a missing device makes the import fail */
		add_usbip(v, all, v->busid, 0, 0);
		return 0;
	}
	n = usbip_client_list(v->host, v->port, &list, error, CLI_ERROR);
	if (n < 0)
		return n;
	for (int i = 0; i < n; i++)
		add_usbip(v, all, list[i].busid, list[i].vendor,
			  list[i].product);
	free(list);
	return 0;
}

static int find_usb(const struct via *v, struct via_list *all, char *error)
{
	struct libusb_host_device *list;
	int n = libusb_host_list(&list, error, CLI_ERROR);

	if (n < 0)
		return n;
	for (int i = 0; i < n; i++) {
		const struct libusb_host_device *u = &list[i];
		struct via_device d = { .vendor = u->vendor,
					.product = u->product,
					.mctp = u->mctp,
					.local = true,
					.usb = *u };

		if ((v->vendor >= 0 && v->vendor != u->vendor) ||
		    (v->product >= 0 && v->product != u->product) ||
		    (v->serial[0] && strcmp(v->serial, u->serial) != 0))
			continue;
		snprintf(d.via, sizeof(d.via), "usb:%04x:%04x%s%s", u->vendor,
			 u->product, u->serial[0] ? ",serial=" : "", u->serial);
		add_device(all, &d);
	}
	free(list);
	return 0;
}

int via_find(const struct via *v, struct via_list *all, char *error)
{
	char ignored[CLI_ERROR];

	memset(all, 0, sizeof(*all));
	if (v->kind == VIA_USBIP)
		return find_usbip(v, all, error);
	if (v->kind == VIA_USB)
		return find_usb(v, all, error);
	/* A machine without USB or without a USB/IP server is no error. */
	(void)find_usb(v, all, ignored);
	(void)find_usbip(v, all, ignored);
	return 0;
}

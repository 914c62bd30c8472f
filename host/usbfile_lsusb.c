/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rebuilds descriptors from the text of lsusb -v. Each field is a line "name
 * value text"; the first letters of the name are the size, as USB spells them
 * (bLength, wTotalLength, idVendor, bcdUSB). Class-specific descriptors lack
 * their length and type.
 */
#include "host/usbfile.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DESCRIPTOR = 255, CS_INTERFACE = 0x24, LINE = 160 };

/* A descriptor that is being rebuilt, and the configuration around it. */
struct rebuild {
	struct usbfile *f;
	uint8_t bytes[DESCRIPTOR];
	size_t len;
	bool active, device;
	bool counted; /* bLength is not in the text: it is the final length */
	uint8_t all[USBFILE_LENGTH];
	size_t used;
};

/* The sections that a host's choice of driver needs; a CDC section has a
 * subtype and starts without length and type. */
static const struct section {
	const char *title;
	int subtype;
} sections[] = {
	{ "Device Descriptor:", -1 },
	{ "Configuration Descriptor:", -1 },
	{ "Interface Association:", -1 },
	{ "Interface Descriptor:", -1 },
	{ "Endpoint Descriptor:", -1 },
	{ "CDC Header:", 0 },
	{ "CDC Call Management:", 1 },
	{ "CDC ACM:", 2 },
	{ "CDC Union:", 6 },
	{ "CDC Ethernet:", 15 },
	{ "CDC NCM:", 26 },
	{ "CDC MBIM:", 27 },
};

static const struct section *find_section(const char *line)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (!strcmp(line, sections[i].title))
			return &sections[i];
	return NULL;
}

static void end_configuration(struct rebuild *r)
{
	if (r->used >= 4) {
		/* lsusb omits descriptors that it cannot decode. */
		r->all[2] = (uint8_t)r->used;
		r->all[3] = (uint8_t)(r->used >> 8);
		usbfile_add_configuration(r->f, -1, r->all, r->used);
	}
	r->used = 0;
}

static void end_descriptor(struct rebuild *r)
{
	if (!r->active)
		return;
	r->active = false;
	if (r->counted)
		r->bytes[0] = (uint8_t)r->len;
	/* A field that this lsusb does not print is 0. */
	r->len = r->bytes[0];
	if (r->len < 2)
		return;
	if (r->device) {
		if (r->len == USBFILE_DEVICE) {
			memcpy(r->f->device, r->bytes, USBFILE_DEVICE);
			r->f->has_device = true;
		}
		return;
	}
	if (r->bytes[1] == 2)
		end_configuration(r);
	if ((r->used || r->bytes[1] == 2) &&
	    r->used + r->len <= sizeof(r->all)) {
		memcpy(r->all + r->used, r->bytes, r->len);
		r->used += r->len;
	}
}

static void begin_descriptor(struct rebuild *r, const struct section *s)
{
	end_descriptor(r);
	memset(r->bytes, 0, sizeof(r->bytes));
	r->active = true;
	r->device = s == sections;
	r->counted = s->subtype >= 0;
	r->len = 0;
	if (!r->counted)
		return;
	r->bytes[1] = CS_INTERFACE;
	r->bytes[2] = (uint8_t)s->subtype;
	r->len = 3;
}

static void add_value(struct rebuild *r, unsigned long value, size_t size)
{
	for (; size && r->len < sizeof(r->bytes); size--, value >>= 8)
		r->bytes[r->len++] = (uint8_t)value;
}

/* "2.00" is 0200h. */
static unsigned long parse_bcd(const char *s)
{
	char *end;
	unsigned long high = strtoul(s, &end, 16), low = 0;

	if (*end == '.')
		low = strtoul(end + 1, NULL, 16);
	return (high & 0xff) << 8 | (low & 0xff);
}

static size_t field_size(const char *name)
{
	if (!strncmp(name, "dw", 2) || !strcmp(name, "bmEthernetStatistics"))
		return 4;
	if (!strncmp(name, "bcd", 3) || !strncmp(name, "id", 2) ||
	    (name[0] == 'w' && isupper((unsigned char)name[1])))
		return 2;
	if (!strcmp(name, "MaxPower") || !strncmp(name, "bm", 2) ||
	    ((name[0] == 'b' || name[0] == 'i') &&
	     isupper((unsigned char)name[1])))
		return 1;
	return 0;
}

static void keep_string(struct usbfile *f, const char *value)
{
	char *text;
	unsigned long index = strtoul(value, &text, 10);

	while (*text == ' ')
		text++;
	if (index && index < USBFILE_STRINGS && *text)
		snprintf(f->string[index], USBFILE_TEXT, "%.*s",
			 USBFILE_TEXT - 1, text);
}

static void read_field(struct rebuild *r, char *line)
{
	size_t n = strcspn(line, " "), size;
	char *value = line + n + strspn(line + n, " ");

	line[n] = '\0';
	size = field_size(line);
	if (!size || !*value)
		return;
	if (!strncmp(line, "bcd", 3))
		add_value(r, parse_bcd(value), 2);
	else if (!strcmp(line, "MaxPower"))
		add_value(r, strtoul(value, NULL, 10) / 2, 1);
	else
		add_value(r, strtoul(value, NULL, 0), size);
	if (line[0] == 'i' && size == 1)
		keep_string(r->f, value);
}

/* "** UNRECOGNIZED:  05 24 06 00 01" is a whole descriptor. */
static void read_unrecognized(struct rebuild *r, const char *s)
{
	const struct section any = { "", 0 };

	begin_descriptor(r, &any);
	r->len = 0;
	r->counted = false;
	while (*s) {
		char *end;
		unsigned long value = strtoul(s, &end, 16);

		if (end == s)
			break;
		add_value(r, value, 1);
		s = end;
	}
	if (r->bytes[0] != r->len)
		r->active = false;
	end_descriptor(r);
}

bool usbfile_is_lsusb(const char *text, size_t len)
{
	static const char title[] = "Device Descriptor:";

	for (size_t i = 0; i + sizeof(title) - 1 <= len; i++)
		if (!memcmp(text + i, title, sizeof(title) - 1))
			return true;
	return false;
}

static void read_line(struct rebuild *r, char *line)
{
	static const char unrecognized[] = "** UNRECOGNIZED:";
	const struct section *s = find_section(line);
	size_t n = strlen(line);

	if (s)
		begin_descriptor(r, s);
	else if (!strncmp(line, unrecognized, sizeof(unrecognized) - 1))
		read_unrecognized(r, line + sizeof(unrecognized) - 1);
	else if (n && line[n - 1] == ':')
		end_descriptor(r); /* another kind of section */
	else if (r->active)
		read_field(r, line);
}

void usbfile_read_lsusb(struct usbfile *f, const char *text, size_t len)
{
	static struct rebuild r;
	bool begun = false;

	memset(&r, 0, sizeof(r));
	r.f = f;
	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len, used = n;
		const char *at = text;
		char line[LINE];

		text += end ? n + 1 : n;
		len -= end ? n + 1 : n;
		for (; used && isspace((unsigned char)*at); used--)
			at++;
		while (used && isspace((unsigned char)at[used - 1]))
			used--;
		snprintf(line, sizeof(line), "%.*s",
			 (int)(used < LINE ? used : LINE - 1), at);
		/* Take the first of several devices. */
		if (!strcmp(line, "Device Descriptor:")) {
			if (begun)
				break;
			begun = true;
		}
		read_line(&r, line);
	}
	end_descriptor(&r);
	end_configuration(&r);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "device/vector_fields.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "posix/parse.h"

enum {
	NAME_SIZE = 48,
	LAYOUTS = 160,
	FIELDS = 1600,
	LAYOUT_BYTES = 4608,
	LINE_SIZE = 512,
	LAYOUT_FIELDS = 400,
};

struct field {
	char name[NAME_SIZE];
	size_t byte;
	unsigned int bit;  /* least significant bit within the byte */
	unsigned int bits; /* 0: whole bytes */
	size_t size;	   /* bytes, if bits is 0 */
	bool text;	   /* ASCII, padded with spaces */
};

struct layout {
	char name[NAME_SIZE];
	size_t size;
	size_t fields, first; /* in field[] */
	uint8_t *constant;    /* size bytes */
};

static struct layout layouts[LAYOUTS];
static size_t layout_count;
static struct field fields[FIELDS];
static size_t field_count;

static int fail(const char *what, const char *text)
{
	fprintf(stderr, "vector: %s: \"%s\"\n", what, text);
	return ERR_INVALID;
}

static struct layout *find_layout(const char *name)
{
	for (size_t i = 0; i < layout_count; i++)
		if (!strcmp(layouts[i].name, name))
			return &layouts[i];
	return NULL;
}

/* Search from the last definition on: a layout may redefine a field of its base
 * layout. */
static const struct field *find_field(const struct layout *l, const char *name)
{
	for (size_t i = l->fields; i-- > 0;)
		if (!strcmp(fields[l->first + i].name, name))
			return &fields[l->first + i];
	return NULL;
}

/* --- layouts --- */

static int add_layout(const char *name, const char *size_or_base)
{
	const struct layout *base = find_layout(size_or_base);
	struct layout *l = &layouts[layout_count];
	size_t extra = base ? base->fields : 0;

	if (find_layout(name) || layout_count == LAYOUTS ||
	    field_count + extra > FIELDS)
		return fail("layout given twice, or too many", name);
	l->size = base ? base->size : strtoul(size_or_base, NULL, 10);
	if (l->size > LAYOUT_BYTES || (!base && !isdigit(*size_or_base)))
		return fail("no such base, or no size", size_or_base);
	snprintf(l->name, sizeof(l->name), "%s", name);
	l->constant = calloc(1, l->size + 1);
	if (!l->constant)
		return fail("out of memory", name);
	l->first = field_count;
	l->fields = extra;
	if (base) {
		memcpy(l->constant, base->constant, l->size);
		memcpy(&fields[field_count], &fields[base->first],
		       extra * sizeof(fields[0]));
		field_count += extra;
	}
	layout_count++;
	return ERR_OK;
}

static int set_constant(struct layout *l, const char *offset, const char *hex)
{
	size_t at = strtoul(offset, NULL, 10), len;

	if (at > l->size ||
	    parse_hex_bytes(hex, "", l->constant + at, l->size - at, &len))
		return fail("bad constant bytes", hex);
	return ERR_OK;
}

static int add_field(struct layout *l, const char *name, const char *offset,
		     const char *size, bool text)
{
	struct field *f = &fields[field_count];
	char *end;
	size_t n;

	if (field_count == FIELDS)
		return fail("too many fields", name);
	*f = (struct field){ .byte = strtoul(offset, &end, 10), .text = text };
	if (*end == '.')
		f->bit = (unsigned int)strtoul(end + 1, &end, 10);
	snprintf(f->name, sizeof(f->name), "%s", name);
	n = strtoul(size, &end, 10);
	if (!strcmp(end, "bits"))
		f->bits = (unsigned int)n;
	else
		f->size = n;
	if (!n || f->bits > 32 || f->bit > 7 ||
	    f->byte + (f->bits ? (f->bit + f->bits + 7) / 8 : n) > l->size)
		return fail("field outside its layout", name);
	l->fields++;
	field_count++;
	return ERR_OK;
}

static int read_layout_line(char *line)
{
	char word[4][NAME_SIZE] = { "" };
	struct layout *l = &layouts[layout_count ? layout_count - 1 : 0];
	int words;

	line[strcspn(line, "#\n")] = '\0';
	words = sscanf(line, "%47s %47s %47s %47s", word[0], word[1], word[2],
		       word[3]);
	if (words <= 0)
		return ERR_OK;
	if (!strcmp(word[0], "layout") && words == 3)
		return add_layout(word[1], word[2]);
	if (!layout_count || words < 3)
		return fail("not a line of a layout", line);
	if (!strcmp(word[0], "bytes") && words == 3)
		return set_constant(l, word[1], word[2]);
	return add_field(l, word[0], word[1], word[2],
			 !strcmp(word[3], "text"));
}

int vector_fields_load(const char *path)
{
	static char loaded[4096];
	char line[LINE_SIZE];
	unsigned int number = 0;
	int err = ERR_OK;
	FILE *f;

	if (!strcmp(loaded, path))
		return ERR_OK;
	f = fopen(path, "re");
	if (!f) {
		perror(path);
		return ERR_IO;
	}
	while (!err && fgets(line, sizeof(line), f)) {
		number++;
		err = read_layout_line(line);
	}
	fclose(f);
	if (err)
		fprintf(stderr, "%s:%u: cannot read this layout\n", path,
			number);
	snprintf(loaded, sizeof(loaded), "%s", err ? "" : path);
	return err;
}

/* --- encoding --- */

static int put_text(const struct field *f, const char *value, uint8_t *out)
{
	size_t len = strlen(value);

	if (len < 2 || value[len - 1] != '"' || len - 2 > f->size)
		return fail("text is not quoted, or too long", value);
	memset(out + f->byte, ' ', f->size);
	for (size_t i = 0; i < len - 2; i++) /* ~ encodes a space */
		out[f->byte + i] =
			(uint8_t)(value[1 + i] == '~' ? ' ' : value[1 + i]);
	return ERR_OK;
}

static int put_number(const struct field *f, const char *value, uint8_t *out)
{
	unsigned int shift = f->bits ? f->bit : 0;
	unsigned int bits = f->bits ? f->bits : (unsigned int)f->size * 8;
	uint64_t mask = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
	size_t bytes = (shift + bits + 7) / 8;
	uint64_t v;
	char *end;

	v = strtoull(value, &end, 16);
	if (end == value || *end || !isxdigit((unsigned char)*value) ||
	    (v & ~mask))
		return fail("no hexadecimal number, or too large", value);
	for (size_t i = 0; i < bytes; i++) {
		uint8_t part = (uint8_t)((mask << shift) >> 8 * i);

		out[f->byte + i] = (uint8_t)((out[f->byte + i] & ~part) |
					     ((v << shift) >> 8 * i & part));
	}
	return ERR_OK;
}

static int put_field(const struct field *f, const char *value, uint8_t *out)
{
	size_t len;

	if (*value == '"')
		return f->text ? put_text(f, value, out)
			       : fail("field is no text", f->name);
	if (f->bits || f->size <= 8)
		return put_number(f, value, out);
	if (parse_hex_bytes(value, "", out + f->byte, f->size, &len))
		return fail("no hexadecimal bytes, or too many", value);
	return ERR_OK;
}

/* A part of a message: the encoded layout. Only [from, from + len) is sent. */
struct part {
	const struct layout *layout;
	uint8_t bytes[LAYOUT_BYTES];
	size_t from, len;
};

static int put_word(struct part *p, const char *word)
{
	char name[NAME_SIZE];
	const char *value = strchr(word, '=');
	const struct field *f;
	size_t at, len;

	if (!value || (size_t)(value - word) >= sizeof(name))
		return fail("not FIELD=VALUE", word);
	snprintf(name, sizeof(name), "%.*s", (int)(value - word), word);
	value++;
	if (!strcmp(name, "from") || !strcmp(name, "len")) {
		*(name[0] == 'f' ? &p->from : &p->len) =
			strtoul(value, NULL, 16);
		return ERR_OK;
	}
	if (*name == '@') {
		at = strtoul(name + 1, NULL, 16);
		if (at >= sizeof(p->bytes) ||
		    parse_hex_bytes(value, "", p->bytes + at,
				    sizeof(p->bytes) - at, &len))
			return fail("bad bytes at an offset", word);
		return ERR_OK;
	}
	f = find_field(p->layout, name);
	return f ? put_field(f, value, p->bytes)
		 : fail("no such field in this layout", word);
}

static int encode_part(char *text, uint8_t *out, size_t cap, size_t *len)
{
	static struct part p;
	char *save = NULL, *word = strtok_r(text, " \t\n", &save);
	int err = ERR_OK;

	if (!word)
		return fail("no layout", text);
	memset(&p, 0, sizeof(p));
	p.layout = find_layout(word);
	if (!p.layout)
		return fail("no such layout", word);
	memcpy(p.bytes, p.layout->constant, p.layout->size);
	p.len = (size_t)-1;
	while (!err && (word = strtok_r(NULL, " \t\n", &save)))
		err = put_word(&p, word);
	if (err)
		return err;
	if (p.len == (size_t)-1)
		p.len = p.from < p.layout->size ? p.layout->size - p.from : 0;
	if (p.from > sizeof(p.bytes) || p.len > sizeof(p.bytes) - p.from ||
	    p.len > cap)
		return fail("too long", p.layout->name);
	memcpy(out, p.bytes + p.from, p.len);
	*len = p.len;
	return ERR_OK;
}

int vector_fields_encode(char *text, uint8_t *out, size_t cap, size_t *len)
{
	*len = 0;
	while (text) {
		char *next = strchr(text, '|');
		size_t n = 0;
		int err;

		if (next)
			*next++ = '\0';
		err = encode_part(text, out + *len, cap - *len, &n);
		if (err)
			return err;
		*len += n;
		text = next;
	}
	return ERR_OK;
}

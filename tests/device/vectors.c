/* SPDX-License-Identifier: Apache-2.0 */
#include "device/vectors.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/err.h"
#include "device/vector_fields.h"

enum { LINE = 32768, BYTES = 8192 };

struct bytes {
	uint8_t data[BYTES];
	size_t len;
	bool none, open; /* "-"; ".." at its end */
};

struct reader {
	const char *path;
	unsigned int line;
	uint8_t type, dest;
	bool mic, raw;
	char name[256];
	char layouts[4096]; /* path of fields.txt beside the vectors */
	bool asked;
	struct bytes request;
};

/* Bytes as two digits each; "-" for no answer; ".." at the end for any more. */
static int parse_raw(struct bytes *b, const char *text)
{
	b->len = 0;
	b->none = b->open = false;
	while (*(text += strspn(text, " \t\n"))) {
		char *end;
		unsigned long v;

		if (*text == '-') {
			b->none = true;
			text++;
			continue;
		}
		if (!strncmp(text, "..", 2)) {
			b->open = true;
			text += 2;
			continue;
		}
		v = strtoul(text, &end, 16);
		if (end != text + 2 || b->len == BYTES)
			return ERR_INVALID;
		b->data[b->len++] = (uint8_t)v;
		text = end;
	}
	return ERR_OK;
}

/* A layout's name has more than two characters, a byte has two. */
static bool is_readable(const char *text)
{
	return strcspn(text, " \t\n") > 2;
}

static int parse_bytes(const struct reader *r, struct bytes *b, char *text)
{
	char *dots = strstr(text, "..");

	text += strspn(text, " \t\n");
	if (!is_readable(text))
		return parse_raw(b, text);
	b->none = false;
	b->open = dots != NULL;
	if (dots)
		*dots = '\0';
	if (vector_fields_load(r->layouts))
		return ERR_INVALID;
	return vector_fields_encode(text, b->data, sizeof(b->data), &b->len);
}

static void put_mic(uint8_t *data, size_t len)
{
	uint32_t crc = crc32c(0, data, len);

	for (int i = 0; i < 4; i++)
		data[len + (size_t)i] = (uint8_t)(crc >> 8 * i);
}

/* Type byte, the bytes, and the check where there is one. */
static size_t complete(const struct reader *r, const struct bytes *b,
		       uint8_t *out)
{
	if (r->raw) {
		memcpy(out, b->data, b->len);
		return b->len;
	}
	out[0] = (uint8_t)(r->type | (r->mic ? 0x80 : 0));
	memcpy(out + 1, b->data, b->len);
	if (!r->mic)
		return b->len + 1;
	put_mic(out, b->len + 1);
	return b->len + 5;
}

static void print_bytes(const char *what, const uint8_t *data, int len)
{
	fprintf(stderr, "  %s", what);
	if (len < 0)
		fputs(" none", stderr);
	for (int i = 0; i < len; i++)
		fprintf(stderr, " %02x", data[i]);
	fputc('\n', stderr);
}

static bool same(const struct reader *r, const struct bytes *want,
		 const uint8_t *expected, size_t len, const uint8_t *got,
		 int got_len)
{
	if (want->none || got_len < 0)
		return want->none && got_len < 0;
	if (!want->open)
		return (size_t)got_len == len && !memcmp(got, expected, len);
	len -= r->mic && !r->raw ? 4 : 0;
	if ((size_t)got_len < len || memcmp(got, expected, len))
		return false;
	if (r->mic && !r->raw) { /* the check of what did come */
		uint8_t check[4] = { 0 };
		uint32_t crc = crc32c(0, got, (size_t)got_len - 4);

		for (int i = 0; i < 4; i++)
			check[i] = (uint8_t)(crc >> 8 * i);
		return !memcmp(check, got + got_len - 4, 4);
	}
	return true;
}

static void ask_and_compare(struct reader *r, const struct bytes *want,
			    vector_ask ask, void *ctx,
			    struct vector_result *result)
{
	static uint8_t request[BYTES + 5], expected[BYTES + 5], got[BYTES + 5];
	size_t len = complete(r, &r->request, request);
	size_t expected_len = complete(r, want, expected);
	struct vector_request q = { request, len, r->dest, want->none };
	int n = ask(ctx, &q, got, sizeof(got));

	result->run++;
	if (same(r, want, expected, expected_len, got, n))
		return;
	result->failed++;
	fprintf(stderr, "%s:%u: %s\n", r->path, r->line, r->name);
	print_bytes("asked   ", request, (int)len);
	print_bytes("expected", expected, want->none ? -1 : (int)expected_len);
	print_bytes("got     ", got, n);
}

static int set_type(struct reader *r, const char *text)
{
	char *end;
	unsigned long v = strtoul(text, &end, 16);

	end += strspn(end, " \t\n");
	r->mic = !strncmp(end, "mic", 3);
	if (v > 0x7f || (*end && !r->mic))
		return ERR_INVALID;
	r->type = (uint8_t)v;
	return ERR_OK;
}

static int take_line(struct reader *r, char *line, vector_ask ask, void *ctx,
		     struct vector_result *result)
{
	struct bytes want;

	if (*line == '#' || *line == '\n')
		return ERR_OK;
	if (!strncmp(line, "type ", 5))
		return set_type(r, line + 5);
	if (!strncmp(line, "to ", 3)) {
		r->dest = (uint8_t)strtoul(line + 3, NULL, 10);
		return ERR_OK;
	}
	if (!strcmp(line, "raw\n")) {
		r->raw = true;
		return ERR_OK;
	}
	if (*line == '>') {
		if (r->asked)
			return ERR_INVALID;
		r->asked = true;
		return parse_bytes(r, &r->request, line + 1);
	}
	if (*line == '<') {
		if (!r->asked || parse_bytes(r, &want, line + 1))
			return ERR_INVALID;
		ask_and_compare(r, &want, ask, ctx, result);
		r->asked = r->raw = false;
		return ERR_OK;
	}
	snprintf(r->name, sizeof(r->name), "%.*s", (int)strcspn(line, "\n"),
		 line);
	return strchr(line, ':') ? ERR_OK : ERR_INVALID;
}

/* Read a line and its continuations, which begin with a blank. */
static bool read_line(FILE *f, char *line, size_t cap, unsigned int *lines)
{
	size_t len = 0;
	int next;

	do {
		if (len + 1 >= cap || !fgets(line + len, (int)(cap - len), f))
			return false;
		++*lines;
		len += strlen(line + len);
		next = getc(f);
		if (next != EOF)
			ungetc(next, f);
	} while (next == ' ' || next == '\t');
	return true;
}

static void find_layouts(struct reader *r)
{
	const char *slash = strrchr(r->path, '/');

	snprintf(r->layouts, sizeof(r->layouts), "%.*sfields.txt",
		 slash ? (int)(slash - r->path + 1) : 0, r->path);
}

int vectors_run(const char *path, vector_ask ask, void *ctx,
		struct vector_result *result)
{
	static char line[LINE];
	static struct reader r;
	FILE *f = fopen(path, "r");
	int err = ERR_OK;

	if (!f) {
		perror(path);
		return ERR_IO;
	}
	memset(&r, 0, sizeof(r));
	r.path = path;
	find_layouts(&r);
	while (!err && read_line(f, line, sizeof(line), &r.line)) {
		err = take_line(&r, line, ask, ctx, result);
		if (err)
			fprintf(stderr, "%s:%u: not a line of a vector file\n",
				path, r.line);
	}
	fclose(f);
	return err;
}

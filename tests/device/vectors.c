/* SPDX-License-Identifier: Apache-2.0 */
#include "device/vectors.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/err.h"
#include "device/vector_fields.h"

enum { LINE = 32768, BYTES = 8192, MIC = 4 };

struct bytes {
	uint8_t data[BYTES];
	size_t len;
	bool none; /* "-" */
	bool open; /* ends with ".." */
};

struct reader {
	const char *path;
	unsigned int line;
	uint8_t type, dest;
	bool mic, raw;
	char title[256];
	char layouts[4096]; /* path of fields.layouts beside the vectors */
	bool asked;
	struct bytes request;
	void (*visit)(void *ctx, const struct vector *v);
	void *ctx;
};

/* Parse bytes of two digits each. "-" means no answer. ".." at the end means
 * that any further bytes may follow. */
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

/* Distinguish a layout from raw bytes: a layout's name has more than two
 * characters. */
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

/* Write the complete message: the message type, the bytes, and the MIC if the
 * vectors of this type have a MIC. Returns its length. */
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
	return b->len + 1 + MIC;
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

static void deliver(struct reader *r, const struct bytes *answer)
{
	static uint8_t request[BYTES + 1 + MIC], expected[BYTES + 1 + MIC];
	struct vector v = {
		.path = r->path,
		.title = r->title,
		.line = r->line,
		.dest = r->dest,
		.request = request,
		.request_len = complete(r, &r->request, request),
		.answer = expected,
		.answer_len = complete(r, answer, expected),
		.no_answer = answer->none,
		.open = answer->open,
		.mic = r->mic && !r->raw,
	};

	r->visit(r->ctx, &v);
	r->asked = r->raw = false;
}

static int read_directive(struct reader *r, const char *line)
{
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
	snprintf(r->title, sizeof(r->title), "%.*s", (int)strcspn(line, "\n"),
		 line);
	return strchr(line, ':') ? ERR_OK : ERR_INVALID;
}

static int interpret_line(struct reader *r, char *line)
{
	struct bytes answer;

	switch (*line) {
	case '#':
	case '\n':
		return ERR_OK;
	case '>':
		if (r->asked)
			return ERR_INVALID;
		r->asked = true;
		return parse_bytes(r, &r->request, line + 1);
	case '<':
		if (!r->asked || parse_bytes(r, &answer, line + 1))
			return ERR_INVALID;
		deliver(r, &answer);
		return ERR_OK;
	default:
		return read_directive(r, line);
	}
}

/* Read a line and its continuation lines, which begin with a blank. */
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

	snprintf(r->layouts, sizeof(r->layouts), "%.*sfields.layouts",
		 slash ? (int)(slash - r->path + 1) : 0, r->path);
}

int vectors_read(const char *path,
		 void (*visit)(void *ctx, const struct vector *v), void *ctx)
{
	static char line[LINE];
	static struct reader r;
	FILE *f = fopen(path, "re");
	int err = ERR_OK;

	if (!f) {
		perror(path);
		return ERR_IO;
	}
	memset(&r, 0, sizeof(r));
	r.path = path;
	r.visit = visit;
	r.ctx = ctx;
	find_layouts(&r);
	while (!err && read_line(f, line, sizeof(line), &r.line)) {
		err = interpret_line(&r, line);
		if (err)
			fprintf(stderr, "%s:%u: not a line of a vector file\n",
				path, r.line);
	}
	fclose(f);
	return err;
}

/* --- running --- */

struct run {
	vector_ask ask;
	void *ctx;
	struct vector_result *result;
};

static void print_bytes(const char *what, const uint8_t *data, int len)
{
	fprintf(stderr, "  %s", what);
	if (len < 0)
		fputs(" none", stderr);
	for (int i = 0; i < len; i++)
		fprintf(stderr, " %02x", data[i]);
	fputc('\n', stderr);
}

static bool has_true_mic(const uint8_t *message, size_t len)
{
	uint8_t copy[MIC];
	uint32_t crc = crc32c(0, message, len - MIC);

	for (int i = 0; i < MIC; i++)
		copy[i] = (uint8_t)(crc >> 8 * i);
	return !memcmp(copy, message + len - MIC, MIC);
}

static bool matches(const struct vector *v, const uint8_t *got, int got_len)
{
	size_t len = v->answer_len;

	if (v->no_answer || got_len < 0)
		return v->no_answer && got_len < 0;
	if (!v->open)
		return (size_t)got_len == len && !memcmp(got, v->answer, len);
	len -= v->mic ? MIC : 0;
	if ((size_t)got_len < len + (v->mic ? MIC : 0) ||
	    memcmp(got, v->answer, len))
		return false;
	return !v->mic || has_true_mic(got, (size_t)got_len);
}

static void run_vector(void *ctx, const struct vector *v)
{
	static uint8_t got[BYTES + 1 + MIC];
	const struct run *run = ctx;
	struct vector_request q = { v->request, v->request_len, v->dest,
				    v->no_answer };
	int n = run->ask(run->ctx, &q, got, sizeof(got));

	run->result->run++;
	if (matches(v, got, n))
		return;
	run->result->failed++;
	fprintf(stderr, "%s:%u: %s\n", v->path, v->line, v->title);
	print_bytes("asked   ", v->request, (int)v->request_len);
	print_bytes("expected", v->answer,
		    v->no_answer ? -1 : (int)v->answer_len);
	print_bytes("got     ", got, n);
}

int vectors_run(const char *path, vector_ask ask, void *ctx,
		struct vector_result *result)
{
	struct run run = { ask, ctx, result };

	return vectors_read(path, run_vector, &run);
}

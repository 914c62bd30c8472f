/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "emulator/script.h"
#include "posix/parse.h"

/* In flight at a time, and the longest; memory that is not used costs nothing.
 */
enum { URBS = 256, TRANSFER_MAX = 1 << 20 };

struct replayed {
	struct usbserve_urb urb;
	unsigned int number;
	bool used;
};

struct replay {
	struct script *script;
	struct replayed *urbs;
	uint8_t *data;	/* TRANSFER_MAX for each of them */
	char *produced; /* the record that this run makes */
	size_t produced_size;
};

static int wrong(struct script *s, const char *what)
{
	snprintf(s->error, sizeof(s->error), "%s:%u: %s", s->name, s->line,
		 what);
	return ERR_INVALID;
}

static void completed(struct usbserve_urb *u)
{
	struct replayed *r = u->owner;

	r->used = false;
}

static struct replayed *find(struct replay *p, bool used, unsigned int number)
{
	for (unsigned int i = 0; i < URBS; i++) {
		struct replayed *r = &p->urbs[i];

		if (r->used == used && (!used || r->number == number))
			return r;
	}
	return NULL;
}

/* Decode hex, or "-" for no bytes, up to a space or the end of the text. */
static int decode_hex(uint8_t *to, char *hex, size_t cap)
{
	size_t len;

	hex[strcspn(hex, " ")] = '\0';
	return strcmp(hex, "-") ? parse_hex_bytes(hex, "", to, cap, &len)
				: ERR_OK;
}

/* "submit NUMBER EP LENGTH ZERO SETUP DATA" */
static int submit(struct replay *p, char *line)
{
	struct replayed *r = find(p, false, 0);
	const char *at = line + strlen("submit ");
	uint64_t number, endpoint, length, zero;
	char *setup, *data;

	if (!r || parse_next(&at, 10, UINT32_MAX, &number) ||
	    parse_next(&at, 16, 0xff, &endpoint) ||
	    parse_next(&at, 10, TRANSFER_MAX, &length) ||
	    parse_next(&at, 10, 1, &zero))
		return wrong(p->script, "no submit that can be played");
	setup = line + (at - line) + strspn(at, " ");
	data = setup + strcspn(setup, " ");
	data += strspn(data, " ");
	if (!*data)
		return wrong(p->script, "no submit that can be played");
	r->used = true;
	r->number = (unsigned int)number;
	r->urb = (struct usbserve_urb){
		.endpoint = (uint8_t)endpoint,
		.data = p->data + (size_t)(r - p->urbs) * TRANSFER_MAX,
		.length = (uint32_t)length,
		.zero_packet = zero != 0,
		.owner = r,
		.complete = completed,
	};
	if (decode_hex(r->urb.setup, setup, 8) ||
	    decode_hex(r->urb.data, data, length))
		return wrong(p->script, "no submit that can be played");
	usbhost_ops.submit(p->script->host, &r->urb);
	return ERR_OK;
}

static int act(struct replay *p, char *line)
{
	struct usbhost *h = p->script->host;
	struct replayed *r;
	const char *at;
	uint64_t number;

	if (!strncmp(line, "attach", 6))
		usbhost_ops.reset(h, true);
	else if (!strncmp(line, "detach", 6))
		usbhost_ops.reset(h, false);
	else if (!strncmp(line, "submit ", 7))
		return submit(p, line);
	else if (!strncmp(line, "cancel ", 7)) {
		at = line + strlen("cancel ");
		r = parse_next(&at, 10, UINT32_MAX, &number)
			    ? NULL
			    : find(p, true, (unsigned int)number);
		if (!r)
			return wrong(p->script, "cancel of no URB that is out");
		usbhost_ops.cancel(h, &r->urb);
	}
	return ERR_OK; /* "done" is compared at the end */
}

static int play(struct replay *p, const char *text)
{
	struct board *b = p->script->host->board;
	char *copy = strdup(text), *save = NULL;
	int err = copy ? ERR_OK : ERR_FULL;

	for (char *line = copy ? strtok_r(copy, "\n", &save) : NULL;
	     line && !err && !b->emu.failed;
	     line = strtok_r(NULL, "\n", &save)) {
		const char *action = line + 1;
		uint64_t at;

		p->script->line++;
		if (*line != '@')
			continue;
		if (parse_next(&action, 10, UINT64_MAX, &at)) {
			err = wrong(p->script, "no time after @");
			break;
		}
		cpu_run(b, at);
		action += strspn(action, " ");
		err = act(p, line + (action - line));
	}
	free(copy);
	return err;
}

/* The two records, line by line. */
static int compare(struct script *s, const char *want, const char *got)
{
	s->line = 0;
	while (*want && *got) {
		size_t n = strcspn(want, "\n"), m = strcspn(got, "\n");

		s->line++;
		if (n != m || memcmp(want, got, n) != 0)
			return wrong(s, "this run differs from the record");
		want += n + (want[n] == '\n');
		got += m + (got[m] == '\n');
	}
	return *want || *got ? wrong(s, "this run has more or fewer lines "
					"than the record")
			     : ERR_OK;
}

static void give_up(struct replay *p)
{
	for (unsigned int i = 0; i < URBS; i++)
		if (p->urbs[i].used)
			usbhost_ops.cancel(p->script->host, &p->urbs[i].urb);
}

int replay_run(struct script *s, const char *text)
{
	struct replay p = { .script = s };
	FILE *record = open_memstream(&p.produced, &p.produced_size);
	int err = ERR_FULL;

	p.urbs = calloc(URBS, sizeof(*p.urbs));
	p.data = calloc(URBS, TRANSFER_MAX);
	if (p.urbs && p.data && record) {
		s->host->record = record;
		err = play(&p, text);
		s->host->record = NULL;
		fflush(record);
		if (!err && !s->host->board->emu.failed)
			err = compare(s, text, p.produced);
		give_up(&p);
	}
	if (record)
		fclose(record);
	free(p.urbs);
	free(p.data);
	free(p.produced);
	return s->host->board->emu.failed ? ERR_INVALID : err;
}

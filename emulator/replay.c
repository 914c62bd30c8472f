/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "emulator/script.h"

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

static void fill(uint8_t *to, const char *hex, size_t cap)
{
	for (size_t i = 0; i < cap && hex[0] && hex[1] && hex[0] != '-';
	     i++, hex += 2) {
		char digits[3] = { hex[0], hex[1] };

		to[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
}

/* "submit NUMBER EP LENGTH ZERO SETUP DATA" */
static int submit(struct replay *p, char *line)
{
	struct replayed *r = find(p, false, 0);
	char *at = line + strlen("submit ");
	unsigned long number = strtoul(at, &at, 10);
	unsigned long endpoint = strtoul(at, &at, 16);
	unsigned long length = strtoul(at, &at, 10);
	unsigned long zero = strtoul(at, &at, 10);
	const char *setup = at + strspn(at, " ");
	const char *data = setup + strcspn(setup, " ");

	data += strspn(data, " ");
	if (!r || !*data || length > TRANSFER_MAX)
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
	fill(r->urb.setup, setup, 8);
	fill(r->urb.data, data, length);
	usbhost_ops.submit(p->script->host, &r->urb);
	return ERR_OK;
}

static int act(struct replay *p, char *line)
{
	struct usbhost *h = p->script->host;
	struct replayed *r;

	if (!strncmp(line, "attach", 6))
		usbhost_ops.reset(h, true);
	else if (!strncmp(line, "detach", 6))
		usbhost_ops.reset(h, false);
	else if (!strncmp(line, "submit ", 7))
		return submit(p, line);
	else if (!strncmp(line, "cancel ", 7)) {
		r = find(p, true, (unsigned int)strtoul(line + 7, NULL, 10));
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
		char *action;
		uint64_t at;

		p->script->line++;
		if (*line != '@')
			continue;
		at = strtoull(line + 1, &action, 10);
		cpu_run(b, at);
		err = act(p, action + strspn(action, " "));
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

#include "emulator/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "emulator/script.h"

enum { URBS = USBHOST_RECORDED };

struct replayed {
	struct usbserve_urb urb;
	unsigned int number;
	bool used;
};

struct replay {
	struct script *script;
	struct replayed *urbs;
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

	free(u->data);
	u->data = NULL;
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
	unsigned int number, endpoint, length, zero;
	int setup = 0, data = 0;
	struct replayed *r = find(p, false, 0);

	if (!r ||
	    sscanf(line, "submit %u %x %u %u %n%*s %n", &number, &endpoint,
		   &length, &zero, &setup, &data) < 4 ||
	    !data || length > (4U << 20))
		return wrong(p->script, "no submit that was recorded");
	memset(r, 0, sizeof(*r));
	r->used = true;
	r->number = number;
	r->urb.endpoint = (uint8_t)endpoint;
	r->urb.length = length;
	r->urb.zero_packet = zero;
	r->urb.owner = r;
	r->urb.complete = completed;
	r->urb.data = calloc(1, (size_t)length + 1);
	if (!r->urb.data)
		return wrong(p->script, "out of memory");
	fill(r->urb.setup, line + setup, 8);
	fill(r->urb.data, line + data, length);
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
		if (n != m || strncmp(want, got, n))
			return wrong(s, "this run differs from the record");
		want += n + (want[n] == '\n');
		got += m + (got[m] == '\n');
	}
	return *want || *got ? wrong(s, "this run has more or fewer lines "
					"than the record")
			     : ERR_OK;
}

int replay_run(struct script *s, const char *text)
{
	struct replay p = { .script = s };
	int err;

	p.urbs = calloc(URBS, sizeof(*p.urbs));
	s->host->record = open_memstream(&p.produced, &p.produced_size);
	err = p.urbs && s->host->record ? play(&p, text) : ERR_FULL;
	/* What is still out completes with what the record ended with. */
	if (s->host->record)
		fclose(s->host->record);
	s->host->record = NULL;
	if (!err && !s->host->board->emu.failed)
		err = compare(s, text, p.produced);
	for (unsigned int i = 0; p.urbs && i < URBS; i++)
		if (p.urbs[i].used)
			usbhost_ops.cancel(s->host, &p.urbs[i].urb);
	free(p.urbs);
	free(p.produced);
	return s->host->board->emu.failed ? ERR_INVALID : err;
}

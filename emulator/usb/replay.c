/* SPDX-License-Identifier: Apache-2.0 */
/* Plays the record of a run and compares the results. */
#include "emulator/usb/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "emulator/cpu/cpu.h"
#include "emulator/usb/emu_host.h"
#include "posix/parse.h"

/* URBs in flight, and bytes of each. The memory is calloc()ed: pages that no
 * URB uses cost nothing. */
enum { URBS = 256, TRANSFER_MAX = 1 << 20 };

struct replayed {
	struct usbserve_urb urb;
	unsigned int number;
	bool used;
};

struct replay {
	struct emu_host *host;
	const char *name;
	unsigned int line;
	char *error;
	size_t error_cap;
	struct replayed *urbs;
	uint8_t *data;	/* TRANSFER_MAX bytes for each URB */
	char *produced; /* the record of this run */
	size_t produced_size;
};

static int set_error(struct replay *p, const char *reason)
{
	snprintf(p->error, p->error_cap, "%s:%u: %s", p->name, p->line, reason);
	return ERR_INVALID;
}

static void on_complete(struct usbserve_urb *u)
{
	struct replayed *r = u->owner;

	r->used = false;
}

static struct replayed *find_free(struct replay *p)
{
	for (unsigned int i = 0; i < URBS; i++)
		if (!p->urbs[i].used)
			return &p->urbs[i];
	return NULL;
}

static struct replayed *find_urb(struct replay *p, unsigned int number)
{
	for (unsigned int i = 0; i < URBS; i++)
		if (p->urbs[i].used && p->urbs[i].number == number)
			return &p->urbs[i];
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

/* "submit NUMBER ENDPOINT LENGTH ZERO_PACKET SETUP DATA" */
static int submit(struct replay *p, char *line)
{
	static const char malformed[] =
		"malformed submit: expected NUMBER ENDPOINT LENGTH "
		"ZERO_PACKET SETUP DATA";
	struct replayed *r = find_free(p);
	const char *at = line + strlen("submit ");
	uint64_t number, endpoint, length, zero;
	char *setup, *data;

	if (!r)
		return set_error(p, "more than 256 URBs in flight");
	if (parse_next(&at, 10, UINT32_MAX, &number) ||
	    parse_next(&at, 16, 0xff, &endpoint) ||
	    parse_next(&at, 10, TRANSFER_MAX, &length) ||
	    parse_next(&at, 10, 1, &zero))
		return set_error(p, malformed);
	setup = line + (at - line) + strspn(at, " ");
	data = setup + strcspn(setup, " ");
	data += strspn(data, " ");
	if (!*data)
		return set_error(p, malformed);
	r->used = true;
	r->number = (unsigned int)number;
	r->urb = (struct usbserve_urb){
		.endpoint = (uint8_t)endpoint,
		.data = p->data + (size_t)(r - p->urbs) * TRANSFER_MAX,
		.length = (uint32_t)length,
		.zero_packet = zero != 0,
		.owner = r,
		.complete = on_complete,
	};
	if (decode_hex(r->urb.setup, setup, 8) ||
	    decode_hex(r->urb.data, data, length))
		return set_error(p, malformed);
	emu_host_ops.submit(p->host, &r->urb);
	return ERR_OK;
}

/* "cancel NUMBER ..." */
static int cancel(struct replay *p, const char *line)
{
	const char *at = line + strlen("cancel ");
	struct replayed *r = NULL;
	uint64_t number;

	if (!parse_next(&at, 10, UINT32_MAX, &number))
		r = find_urb(p, (unsigned int)number);
	if (!r)
		return set_error(p, "cancel of an URB that is not in flight");
	emu_host_ops.cancel(p->host, &r->urb);
	return ERR_OK;
}

/* "done" lines are not actions: they are compared at the end. */
static int play_action(struct replay *p, char *line)
{
	if (!strncmp(line, "submit ", 7))
		return submit(p, line);
	if (!strncmp(line, "cancel ", 7))
		return cancel(p, line);
	if (!strncmp(line, "attach", 6))
		emu_host_ops.reset(p->host, true);
	else if (!strncmp(line, "detach", 6))
		emu_host_ops.reset(p->host, false);
	return ERR_OK;
}

static int play(struct replay *p, const char *text)
{
	char *copy = strdup(text), *save = NULL;
	int err = copy ? ERR_OK : ERR_FULL;

	for (char *line = copy ? strtok_r(copy, "\n", &save) : NULL;
	     line && !err && !p->host->emu->failed;
	     line = strtok_r(NULL, "\n", &save)) {
		const char *action = line + 1;
		uint64_t at;

		p->line++;
		if (*line != '@')
			continue;
		if (parse_next(&action, 10, UINT64_MAX, &at)) {
			err = set_error(p, "no time in picoseconds after @");
			break;
		}
		cpu_run(p->host->cpu, at);
		action += strspn(action, " ");
		err = play_action(p, line + (action - line));
	}
	free(copy);
	return err;
}

static int compare(struct replay *p, const char *want, const char *got)
{
	p->line = 0;
	while (*want && *got) {
		size_t n = strcspn(want, "\n"), m = strcspn(got, "\n");

		p->line++;
		if (n != m || memcmp(want, got, n) != 0)
			return set_error(p, "this run differs from the record");
		want += n + (want[n] == '\n');
		got += m + (got[m] == '\n');
	}
	return *want || *got ? set_error(p, "this run has more or fewer lines "
					    "than the record")
			     : ERR_OK;
}

static void cancel_all(struct replay *p)
{
	for (unsigned int i = 0; i < URBS; i++)
		if (p->urbs[i].used)
			emu_host_ops.cancel(p->host, &p->urbs[i].urb);
}

int replay_run(struct emu_host *h, const char *name, const char *text,
	       char *error, size_t cap)
{
	struct replay p = {
		.host = h, .name = name, .error = error, .error_cap = cap
	};
	FILE *record = open_memstream(&p.produced, &p.produced_size);
	int err = ERR_FULL;

	p.urbs = calloc(URBS, sizeof(*p.urbs));
	p.data = calloc(URBS, TRANSFER_MAX);
	if (p.urbs && p.data && record) {
		h->record.file = record;
		err = play(&p, text);
		h->record.file = NULL;
		fflush(record);
		if (!err && !h->emu->failed)
			err = compare(&p, text, p.produced);
		cancel_all(&p);
	}
	if (record)
		fclose(record);
	free(p.urbs);
	free(p.data);
	free(p.produced);
	return h->emu->failed ? ERR_INVALID : err;
}

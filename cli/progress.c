/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/cli.h"
#include "cli/spawn.h"
#include "cli/units.h"
#include "posix/parse.h"

enum {
	FIRST_MS = 500, /* shorter operations show no bar */
	DRAW_MS = 100,
	RATE_MS = 500, /* time between two measurements of the rate */
	COLUMNS_DEFAULT = 80,
	COLUMNS_MAX = 200,
	BAR_MAX = 30,
	BAR_MIN = 8,
	PARTS = 5, /* of a line: name, bar, percent, amount, time */
};

static struct {
	struct progress_state state;
	char name[PROGRESS_NAME];
	bool active, shown;
	uint64_t started_ms, drawn_ms;
	/* Where the rate was measured last. */
	uint64_t mark_ms, mark_done;
} bar;

/* --- the line --- */

static void format_amount(const struct progress_state *s, char *text,
			  size_t cap)
{
	char number[UNITS_TEXT], rate[UNITS_TEXT];

	text[0] = '\0';
	if (s->unit == PROGRESS_BYTES && s->rate > 0)
		snprintf(text, cap, "%s  %s/s", units_bytes(s->done, number),
			 units_bytes((uint64_t)s->rate, rate));
	else if (s->unit == PROGRESS_BYTES)
		snprintf(text, cap, "%s", units_bytes(s->done, number));
	else if (s->unit == PROGRESS_MESSAGES && s->rate > 0)
		snprintf(text, cap, "%llu  %.0f/s", (unsigned long long)s->done,
			 s->rate);
	else if (s->unit == PROGRESS_MESSAGES)
		snprintf(text, cap, "%llu", (unsigned long long)s->done);
}

/* The time that remains, or without a total the time that passed. */
static void format_time(const struct progress_state *s, char *text, size_t cap)
{
	char number[UNITS_TEXT];
	double left;

	text[0] = '\0';
	if (!s->all) {
		snprintf(text, cap, "%s",
			 units_duration(s->passed_ms / 1000, number));
		return;
	}
	if (s->unit == PROGRESS_MILLISECONDS)
		left = (double)(s->all - s->done) / 1000;
	else if (s->rate > 0)
		left = (double)(s->all - s->done) / s->rate;
	else
		return;
	if (left < 100 * 3600)
		snprintf(text, cap, "%s left",
			 units_duration((uint64_t)(left + 0.5), number));
}

static void format_bar(const struct progress_state *s, int width, char *text)
{
	int full = (int)((double)s->done * (width - 2) / (double)s->all);

	text[0] = '[';
	memset(text + 1, '#', (size_t)full);
	memset(text + 1 + full, '-', (size_t)(width - 2 - full));
	text[width - 1] = ']';
	text[width] = '\0';
}

static int width_of(char part[PARTS][96])
{
	int width = 0;

	for (int i = 0; i < PARTS; i++)
		if (part[i][0])
			width += (int)strlen(part[i]) + (width ? 2 : 0);
	return width;
}

int progress_format(const struct progress_state *given, int columns,
		    char line[PROGRESS_LINE])
{
	enum { NAME, BAR, PERCENT, AMOUNT, TIME };
	static const int dropped[] = { AMOUNT, TIME, NAME, PERCENT };
	struct progress_state s = *given;
	char part[PARTS][96] = { "" };
	int room, at = 0;

	if (s.all && s.done > s.all)
		s.done = s.all;
	snprintf(part[NAME], sizeof(part[NAME]), "%s", s.what);
	format_amount(&s, part[AMOUNT], sizeof(part[AMOUNT]));
	format_time(&s, part[TIME], sizeof(part[TIME]));
	if (s.all)
		snprintf(part[PERCENT], sizeof(part[PERCENT]), "%3d %%",
			 (int)((double)s.done * 100 / (double)s.all));
	for (size_t i = 0; i < sizeof(dropped) / sizeof(dropped[0]) &&
			   width_of(part) > columns;
	     i++)
		part[dropped[i]][0] = '\0';
	room = columns - width_of(part) - 2;
	if (s.all && room >= BAR_MIN)
		format_bar(&s, room < BAR_MAX ? room : BAR_MAX, part[BAR]);
	line[0] = '\0';
	for (int i = 0; i < PARTS; i++)
		if (part[i][0])
			at += snprintf(line + at, PROGRESS_LINE - (size_t)at,
				       "%s%s", at ? "  " : "", part[i]);
	return at;
}

/* --- the terminal --- */

static int terminal_columns(void)
{
	const char *text = getenv("COLUMNS");
	struct winsize size = { 0 };
	uint64_t columns;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || !size.ws_col) {
		if (!text || parse_number(text, 10, 1, COLUMNS_MAX, &columns))
			return COLUMNS_DEFAULT;
		return (int)columns;
	}
	return size.ws_col < COLUMNS_MAX ? size.ws_col : COLUMNS_MAX;
}

bool progress_enabled(const struct cli *c)
{
	static int terminal = -1; /* asked once: callers loop over messages */
	const char *term = getenv("TERM");

	if (terminal < 0)
		terminal = isatty(STDERR_FILENO) &&
			   !(term && !strcmp(term, "dumb"));
	return !c->json && terminal;
}

/* The last column stays empty: a character there moves some terminals to the
 * next line. */
static void draw(void)
{
	char line[PROGRESS_LINE];

	(void)progress_format(&bar.state, terminal_columns() - 1, line);
	fprintf(stderr, "\r%s\033[K", line);
	fflush(stderr);
	bar.shown = true;
}

/* Average of the last seconds, so that the rate follows a changed speed. */
static void measure_rate(uint64_t now)
{
	uint64_t passed = now - bar.mark_ms;
	double rate;

	if (passed < RATE_MS || bar.state.done < bar.mark_done)
		return;
	rate = (double)(bar.state.done - bar.mark_done) * 1000 / (double)passed;
	bar.state.rate =
		bar.state.rate > 0 ? bar.state.rate * 0.8 + rate * 0.2 : rate;
	bar.mark_ms = now;
	bar.mark_done = bar.state.done;
}

static void start(const char *what, enum progress_unit unit, uint64_t done,
		  uint64_t now)
{
	progress_end();
	memset(&bar, 0, sizeof(bar));
	bar.active = true;
	snprintf(bar.name, sizeof(bar.name), "%s", what);
	bar.state.what = bar.name;
	bar.state.unit = unit;
	bar.started_ms = bar.mark_ms = now;
	bar.mark_done = done;
}

void progress_show(const struct cli *c, const char *what,
		   enum progress_unit unit, uint64_t done, uint64_t all)
{
	uint64_t now = (uint64_t)spawn_now_ms();

	if (!progress_enabled(c))
		return;
	if (!bar.active || strncmp(bar.name, what, PROGRESS_NAME - 1) != 0)
		start(what, unit, done, now);
	bar.state.done = done;
	bar.state.all = all;
	bar.state.passed_ms = now - bar.started_ms;
	measure_rate(now);
	if (bar.state.passed_ms < FIRST_MS || now - bar.drawn_ms < DRAW_MS)
		return;
	bar.drawn_ms = now;
	draw();
}

void progress_end(void)
{
	if (bar.shown) {
		fputs("\r\033[K", stderr);
		fflush(stderr);
	}
	bar.active = bar.shown = false;
}

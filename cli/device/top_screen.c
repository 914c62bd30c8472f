/* SPDX-License-Identifier: Apache-2.0 */
/* The screen of `tether top`, drawn by ncurses: a table of all drives, or the
 * view of one drive. */
#include <curses.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/device/top.h"
#include "cli/spawn.h"
#include "cli/units.h"

enum {
	ESCAPE = 27,
	ESCAPE_MS = 50, /* a key that sends an escape sequence is faster */
	TICK_MS = 200,	/* longest wait for a key */
	TABLE_ROW = 2,	/* first row of the table */
	TEXT = 256,
};

struct screen {
	struct top *top;
	size_t selected, first; /* indexes; first row on the screen */
	bool open;		/* the view of one drive */
	bool quit, colors;
	uint32_t interval_ms;
	uint64_t next_ms; /* time of the next sample */
};

/* --- drawing --- */

/* Print at a place, cut at the right margin. */
static void put(int row, int column, const char *text)
{
	if (row < LINES && column < COLS)
		mvaddnstr(row, column, text, COLS - column);
}

static void put_colored(const struct screen *s, int row, int column,
			enum color color, const char *text)
{
	attr_t attributes = s->colors && color != COLOR_PLAIN
				    ? COLOR_PAIR((int)color)
				    : A_NORMAL;

	attron(attributes);
	put(row, column, text);
	attroff(attributes);
}

static void format_rate(const struct top_drive *d, char *text, size_t cap)
{
	if (d->rate_known)
		snprintf(text, cap, "%.0f", d->requests);
	else
		snprintf(text, cap, "-");
}

static void draw_row(const struct screen *s, int row, size_t index)
{
	const struct top_drive *d = s->top->drive[index];
	char text[TEXT], temperature[UNITS_TEXT], rate[UNITS_TEXT];
	const char *name = d->drive.reached ? d->drive.serial : d->drive.via;
	int len;

	format_rate(d, rate, sizeof(rate));
	if (d->drive.reached)
		len = snprintf(text, sizeof(text),
			       "%c %-20.20s %6s %3u %% %3u %% %8s %6u  ",
			       index == s->selected ? '>' : ' ', name,
			       units_celsius(d->drive.kelvin, temperature),
			       d->drive.spare, d->drive.used, rate, d->events);
	else
		len = snprintf(text, sizeof(text),
			       "%c %-20.20s %6s %5s %5s %8s %6u  ",
			       index == s->selected ? '>' : ' ', name, "-", "-",
			       "-", "-", d->events);
	if (index == s->selected)
		attron(A_BOLD);
	put(row, 0, text);
	put_colored(s, row, len, drive_list_color(&d->drive), d->state);
	if (index == s->selected)
		attroff(A_BOLD);
}

static void draw_table(struct screen *s)
{
	size_t rows =
		LINES > TABLE_ROW + 1 ? (size_t)(LINES - TABLE_ROW - 1) : 1;
	char text[TEXT];

	if (s->selected < s->first)
		s->first = s->selected;
	if (s->selected >= s->first + rows)
		s->first = s->selected - rows + 1;
	snprintf(text, sizeof(text),
		 "tether top  %zu drive%s  every %u s  sorted by %s",
		 s->top->count, s->top->count == 1 ? "" : "s",
		 s->interval_ms / 1000, top_sort_names[s->top->sort]);
	put(0, 0, text);
	attron(A_REVERSE);
	snprintf(text, sizeof(text), "%-*s", COLS < TEXT ? COLS : TEXT - 1,
		 "  SERIAL                 TEMP SPARE  USED    REQ/S EVENTS  "
		 "STATE");
	put(1, 0, text);
	attroff(A_REVERSE);
	for (size_t i = 0; i < rows && s->first + i < s->top->count; i++)
		draw_row(s, TABLE_ROW + (int)i, s->first + i);
	if (!s->top->count)
		put(TABLE_ROW, 2, "no drive found");
	put(LINES - 1, 0,
	    "q quit  Enter open  sort by: d)evice s)erial t)emp s(p)are u)sed "
	    "r)eq e)vents");
}

static void draw_field(int row, const char *name, const char *text)
{
	put(row, 0, name);
	put(row, 20, text);
}

static void draw_counters(const struct top_drive *d, int row)
{
	char text[TEXT], one[UNITS_TEXT], two[UNITS_TEXT], rate[UNITS_TEXT];

	format_rate(d, rate, sizeof(rate));
	snprintf(text, sizeof(text), "%s requests/s, %llu in total", rate,
		 (unsigned long long)d->commands);
	draw_field(row, "host", text);
	snprintf(text, sizeof(text), "%s read, %s written",
		 units_bytes(d->data_read, one),
		 units_bytes(d->data_written, two));
	draw_field(row + 1, "data", text);
	snprintf(text, sizeof(text),
		 "%llu cycles, %llu unsafe shutdowns, %llu hours on",
		 (unsigned long long)d->power_cycles,
		 (unsigned long long)d->unsafe_shutdowns,
		 (unsigned long long)d->power_on_hours);
	draw_field(row + 2, "power", text);
	snprintf(text, sizeof(text), "%llu",
		 (unsigned long long)d->media_errors);
	draw_field(row + 3, "media errors", text);
}

/* The newest events first, as many as fit. */
static void draw_events(const struct top_drive *d, int row)
{
	uint32_t kept = d->events < TOP_EVENTS ? d->events : TOP_EVENTS;
	char text[TEXT], time[UNITS_TEXT];

	snprintf(text, sizeof(text), "events since the start: %u", d->events);
	put(row++, 0, text);
	for (uint32_t i = 0; i < kept && row < LINES - 1; i++) {
		const struct top_event *e =
			&d->event[(d->events - 1 - i) % TOP_EVENTS];

		snprintf(text, sizeof(text), "  %8s  %s",
			 units_duration(e->ms / 1000, time), e->text);
		put(row++, 0, text);
	}
}

static void draw_drive(const struct screen *s)
{
	const struct top_drive *d = s->top->drive[s->selected];
	const struct drive_list_drive *drive = &d->drive;
	char text[TEXT], one[UNITS_TEXT], two[UNITS_TEXT];

	attron(A_BOLD);
	put(0, 0, drive->via);
	attroff(A_BOLD);
	put(2, 0, "state");
	put_colored(s, 2, 20, drive_list_color(drive), d->state);
	draw_field(3, "model", drive->model);
	draw_field(4, "serial", drive->serial);
	draw_field(5, "firmware", drive->firmware);
	snprintf(text, sizeof(text), "%s, %s not allocated",
		 units_bytes(drive->capacity, one),
		 units_bytes(drive->unallocated, two));
	draw_field(6, "size", text);
	draw_field(7, "temperature", units_celsius(drive->kelvin, one));
	snprintf(text, sizeof(text), "spare %u %%, used %u %%", drive->spare,
		 drive->used);
	draw_field(8, "life", text);
	draw_counters(d, 9);
	draw_events(d, 14);
	put(LINES - 1, 0, "Escape returns to the table  q quit");
}

static void draw(struct screen *s)
{
	erase();
	if (s->open)
		draw_drive(s);
	else
		draw_table(s);
	refresh();
}

/* --- keys --- */

static void sort_by(struct screen *s, enum top_sort sort)
{
	const struct top_drive *d =
		s->top->count ? s->top->drive[s->selected] : NULL;

	s->top->sort = sort;
	top_order(s->top);
	for (size_t i = 0; i < s->top->count; i++)
		if (s->top->drive[i] == d)
			s->selected = i; /* the selection follows its drive */
}

static void handle_key(struct screen *s, int key)
{
	static const char keys[TOP_SORTS + 1] = "dstpure";
	const char *sort = key > 0 && key < 128 ? strchr(keys, key) : NULL;

	if (key == 'q')
		s->quit = true;
	else if (key == ESCAPE || key == KEY_BACKSPACE || key == KEY_LEFT)
		s->open = false;
	else if (s->open)
		return;
	else if (sort)
		sort_by(s, (enum top_sort)(sort - keys));
	else if ((key == '\n' || key == '\r' || key == KEY_ENTER ||
		  key == KEY_RIGHT) &&
		 s->top->count)
		s->open = true;
	else if (key == KEY_UP && s->selected)
		s->selected--;
	else if (key == KEY_DOWN && s->selected + 1 < s->top->count)
		s->selected++;
}

static void sample_if_due(struct screen *s)
{
	uint64_t now = spawn_now_ms();

	if (now < s->next_ms)
		return;
	top_sample(s->top);
	sort_by(s, s->top->sort);
	s->next_ms = spawn_now_ms() + s->interval_ms;
}

static bool open_screen(struct screen *s)
{
	static const short colors[] = {
		[COLOR_GOOD] = COLOR_GREEN,
		[COLOR_NOTE] = COLOR_YELLOW,
		[COLOR_BAD] = COLOR_RED,
	};

	setlocale(LC_ALL, "");
	if (!newterm(NULL, stdout, stdin))
		return false;
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	timeout(TICK_MS);
	curs_set(0);
	s->colors = color_enabled(s->top->c, stdout) && has_colors() &&
		    start_color() == OK && use_default_colors() == OK;
	for (short i = COLOR_GOOD; s->colors && i <= COLOR_BAD; i++)
		init_pair(i, colors[i], -1);
	return true;
}

/* getch() returns at once when the terminal is gone, which is no signal to a
 * process that does not lead its session. */
static bool is_terminal_gone(void)
{
	struct pollfd p = { .fd = STDIN_FILENO };

	return poll(&p, 1, 0) > 0;
}

int top_screen_run(struct top *t, uint32_t interval_ms)
{
	struct screen s = { .top = t,
			    .interval_ms = interval_ms,
			    .next_ms = spawn_now_ms() + interval_ms };

	if (!open_screen(&s))
		return cli_fail(t->c,
				"cannot use this terminal: TERM is \"%s\". Use "
				"--once",
				getenv("TERM") ? getenv("TERM") : "");
	top_order(t);
	while (!s.quit && !cli_interrupted && !is_terminal_gone()) {
		draw(&s);
		handle_key(&s, getch());
		sample_if_due(&s);
	}
	endwin();
	return EXIT_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "drive_file/scenario.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "drive_file/sim_words.h"
#include "posix/ini_error.h"
#include "posix/parse.h"

enum { FILE_MAX = 1 << 20 };

/* --- parsing --- */

struct parser {
	struct scenario *scenario;
	const struct drive *drive;
	struct ini_error error;
	int line;
	uint32_t last_ms; /* time of the event in the line before */
	bool seed, start; /* the file has these lines */
	int repeat;	  /* line of "repeat"; 0: none */
};

static int parse_seed(struct parser *p, char *rest)
{
	if (p->seed)
		return ini_error_set(&p->error, p->line, "duplicate seed");
	p->seed = true;
	if (parse_number(rest, 0, 0, UINT64_MAX, &p->scenario->seed))
		return ini_error_set(&p->error, p->line,
				     "expected seed and a number");
	return ERR_OK;
}

static int parse_start(struct parser *p, char *rest)
{
	if (p->start)
		return ini_error_set(&p->error, p->line, "duplicate start");
	p->start = p->scenario->at_request = true;
	if (strcmp(rest, "at-request") != 0)
		return ini_error_set(&p->error, p->line,
				     "expected start at-request");
	return ERR_OK;
}

static int parse_repeat(struct parser *p, char *rest)
{
	if (p->repeat)
		return ini_error_set(&p->error, p->line,
				     "duplicate repeat, first in line %d",
				     p->repeat);
	p->repeat = p->line;
	if (strncmp(rest, "every ", 6) != 0 ||
	    sim_words_parse_duration(rest + 6, &p->scenario->repeat_ms) ||
	    !p->scenario->repeat_ms)
		return ini_error_set(&p->error, p->line,
				     "expected repeat every DURATION, as in "
				     "repeat every 10m");
	return ERR_OK;
}

/* TIME, or +DURATION since the line before. */
static int parse_time(struct parser *p, const char *text, uint32_t *ms)
{
	bool relative = *text == '+';
	uint32_t sum;

	if (sim_words_parse_duration(text + relative, ms))
		return ERR_INVALID;
	sum = *ms + (relative ? p->last_ms : 0);
	*ms = sum;
	return sum > SIM_DURATION_MAX_MS ? ERR_INVALID : ERR_OK;
}

static int parse_event(struct parser *p, char *rest)
{
	struct scenario *s = p->scenario;
	struct scenario_event *e = &s->event[s->events];
	char *action = rest + strcspn(rest, " \t");
	char error[INI_ERROR_MAX];

	if (s->events == SCENARIO_EVENTS)
		return ini_error_set(&p->error, p->line,
				     "more than %d lines with actions",
				     SCENARIO_EVENTS);
	if (*action)
		*action++ = '\0';
	if (parse_time(p, rest, &e->ms))
		return ini_error_set(&p->error, p->line,
				     "%.40s: expected a time of up to a week, "
				     "as in 90s, 1m30s or +500ms",
				     rest);
	if (sim_action_parse(p->drive, action, &e->action, error,
			     sizeof(error)))
		return ini_error_set(&p->error, p->line, "%s", error);
	e->line = p->line;
	p->last_ms = e->ms;
	s->events++;
	return ERR_OK;
}

static int parse_line(struct parser *p, char *line)
{
	static const struct {
		const char *name;
		int (*parse)(struct parser *p, char *rest);
	} lines[] = {
		{ "at", parse_event },
		{ "repeat", parse_repeat },
		{ "seed", parse_seed },
		{ "start", parse_start },
	};
	char *rest;
	size_t len;

	line += strspn(line, " \t");
	if (!*line)
		return ERR_OK;
	len = strcspn(line, " \t");
	rest = line + len + strspn(line + len, " \t");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (strlen(lines[i].name) == len &&
		    !strncmp(line, lines[i].name, len))
			return lines[i].parse(p, rest);
	return ini_error_set(&p->error, p->line,
			     "%.40s: expected at, repeat, seed or start", line);
}

/* Remove the comment and the blanks at the end. */
static void trim(char *line)
{
	size_t len;

	for (char *c = line; *c; c++)
		if (*c == '#' && (c == line || c[-1] == ' ' || c[-1] == '\t')) {
			*c = '\0';
			break;
		}
	len = strlen(line);
	while (len && strchr(" \t\r", line[len - 1]))
		line[--len] = '\0';
}

/* Copy the next line of the text. Returns the text behind it. */
static const char *copy_line(struct parser *p, const char *text, size_t len,
			     char *line, size_t cap)
{
	const char *end = memchr(text, '\n', len);
	size_t n = end ? (size_t)(end - text) : len;

	line[0] = '\0';
	if (n >= cap)
		(void)ini_error_set(&p->error, p->line,
				    "line longer than %zu characters", cap - 1);
	else
		memcpy(line, text, n);
	line[n < cap ? n : 0] = '\0';
	for (size_t i = 0; i < n && n < cap; i++)
		if ((line[i] < ' ' && line[i] != '\t' && line[i] != '\r') ||
		    line[i] > '~')
			(void)ini_error_set(&p->error, p->line,
					    "only ASCII characters are "
					    "allowed");
	return end ? end + 1 : text + len;
}

/* Sort by time. Insertion keeps the order of lines with one time. */
static void sort_events(struct scenario *s)
{
	static struct scenario_event e;

	for (unsigned int i = 1; i < s->events; i++) {
		unsigned int k = i;

		e = s->event[i];
		for (; k && s->event[k - 1].ms > e.ms; k--)
			s->event[k] = s->event[k - 1];
		s->event[k] = e;
	}
}

int scenario_parse(struct scenario *s, const struct drive *d, const char *text,
		   size_t len, const char *name, char *error, size_t cap)
{
	struct parser p = { .scenario = s, .drive = d };
	const char *end = text + len;
	char line[SIM_SETTING_MAX + 64];

	memset(s, 0, sizeof(*s));
	while (text < end && !p.error.text[0]) {
		p.line++;
		text = copy_line(&p, text, (size_t)(end - text), line,
				 sizeof(line));
		trim(line);
		if (!p.error.text[0])
			(void)parse_line(&p, line);
	}
	sort_events(s);
	if (p.repeat && s->events && s->event[s->events - 1].ms >= s->repeat_ms)
		(void)ini_error_set(&p.error, s->event[s->events - 1].line,
				    "the time is not before the end of the "
				    "round, which line %d sets",
				    p.repeat);
	return ini_error_format(&p.error, name, error, cap);
}

int scenario_load(struct scenario *s, const struct drive *d, const char *path,
		  char *error, size_t cap)
{
	char *all = malloc(FILE_MAX + 1);
	FILE *f = all ? fopen(path, "re") : NULL;
	size_t len = f ? fread(all, 1, FILE_MAX + 1, f) : 0;
	int err = ERR_INVALID;

	if (!f || ferror(f)) {
		snprintf(error, cap, "cannot read scenario %s: %s", path,
			 strerror(errno));
		err = ERR_IO;
	} else if (len > FILE_MAX) {
		snprintf(error, cap, "%s: larger than 1 MiB, not a scenario",
			 path);
	} else {
		err = scenario_parse(s, d, all, len, path, error, cap);
	}
	if (f)
		fclose(f);
	free(all);
	return err;
}

/* --- running --- */

static void report(const struct scenario *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void report(const struct scenario *s, const char *format, ...)
{
	char text[INI_ERROR_MAX];
	va_list args;

	if (!s->log)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	s->log(s->log_ctx, text);
}

void scenario_start(struct scenario *s, uint32_t now_ms, bool request)
{
	if (s->started || (s->at_request && !request))
		return;
	s->started = true;
	s->start_ms = now_ms;
	if (s->events)
		report(s, "scenario: start, %u actions", s->events);
}

static void run_event(struct scenario *s, struct simulator *sim,
		      const struct scenario_event *e)
{
	char error[INI_ERROR_MAX];

	if (simulator_apply(sim, &e->action, s->start_ms + e->ms, error,
			    sizeof(error)))
		report(s, "scenario: line %d failed: %s", e->line, error);
	else
		report(s, "scenario: line %d", e->line);
}

void scenario_poll(struct scenario *s, struct simulator *sim, uint32_t now_ms)
{
	while (s->started && s->events) {
		const struct scenario_event *e = &s->event[s->next];
		uint32_t at = now_ms - s->start_ms;

		if (s->next == s->events) {
			if (!s->repeat_ms || at < s->repeat_ms)
				return;
			s->start_ms += s->repeat_ms;
			s->next = 0;
			continue;
		}
		if (at < e->ms)
			return;
		/* Curves and power advance up to the time of the event. */
		simulator_poll(sim, s->start_ms + e->ms);
		run_event(s, sim, e);
		s->next++;
	}
}

uint32_t scenario_wait(const struct scenario *s, uint32_t now_ms)
{
	uint32_t at = now_ms - s->start_ms, due = s->repeat_ms;

	if (!s->started || !s->events)
		return UINT32_MAX;
	if (s->next < s->events)
		due = s->event[s->next].ms;
	else if (!due)
		return UINT32_MAX;
	return at >= due ? 0 : due - at;
}

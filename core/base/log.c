/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"

/* Format of a line in the ring: level, length of the text, text without
 * newline. HEADER is the size of level and length. */
enum { HEADER = 2, TEXT_MAX = LOG_LINE_MAX - 1 };

_Static_assert(TEXT_MAX <= 255, "the ring stores a length in a byte");
_Static_assert(LOG_RING_SIZE >= 2 * LOG_LINE_MAX,
	       "the ring holds at least two lines");

static const char *const names[] = { "ERROR", "WARN", "INFO", "DEBUG",
				     "TRACE" };

void log_init(struct log *l, enum log_level level)
{
	memset(l, 0, offsetof(struct log, ring));
	l->level = level;
}

static uint8_t read_byte(const struct log *l, uint32_t at)
{
	return l->ring[at & (LOG_RING_SIZE - 1)];
}

static void append_byte(struct log *l, uint8_t byte)
{
	l->ring[l->head++ & (LOG_RING_SIZE - 1)] = byte;
}

void log_write(struct log *l, enum log_level level, const char *format, ...)
{
	char text[TEXT_MAX + 1];
	va_list args;
	int n, m;

	if (!l || level > l->level)
		return;
	n = snprintf(text, sizeof(text), "%10lu %-5s ",
		     (unsigned long)l->now_ms, names[level]);
	va_start(args, format);
	m = vsnprintf(text + n, sizeof(text) - (size_t)n, format, args);
	va_end(args);
	if (m < 0)
		return;
	n += m;
	if (n > TEXT_MAX)
		n = TEXT_MAX;
	while (l->head + HEADER + (uint32_t)n - l->tail > LOG_RING_SIZE) {
		l->tail += HEADER + (uint32_t)read_byte(l, l->tail + 1);
		l->dropped++;
	}
	append_byte(l, (uint8_t)level);
	append_byte(l, (uint8_t)n);
	for (int i = 0; i < n; i++)
		append_byte(l, (uint8_t)text[i]);
	l->lines++;
}

void log_sink_init(struct log_sink *s, struct log *l, enum log_level level)
{
	memset(s, 0, sizeof(*s));
	s->log = l;
	s->level = level;
	s->at = l->tail;
	s->line = l->dropped;
}

static void report_missed(struct log_sink *s)
{
	struct log *l = s->log;

	s->len = (uint16_t)snprintf(s->text, sizeof(s->text),
				    "(missed %lu lines)\n",
				    (unsigned long)(l->dropped - s->line));
	s->at = l->tail;
	s->line = l->dropped;
}

/* Copy the next line that the sink's level includes to text[]. Returns false if
 * the ring has no further line. */
static bool fetch_line(struct log_sink *s)
{
	const struct log *l = s->log;

	s->sent = s->len = 0;
	if ((int32_t)(l->tail - s->at) > 0) {
		report_missed(s);
		return true;
	}
	while (s->at != l->head) {
		uint8_t level = read_byte(l, s->at),
			len = read_byte(l, s->at + 1);
		uint32_t text = s->at + HEADER;

		s->at = text + len;
		s->line++;
		if (level > s->level)
			continue;
		for (uint8_t i = 0; i < len; i++)
			s->text[i] = (char)read_byte(l, text + i);
		s->text[len] = '\n';
		s->len = (uint16_t)(len + 1);
		return true;
	}
	return false;
}

size_t log_sink_pull(struct log_sink *s, char *buf, size_t cap)
{
	size_t n = 0;

	while (n < cap) {
		size_t k = (size_t)(s->len - s->sent);

		if (!k) {
			if (!fetch_line(s))
				break;
			continue;
		}
		if (k > cap - n)
			k = cap - n;
		memcpy(buf + n, s->text + s->sent, k);
		s->sent = (uint16_t)(s->sent + k);
		n += k;
	}
	return n;
}

int log_level_parse(const char *name, enum log_level *level)
{
	static const char *const words[] = { "error", "warn", "info", "debug",
					     "trace" };

	for (unsigned int i = 0; i < 5; i++) {
		if (!strcmp(name, words[i])) {
			*level = (enum log_level)i;
			return ERR_OK;
		}
	}
	return ERR_INVALID;
}

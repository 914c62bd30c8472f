/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device's log: a ring of lines, and sinks that read it at their own pace.
 * Writing never blocks: a full ring drops its oldest line. A sink that missed
 * lines reports their number in a separate line.
 */
#ifndef TETHER_BASE_LOG_H
#define TETHER_BASE_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/config.h"

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_TRACE
};

enum { LOG_LINE_MAX = 160 }; /* bytes, with time, level and newline */

struct log {
	enum log_level level; /* lines of less important levels are dropped */
	uint32_t now_ms;      /* time stamp of the next lines */
	uint32_t head;	      /* total bytes written */
	uint32_t tail;	      /* position of the oldest line */
	uint32_t lines;	      /* total lines written */
	uint32_t dropped;     /* total lines dropped */
	uint8_t ring[LOG_RING_SIZE];
};

/** A reader of the log, with its position in the ring. */
struct log_sink {
	struct log *log;
	enum log_level level; /* the sink skips less important levels */
	uint32_t at;	      /* position of the next line in the ring */
	uint32_t line;	      /* number of the line at `at` */
	uint16_t len, sent;   /* bytes of text[], and bytes already pulled */
	char text[LOG_LINE_MAX];
};

/** Initialize an empty log that drops lines less important than
 * `level`. */
void log_init(struct log *l, enum log_level level);

/** Set the time stamp of the lines written from now on. */
static inline void log_set_time(struct log *l, uint32_t now_ms)
{
	l->now_ms = now_ms;
}

/** Append a line. The format has no final newline. A line that exceeds
 * LOG_LINE_MAX is truncated. With l = NULL, the line is dropped. */
void log_write(struct log *l, enum log_level level, const char *format, ...)
	PRINTF_FORMAT(3, 4);

/** Attach a sink. The sink starts with the oldest line in the ring. */
void log_sink_init(struct log_sink *s, struct log *l, enum log_level level);

/**
 * Copy up to cap bytes of text to buf. Lines end with "\n" and may be split
 * between calls. Returns the number of bytes; 0: the sink has read everything.
 */
size_t log_sink_pull(struct log_sink *s, char *buf, size_t cap);

/** Convert "error", "warn", "info", "debug" or "trace". ERR_INVALID: other. */
int log_level_parse(const char *name, enum log_level *level);

#endif

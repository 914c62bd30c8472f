/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device's log: a ring of lines that never blocks its writers, and sinks
 * that pull lines from it at their own pace. The ring drops the oldest line
 * when it is full; a sink that was too slow says how many it missed.
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

enum { LOG_LINE_MAX = 160 }; /* with time, level and newline */

struct log {
	enum log_level level; /* what is kept at all */
	uint32_t now_ms;      /* time of the lines to come */
	uint32_t head;	      /* bytes ever written */
	uint32_t tail;	      /* where the oldest line begins */
	uint32_t lines;	      /* lines ever written */
	uint32_t dropped;     /* lines ever dropped */
	uint8_t ring[LOG_RING_SIZE];
};

/** A reader of the log. Starts with the oldest line that is still there. */
struct log_sink {
	struct log *log;
	enum log_level level; /* what it shows */
	uint32_t at;	      /* position in the ring */
	uint32_t line;	      /* number of the line at `at` */
	uint16_t len, sent;   /* the line being handed out */
	char text[LOG_LINE_MAX];
};

void log_init(struct log *l, enum log_level level);

/** Set the time of the following lines. */
static inline void log_set_time(struct log *l, uint32_t now_ms)
{
	l->now_ms = now_ms;
}

/** Add a line, without a newline; longer ones are cut. l may be NULL. */
void log_write(struct log *l, enum log_level level, const char *format, ...)
	PRINTF_FORMAT(3, 4);

void log_sink_init(struct log_sink *s, struct log *l, enum log_level level);

/**
 * Up to cap bytes of text, lines ended by "\n".
 * Returns the number of bytes, 0 when everything was read.
 */
size_t log_sink_pull(struct log_sink *s, char *buf, size_t cap);

/** "error", "warn", "info", "debug", "trace" to a level; ERR_INVALID. */
int log_level_parse(const char *name, enum log_level *level);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "usbserve/log_limit.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"

static bool allows(struct log_limit *l, struct log *log, uint32_t now_ms)
{
	if (!l->started || now_ms - l->start_ms >= LOG_LIMIT_MS) {
		if (l->dropped)
			log_write(log, LOG_LEVEL_WARN,
				  "USB/IP: %u more lines like these",
				  l->dropped);
		*l = (struct log_limit){ .start_ms = now_ms, .started = true };
	}
	if (l->lines < LOG_LIMIT_LINES) {
		l->lines++;
		return true;
	}
	l->dropped++;
	return false;
}

void log_limit_warn(struct log_limit *l, struct log *log, uint32_t now_ms,
		    const char *format, ...)
{
	char line[LOG_LINE_MAX];
	va_list args;

	if (!allows(l, log, now_ms))
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	log_write(log, LOG_LEVEL_WARN, "%s", line);
}

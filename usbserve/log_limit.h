/* SPDX-License-Identifier: Apache-2.0 */
/* Limits log lines that a peer can cause at will. */
#ifndef TETHER_USBSERVE_LOG_LIMIT_H
#define TETHER_USBSERVE_LOG_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct log;

enum { LOG_LIMIT_LINES = 10, LOG_LIMIT_MS = 10000 };

/** All zero at the start. */
struct log_limit {
	uint32_t start_ms;
	unsigned int lines, dropped;
	bool started;
};

/** Log a warning, at most LOG_LIMIT_LINES in LOG_LIMIT_MS. The first line after
 * dropped ones is preceded by a line with their number. */
void log_limit_warn(struct log_limit *l, struct log *log, uint32_t now_ms,
		    const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif

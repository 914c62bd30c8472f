/* SPDX-License-Identifier: Apache-2.0 */
#include "usbserve/log_limit.h"

#include "base/log.h"

bool log_limit_allows(struct log_limit *l, struct log *log, uint32_t now_ms)
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

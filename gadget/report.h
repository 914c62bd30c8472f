/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a list of keys and values either as aligned text or as one JSON
 * object, into a buffer of the caller. tetherd's only JSON writer.
 *
 * tetherd does not use json-c: it is linked statically for boards with little
 * flash, writes one flat object, and reads no JSON.
 *
 * Keys are snake_case literals. Values that are not printable ASCII get '?'.
 * Output that does not fit is truncated.
 */
#ifndef TETHER_GADGET_REPORT_H
#define TETHER_GADGET_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct report {
	char *start, *at, *end;
	bool json;
	bool first; /* no key was written yet */
};

/** Begin a report in `out`, cap bytes with the zero byte. */
void report_init(struct report *r, bool json, char *out, size_t cap);

void report_text(struct report *r, const char *key, const char *value);
void report_number(struct report *r, const char *key, uint64_t value);
void report_bool(struct report *r, const char *key, bool value);

/** A list of texts: value(i) for i = 0, 1, ... until NULL. */
void report_list(struct report *r, const char *key,
		 const char *(*value)(int i));

/** End the report. Returns its length without the zero byte. */
size_t report_finish(struct report *r);

#endif

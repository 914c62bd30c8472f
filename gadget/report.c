/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/report.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/printable.h"

static void add(struct report *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void add(struct report *r, const char *format, ...)
{
	size_t room = (size_t)(r->end - r->at);
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(r->at, room, format, args);
	va_end(args);
	if (n > 0)
		r->at += (size_t)n < room ? (size_t)n : room - 1;
}

static void add_printable(struct report *r, const char *value)
{
	for (; *value; value++) {
		bool escape = r->json && (*value == '"' || *value == '\\');

		add(r, "%s%c", escape ? "\\" : "", printable_char(*value));
	}
}

static void add_value(struct report *r, const char *value)
{
	if (r->json)
		add(r, "\"");
	add_printable(r, value);
	if (r->json)
		add(r, "\"");
}

static void add_key(struct report *r, const char *key)
{
	if (r->json)
		add(r, "%s\"%s\":", r->first ? "" : ",", key);
	else
		add(r, "%-17s", key);
	r->first = false;
}

void report_init(struct report *r, bool json, char *out, size_t cap)
{
	*r = (struct report){ out, out, out + cap, json, true };
	add(r, json ? "{" : "");
}

void report_text(struct report *r, const char *key, const char *value)
{
	add_key(r, key);
	add_value(r, r->json || *value ? value : "-");
	if (!r->json)
		add(r, "\n");
}

void report_number(struct report *r, const char *key, uint64_t value)
{
	add_key(r, key);
	add(r, "%llu%s", (unsigned long long)value, r->json ? "" : "\n");
}

void report_bool(struct report *r, const char *key, bool value)
{
	add_key(r, key);
	if (r->json)
		add(r, "%s", value ? "true" : "false");
	else
		add(r, "%s\n", value ? "yes" : "no");
}

void report_list(struct report *r, const char *key, const char *(*value)(int i))
{
	if (!r->json) {
		for (int i = 0; value(i); i++)
			report_text(r, i ? "" : key, value(i));
		return;
	}
	add_key(r, key);
	add(r, "[");
	for (int i = 0; value(i); i++) {
		add(r, "%s", i ? "," : "");
		add_value(r, value(i));
	}
	add(r, "]");
}

size_t report_finish(struct report *r)
{
	add(r, "%s", r->json ? "}\n" : "");
	return (size_t)(r->at - r->start);
}

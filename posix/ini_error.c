/* SPDX-License-Identifier: Apache-2.0 */
#include "posix/ini_error.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/err.h"
#include "base/printable.h"

int ini_error_set(struct ini_error *e, int line, const char *format, ...)
{
	va_list args;

	if (e->text[0])
		return ERR_INVALID;
	va_start(args, format);
	vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	/* The text quotes the file and is printed to terminals. */
	(void)printable(e->text);
	e->line = line;
	return ERR_INVALID;
}

int ini_error_format(const struct ini_error *e, const char *name, char *out,
		     size_t cap)
{
	if (!e->text[0])
		return ERR_OK;
	if (e->line)
		snprintf(out, cap, "%s:%d: %s", name, e->line, e->text);
	else
		snprintf(out, cap, "%s: %s", name, e->text);
	return ERR_INVALID;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/message.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"

static char kept[MESSAGES_KEPT][MESSAGE_TEXT];
static void (*forward)(enum message_level level, const char *text);
static int count; /* lines kept so far, including overwritten ones */

/* Keep a line for message_kept(). false: the text equals the last kept line. */
static bool keep(const char *text)
{
	if (count && !strcmp(kept[(count - 1) % MESSAGES_KEPT], text))
		return false;
	memcpy(kept[count++ % MESSAGES_KEPT], text, strlen(text) + 1);
	return true;
}

void message(enum message_level level, const char *format, ...)
{
	static const char *const priority[] = { "<3>", "<4>", "<6>" };
	char text[MESSAGE_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	(void)printable(text);
	if (forward) {
		forward(level, text);
		return;
	}
	if (level != MESSAGE_INFO && !keep(text))
		return;
	fprintf(stderr, "%s%s\n",
		getenv("JOURNAL_STREAM") ? priority[level] : "tetherd: ", text);
}

void message_forward(void (*to)(enum message_level level, const char *text))
{
	forward = to;
}

const char *message_kept(int i)
{
	int first = count > MESSAGES_KEPT ? count - MESSAGES_KEPT : 0;

	return first + i < count ? kept[(first + i) % MESSAGES_KEPT] : NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "posix/advice.h"

#include <stdio.h>

const char *advice_text(enum advice what, const char *subject,
			char text[ADVICE_TEXT])
{
	const struct advice_words *w = &advice_words[what];

	if (w->after)
		snprintf(text, ADVICE_TEXT, "%s%.64s%s", w->before, subject,
			 w->after);
	else
		snprintf(text, ADVICE_TEXT, "%s", w->before);
	return text;
}

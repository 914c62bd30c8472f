/* SPDX-License-Identifier: Apache-2.0 */
#include "drive_file/sim_words.h"

#include <string.h>

#include "base/err.h"
#include "posix/parse.h"

int sim_words_split(const char *line, struct sim_words *w)
{
	char *at = w->text;

	w->count = 0;
	w->word[0] = NULL;
	if (strlen(line) >= sizeof(w->text))
		return ERR_LENGTH;
	memcpy(at, line, strlen(line) + 1);
	for (;;) {
		at += strspn(at, " \t\r");
		if (!*at)
			return ERR_OK;
		if (w->count == SIM_WORDS)
			return ERR_LENGTH;
		w->word[w->count++] = at;
		w->word[w->count] = NULL;
		at += strcspn(at, " \t\r");
		if (*at)
			*at++ = '\0';
	}
}

int sim_words_parse_duration(const char *text, uint32_t *ms)
{
	static const struct {
		const char *unit;
		uint32_t ms;
	} units[] = {
		{ "h", 3600000 }, { "ms", 1 }, { "m", 60000 }, { "s", 1000 }
	};
	uint64_t sum = 0, number;
	uint32_t last = UINT32_MAX;
	size_t i;

	if (!strcmp(text, "0")) {
		*ms = 0;
		return ERR_OK;
	}
	do {
		if (*text == ' ' ||
		    parse_next(&text, 10, SIM_DURATION_MAX_MS, &number))
			return ERR_INVALID;
		for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
			if (!strncmp(text, units[i].unit,
				     strlen(units[i].unit)))
				break;
		if (i == sizeof(units) / sizeof(units[0]) ||
		    units[i].ms >= last)
			return ERR_INVALID;
		last = units[i].ms;
		sum += number * last;
		text += strlen(units[i].unit);
	} while (*text);
	if (sum > SIM_DURATION_MAX_MS)
		return ERR_INVALID;
	*ms = (uint32_t)sum;
	return ERR_OK;
}

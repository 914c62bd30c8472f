/* SPDX-License-Identifier: Apache-2.0 */
#include "posix/suggest.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Words that differ in more than every third character are not similar. */
static unsigned int limit_of(const struct suggest *s)
{
	size_t len = strlen(s->word);

	return len < 2 ? 0 : (unsigned int)(len + 2) / 3;
}

void suggest_init(struct suggest *s, const char *word, size_t len)
{
	if (len >= SUGGEST_WORD)
		len = 0; /* no candidate is that long */
	memcpy(s->word, word, len);
	s->word[len] = '\0';
	s->best[0] = '\0';
	s->distance = limit_of(s) + 1;
}

static unsigned int min_of(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Count the edits from one word to another: insert, delete or replace one
 * character, or swap two neighbours. Both are shorter than SUGGEST_WORD. */
static unsigned int count_edits(const char *a, const char *b)
{
	unsigned int row[3][SUGGEST_WORD];
	size_t rows = strlen(a), columns = strlen(b);

	for (size_t k = 0; k <= columns; k++)
		row[0][k] = (unsigned int)k;
	for (size_t i = 1; i <= rows; i++) {
		unsigned int *now = row[i % 3], *up = row[(i - 1) % 3];
		const unsigned int *swap = row[(i + 1) % 3];

		now[0] = (unsigned int)i;
		for (size_t k = 1; k <= columns; k++) {
			now[k] = up[k - 1] + (a[i - 1] != b[k - 1]);
			now[k] = min_of(now[k], up[k] + 1);
			now[k] = min_of(now[k], now[k - 1] + 1);
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] &&
			    a[i - 2] == b[k - 1])
				now[k] = min_of(now[k], swap[k - 2] + 1);
		}
	}
	return row[rows % 3][columns];
}

void suggest_compare(struct suggest *s, const char *candidate)
{
	size_t len = strlen(s->word);
	unsigned int distance;

	if (!len || strlen(candidate) >= SUGGEST_WORD)
		return;
	/* An abbreviation is as close as one wrong character. */
	distance = len > 1 && !strncmp(candidate, s->word, len)
			   ? 1
			   : count_edits(s->word, candidate);
	if (distance >= s->distance)
		return;
	s->distance = distance;
	snprintf(s->best, sizeof(s->best), "%s", candidate);
}

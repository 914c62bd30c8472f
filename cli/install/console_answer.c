/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/install/console_answer.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/board/cksum.h"

enum { MOST = 4096 }; /* bytes of an answer's text */

/* It answers the question; "no": a line came damaged. */
static bool is_for(const char *text, const char *head)
{
	size_t n = strlen(head);

	return !strncmp(text, "no@", 3) ||
	       (!strncmp(text, head, n) && strchr(" @", text[n]));
}

/* Where the text ends, whose sum this is; it may have an @ itself. NULL:
 * nowhere on this line. Each byte is summed once, whatever a board says. */
static char *find_end(char *text, unsigned long sum)
{
	uint32_t crc = 0;
	char *at = text, *end;

	while ((end = strpbrk(at, "@\n")) && *end == '@' &&
	       end - text <= MOST) {
		crc = cksum_update(crc, at, (size_t)(end - at));
		if (sum == cksum_final(crc, (size_t)(end - text)))
			return end;
		crc = cksum_update(crc, "@", 1);
		at = end + 1;
	}
	return NULL;
}

char *console_answer_find(char *said, const char *head)
{
	for (char *at = said; at && (at = strchr(at, '@')); at++) {
		char *text, *end;
		unsigned long sum = strtoul(at + 1, &text, 10);

		if (*text++ != ' ' || !is_for(text, head))
			continue;
		end = find_end(text, sum);
		if (!end)
			continue;
		*end = '\0';
		return text;
	}
	return NULL;
}

bool console_answer_numbers(const char *answer, unsigned long long *first,
			    unsigned long long *second)
{
	char *end;

	for (int i = 0; i < 2; i++) {
		answer += strcspn(answer, " ");
		answer += strspn(answer, " ");
	}
	*first = strtoull(answer, &end, 10);
	if (end == answer || !second)
		return end != answer;
	answer = end;
	*second = strtoull(answer, &end, 10);
	return end != answer;
}

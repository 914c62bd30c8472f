/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/install/console_answer.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/board/cksum.h"
#include "posix/parse.h"

enum { TEXT_SIZE_MAX = 4096 };

/* True if the text answers the request; "no" reports a damaged request. */
static bool answers_request(const char *text, const char *head)
{
	size_t n = strlen(head);

	return !strncmp(text, "no@", 3) ||
	       (!strncmp(text, head, n) && strchr(" @", text[n]));
}

/* Find the @ that ends the text with this checksum, on the same line; the text
 * may contain @. Each byte is hashed once, so a hostile board cannot cause
 * quadratic time. */
static char *find_end(char *text, unsigned long sum)
{
	uint32_t crc = 0;
	char *at = text, *end;

	while ((end = strpbrk(at, "@\n")) && *end == '@' &&
	       end - text <= TEXT_SIZE_MAX) {
		crc = cksum_update(crc, at, (size_t)(end - at));
		if (sum == cksum_final(crc, (size_t)(end - text)))
			return end;
		crc = cksum_update(crc, "@", 1);
		at = end + 1;
	}
	return NULL;
}

char *console_answer_find(char *output, const char *head)
{
	for (char *at = output; at && (at = strchr(at, '@')); at++) {
		const char *number = at + 1;
		char *text, *end;
		uint64_t sum;

		if (parse_next(&number, 10, UINT32_MAX, &sum))
			continue;
		text = at + (number - at);
		if (*text++ != ' ' || !answers_request(text, head))
			continue;
		end = find_end(text, (unsigned long)sum);
		if (!end)
			continue;
		*end = '\0';
		return text;
	}
	return NULL;
}

bool console_answer_numbers(const char *answer, uint64_t *first,
			    uint64_t *second)
{
	for (int i = 0; i < 2; i++) {
		answer += strcspn(answer, " ");
		answer += strspn(answer, " ");
	}
	return !parse_next(&answer, 10, UINT64_MAX, first) &&
	       (!second || !parse_next(&answer, 10, UINT64_MAX, second));
}

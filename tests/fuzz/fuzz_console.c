/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes the parser of a serial console's output (console_answer.c). The target
 * parses the input unchanged, and again with a valid answer behind it. The
 * parser must find this answer. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/install/console_answer.h"
#include "cli/board/cksum.h"
#include "cli/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool true_always)
{
	if (!true_always)
		abort();
}

/* Append data as text without zero bytes, as cli/install/console.c does. */
static void add_text(struct text *t, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		text_add(t, data[i] ? (const char *)&data[i] : "?", 1);
}

static void check_answer(const char *output, const char *head)
{
	struct text t = { 0 };
	uint64_t first, second;
	char *answer;

	text_puts(&t, output);
	answer = console_answer_find(t.at, head);
	if (answer) {
		expect(answer > t.at && answer + strlen(answer) < t.at + t.len);
		expect(!strcmp(answer, "no") ||
		       !strncmp(answer, head, strlen(head)));
		expect(!strchr(answer, '\n'));
		(void)console_answer_numbers(answer, &first, &second);
		(void)console_answer_numbers(answer, &first, NULL);
	} else {
		expect(!strcmp(output, text_get(&t)));
	}
	text_free(&t);
}

/* Check that the parser finds a valid answer behind the input, unless the input
 * itself contains a valid answer. */
static void check_appended(const uint8_t *data, size_t size)
{
	static const char valid[] = "o name 12 34";
	struct text t = { 0 };
	char *answer;

	add_text(&t, data, size);
	text_addf(&t, "\n@%lu %s@\n",
		  (unsigned long)cksum_final(
			  cksum_update(0, valid, sizeof(valid) - 1),
			  sizeof(valid) - 1),
		  valid);
	answer = console_answer_find(t.at, "o name");
	expect(answer &&
	       (!strcmp(answer, "no") || !strncmp(answer, "o name", 6)));
	text_free(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text t = { 0 };

	add_text(&t, data, size);
	check_answer(text_get(&t), "up");
	check_answer(text_get(&t), "o name");
	check_answer(text_get(&t), "t 768");
	check_appended(data, size);
	text_free(&t);
	return 0;
}

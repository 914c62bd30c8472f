/* SPDX-License-Identifier: Apache-2.0 */
/* What a board's serial console says, before the answers are taken from it;
 * and an answer of our own in the middle of it, which has to be found. */
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

/* As text, whatever it was: cli/console.c receives it so. */
static void add(struct text *t, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		text_add(t, data[i] ? (const char *)&data[i] : "?", 1);
}

static void look(const char *said, const char *head)
{
	struct text t = { 0 };
	unsigned long long first, second;
	char *answer;

	text_puts(&t, said);
	answer = console_answer_find(t.at, head);
	if (answer) {
		expect(answer > t.at && answer + strlen(answer) < t.at + t.len);
		expect(!strcmp(answer, "no") ||
		       !strncmp(answer, head, strlen(head)));
		expect(!strchr(answer, '\n'));
		(void)console_answer_numbers(answer, &first, &second);
		(void)console_answer_numbers(answer, &first, NULL);
	} else {
		expect(!strcmp(said, text_get(&t)));
	}
	text_free(&t);
}

/* Behind noise that ends with its line, ours is found, but for another that
 * is right as well. */
static void find_ours(const uint8_t *data, size_t size)
{
	static const char ours[] = "o name 12 34";
	struct text t = { 0 };
	char *answer;

	add(&t, data, size);
	text_addf(&t, "\n@%lu %s@\n",
		  (unsigned long)cksum_final(
			  cksum_update(0, ours, sizeof(ours) - 1),
			  sizeof(ours) - 1),
		  ours);
	answer = console_answer_find(t.at, "o name");
	expect(answer &&
	       (!strcmp(answer, "no") || !strncmp(answer, "o name", 6)));
	text_free(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text t = { 0 };

	add(&t, data, size);
	look(text_get(&t), "up");
	look(text_get(&t), "o name");
	look(text_get(&t), "t 768");
	find_ours(data, size);
	text_free(&t);
	return 0;
}

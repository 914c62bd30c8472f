/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text that grows: command lines, outputs of programs, files of the user.
 * Without memory the program ends with a message, so that nothing here fails.
 */
#ifndef TETHER_CLI_TEXT_H
#define TETHER_CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/** All zero is an empty text. `at` is NULL then, else ends with a zero that
 * `len` does not count; zeros inside are kept. */
struct text {
	char *at;
	size_t len, room;
};

void text_free(struct text *t);

/** Room for `more` bytes behind the text, which stay the caller's to fill
 * before it adds them to len. */
char *text_grow(struct text *t, size_t more);
void text_add(struct text *t, const void *data, size_t len);
void text_puts(struct text *t, const char *s);
void text_addf(struct text *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** The text, "" when there is none. */
const char *text_get(const struct text *t);

/** A word as a POSIX shell takes it, whatever it holds: 'it'\''s'. */
void text_quote(struct text *t, const char *word);

/** Without the line ends at its end. */
void text_chomp(struct text *t);

/** A whole file, of `most` bytes at the most. 0, or -1 with errno set
 * (EFBIG: longer). */
int text_read(struct text *t, const char *path, size_t most);

/** For a terminal: control characters and what is no ASCII become '?', line
 * ends and tabs stay. In place. */
void text_tame(char *s);

/** memory, or the end of the program. */
void *text_memory(size_t count, size_t size);

#endif

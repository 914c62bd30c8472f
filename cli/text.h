/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Growing text for command lines, output of programs and files of the user. If
 * memory runs out, the program exits with a message, so callers need not check
 * for that.
 */
#ifndef TETHER_CLI_TEXT_H
#define TETHER_CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/** A text; all zero is empty. `at` is NULL for an empty text, otherwise it ends
 * with a zero byte that `len` does not count. Zero bytes inside are kept. */
struct text {
	char *at;
	size_t len, room;
};

/** Free the memory, and empty the text. */
void text_free(struct text *t);

/** Make room for `more` bytes behind the text. Returns the room; the caller
 * writes to it and adds the bytes to len. */
char *text_grow(struct text *t, size_t more);

/** Append bytes, a string, or formatted text. */
void text_add(struct text *t, const void *data, size_t len);
void text_puts(struct text *t, const char *s);
void text_addf(struct text *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** The text as a string, "" if it is empty. */
const char *text_get(const struct text *t);

/** Append a word quoted for a POSIX shell, as 'it'\''s'. */
void text_quote(struct text *t, const char *word);

/** Remove line ends at the end. */
void text_chomp(struct text *t);

/** Append a file of at most max bytes. Returns 0, or -1 with errno set
 * (EFBIG: the file is longer). */
int text_read(struct text *t, const char *path, size_t max);

/** Make a string safe for a terminal, in place: control characters and bytes
 * outside ASCII become '?', except line ends and tabs. */
void text_sanitize(char *s);

/** Make a text safe for a terminal like text_sanitize(), and remove the
 * carriage returns that ssh prints before its line ends. */
void text_clean(struct text *t);

/** A copy of a string from others that is safe inside a line of a terminal: as
 * text_sanitize(), and line ends and tabs become '?', too. Valid until the
 * eighth next call; text beyond 1023 characters is cut. */
const char *text_show(const char *s);

/** Allocate zeroed memory, or exit with a message. The caller frees it. */
void *text_allocate(size_t count, size_t size);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Growing text, on the heap. */
#include "cli/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/printable.h"

static void *exit_if_null(void *memory)
{
	if (!memory) {
		fputs("tether: out of memory\n", stderr);
		exit(1);
	}
	return memory;
}

void *text_allocate(size_t count, size_t size)
{
	return exit_if_null(calloc(count ? count : 1, size ? size : 1));
}

void text_free(struct text *t)
{
	free(t->at);
	*t = (struct text){ 0 };
}

char *text_grow(struct text *t, size_t more)
{
	size_t need = t->len + more + 1;

	if (need < more)
		exit_if_null(NULL);
	if (need > t->room) {
		t->room = need > 2 * t->room ? need : 2 * t->room;
		t->at = exit_if_null(realloc(t->at, t->room));
	}
	return t->at + t->len;
}

void text_add(struct text *t, const void *data, size_t len)
{
	char *end = text_grow(t, len);

	if (len)
		memcpy(end, data, len);
	t->len += len;
	t->at[t->len] = '\0';
}

void text_puts(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

void text_addf(struct text *t, const char *format, ...)
{
	va_list args, again;
	int n;

	va_start(args, format);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n >= 0) {
		char *end = text_grow(t, (size_t)n);

		vsnprintf(end, (size_t)n + 1, format, again);
		t->len += (size_t)n;
	}
	va_end(again);
}

const char *text_get(const struct text *t)
{
	return t->at ? t->at : "";
}

void text_quote(struct text *t, const char *word)
{
	text_puts(t, "'");
	for (const char *quote; (quote = strchr(word, '\''));
	     word = quote + 1) {
		text_add(t, word, (size_t)(quote - word));
		text_puts(t, "'\\''");
	}
	text_puts(t, word);
	text_puts(t, "'");
}

void text_chomp(struct text *t)
{
	while (t->len &&
	       (t->at[t->len - 1] == '\n' || t->at[t->len - 1] == '\r'))
		t->at[--t->len] = '\0';
}

int text_read(struct text *t, const char *path, size_t max)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t start = t->len;
	ssize_t n = 0;
	int error = 0;

	if (fd < 0)
		return -1;
	do {
		n = read(fd, text_grow(t, 65536), 65536);
		if (n > 0)
			t->len += (size_t)n;
		else if (n < 0)
			error = errno;
		if (t->len - start > max)
			error = EFBIG;
	} while (n > 0 && !error);
	close(fd);
	t->at[t->len] = '\0';
	errno = error;
	return error ? -1 : 0;
}

void text_sanitize(char *s)
{
	for (; *s; s++)
		if (*s != '\n' && *s != '\t')
			*s = printable_char(*s);
}

const char *text_show(const char *s)
{
	static char shown[8][1024];
	static unsigned int next;
	char *copy = shown[next++ % 8];

	snprintf(copy, sizeof(shown[0]), "%s", s);
	return printable(copy);
}

void text_clean(struct text *t)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->len; i++) {
		if (t->at[i] == '\r' &&
		    (i + 1 == t->len || t->at[i + 1] == '\n'))
			continue;
		t->at[kept] = t->at[i];
		if (!t->at[kept]) /* it would end the string */
			t->at[kept] = '?';
		kept++;
	}
	if (!t->at)
		return;
	t->len = kept;
	t->at[kept] = '\0';
	text_sanitize(t->at);
}

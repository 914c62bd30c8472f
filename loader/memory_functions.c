/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small memory functions in place of the C library's. Those are optimized for
 * speed and take 700 bytes more, of the 48 KiB that the loader has.
 * tools/arm-none-eabi.ini keeps gcc from compiling the loops into calls of the
 * same functions.
 */
#include <stddef.h>
#include <string.h>

void *memcpy(void *restrict to, const void *restrict from, size_t len)
{
	unsigned char *t = to;
	const unsigned char *f = from;

	while (len--)
		*t++ = *f++;
	return to;
}

void *memset(void *to, int value, size_t len)
{
	unsigned char *t = to;

	while (len--)
		*t++ = (unsigned char)value;
	return to;
}

int memcmp(const void *a, const void *b, size_t len)
{
	const unsigned char *p = a, *q = b;

	for (; len; len--, p++, q++) {
		if (*p != *q)
			return *p < *q ? -1 : 1;
	}
	return 0;
}

size_t strlen(const char *text)
{
	const char *end = text;

	while (*end)
		end++;
	return (size_t)(end - text);
}

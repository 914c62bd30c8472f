/* SPDX-License-Identifier: Apache-2.0 */
/* Text in arrays of fixed size. C11 has no strnlen(). */
#ifndef TETHER_BASE_FIXED_TEXT_H
#define TETHER_BASE_FIXED_TEXT_H

#include <stddef.h>
#include <string.h>

/** Length of a string in an array of max bytes that may lack a terminator. */
static inline size_t fixed_text_length(const char *text, size_t max)
{
	const char *end = memchr(text, '\0', max);

	return end ? (size_t)(end - text) : max;
}

#endif

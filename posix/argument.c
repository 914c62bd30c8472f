/* SPDX-License-Identifier: Apache-2.0 */
#include "posix/argument.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

int argument_number(const char *text, int base, uint64_t min, uint64_t max,
		    uint64_t *value)
{
	uint64_t number;
	char *end;

	/* strtoull() passes over space and signs. */
	if (!isalnum((unsigned char)*text))
		return ERR_INVALID;
	errno = 0;
	number = strtoull(text, &end, base);
	if (errno || end == text || *end || number < min || number > max)
		return ERR_INVALID;
	*value = number;
	return ERR_OK;
}

int argument_hex(const char *text, uint8_t *out, size_t size)
{
	if (strlen(text) != 2 * size ||
	    strspn(text, "0123456789abcdefABCDEF") != 2 * size)
		return ERR_INVALID;
	for (size_t i = 0; i < size; i++) {
		char digits[3] = { text[2 * i], text[2 * i + 1] };

		out[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return ERR_OK;
}

int argument_address(const char *text, char *address, size_t cap,
		     uint16_t *port)
{
	const char *colon = strrchr(text, ':');
	size_t len = strlen(text);
	uint64_t number = *port;

	if (*text == '[') {
		const char *close = strchr(text, ']');

		if (!close || (close[1] && close[1] != ':'))
			return ERR_INVALID;
		colon = close[1] ? close + 1 : NULL;
		text++;
		len = (size_t)(close - text);
	} else if (colon && strchr(text, ':') == colon) {
		len = (size_t)(colon - text);
	} else if (colon) {
		colon = NULL; /* IPv6 without brackets: no port */
	}
	if (!len || len >= cap)
		return ERR_INVALID;
	if (colon && argument_number(colon + 1, 10, 0, UINT16_MAX, &number))
		return ERR_INVALID;
	memcpy(address, text, len);
	address[len] = '\0';
	*port = (uint16_t)number;
	return ERR_OK;
}

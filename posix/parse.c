/* SPDX-License-Identifier: Apache-2.0 */
#include "posix/parse.h"

#include <string.h>

#include "base/err.h"

int parse_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Move *text behind the prefix "0x" and return the base. "0x" without a digit
 * after it is not a prefix. */
static int skip_prefix(const char **text, int base)
{
	const char *p = *text;

	if (base == 10 || base == 8 || p[0] != '0' || (p[1] | 0x20) != 'x' ||
	    parse_digit(p[2]) < 0)
		return base ? base : 10;
	*text += 2;
	return 16;
}

/* Return the first character after the number; NULL: there is no number, or it
 * exceeds max. */
static const char *scan_number(const char *text, int base, uint64_t max,
			       uint64_t *value)
{
	uint64_t number = 0;
	const char *p = text;
	int radix = skip_prefix(&p, base), digit;
	const char *first = p;

	for (; (digit = parse_digit(*p)) >= 0 && digit < radix; p++) {
		if (number > (UINT64_MAX - (uint64_t)digit) / (uint64_t)radix)
			return NULL;
		number = number * (uint64_t)radix + (uint64_t)digit;
	}
	if (p == first || number > max)
		return NULL;
	*value = number;
	return p;
}

int parse_number(const char *text, int base, uint64_t min, uint64_t max,
		 uint64_t *value)
{
	uint64_t number;
	const char *end = scan_number(text, base, max, &number);

	if (!end || *end || number < min)
		return ERR_INVALID;
	*value = number;
	return ERR_OK;
}

int parse_next(const char **text, int base, uint64_t max, uint64_t *value)
{
	const char *end =
		scan_number(*text + strspn(*text, " "), base, max, value);

	if (!end)
		return ERR_INVALID;
	*text = end;
	return ERR_OK;
}

int parse_named(const char *text, const struct parse_name *names, uint64_t min,
		uint64_t max, uint64_t *value)
{
	for (; names && names->name; names++)
		if (!strcmp(names->name, text) && names->value >= min &&
		    names->value <= max) {
			*value = names->value;
			return ERR_OK;
		}
	return parse_number(text, 0, min, max, value);
}

const char *parse_name_of(const struct parse_name *names, uint64_t value)
{
	for (; names && names->name; names++)
		if (names->value == value)
			return names->name;
	return NULL;
}

int parse_decimal(const char *text, double min, double max, double *value)
{
	double number = 0, scale = 1;
	const char *p = text;

	for (; *p >= '0' && *p <= '9'; p++)
		number = number * 10 + (*p - '0');
	if (p == text)
		return ERR_INVALID;
	if (*p == '.' && p[1])
		for (p++; *p >= '0' && *p <= '9'; p++) {
			number = number * 10 + (*p - '0');
			scale *= 10;
		}
	number /= scale; /* rounds once, as strtod() does */
	if (*p || number < min || number > max)
		return ERR_INVALID;
	*value = number;
	return ERR_OK;
}

/* Multiply by a unit. false: unknown unit, or the product is too large. */
static bool apply_unit(const char *unit, uint64_t *value)
{
	static const char prefixes[] = "kMGTP";
	bool binary = unit[0] && unit[1] == 'i';
	const char *prefix = NULL;

	if (unit[0] && strcmp(unit, "B") != 0) {
		prefix = strchr(prefixes, binary && *unit == 'K' ? 'k' : *unit);
		if (!prefix || strcmp(unit + (binary ? 2 : 1), "B") != 0 ||
		    (binary && *unit == 'k'))
			return false;
	}
	for (const char *p = prefix; p && p >= prefixes; p--) {
		uint64_t step = binary ? 1024 : 1000;

		if (*value > UINT64_MAX / step)
			return false;
		*value *= step;
	}
	return true;
}

/* Add the digits behind a point, in units of 10^-digits of the unit. */
static bool apply_fraction(const char *digits, size_t count, const char *unit,
			   uint64_t *value)
{
	uint64_t numerator, scale = 1;
	const char *end = scan_number(digits, 10, UINT64_MAX, &numerator);

	if (end != digits + count || count > 18)
		return false;
	for (size_t i = 0; i < count; i++)
		scale *= 10;
	while (numerator && numerator % 10 == 0 && scale > 1) {
		numerator /= 10;
		scale /= 10;
	}
	if (!apply_unit(unit, &numerator) || numerator % scale)
		return false;
	numerator /= scale;
	if (*value > UINT64_MAX - numerator)
		return false;
	*value += numerator;
	return true;
}

int parse_size(const char *text, uint64_t min, uint64_t max, uint64_t *value,
	       bool *has_unit)
{
	uint64_t number;
	const char *unit = scan_number(text, 0, UINT64_MAX, &number);
	const char *fraction = NULL;
	size_t digits = 0;

	if (!unit)
		return ERR_INVALID;
	if (*unit == '.') {
		fraction = unit + 1;
		digits = strspn(fraction, "0123456789");
		unit = fraction + digits;
		if (!digits || !*unit)
			return ERR_INVALID;
	}
	if (!apply_unit(unit, &number) ||
	    (fraction && !apply_fraction(fraction, digits, unit, &number)) ||
	    number < min || number > max)
		return ERR_INVALID;
	*value = number;
	if (has_unit)
		*has_unit = *unit != '\0';
	return ERR_OK;
}

int parse_kelvin(const char *text, uint64_t max, uint64_t *value)
{
	enum { ZERO_CELSIUS = 273 };
	bool negative = *text == '-';
	uint64_t number;
	const char *unit = scan_number(text + negative, negative ? 10 : 0,
				       UINT32_MAX, &number);

	if (!unit)
		return ERR_INVALID;
	if (!strcmp(unit, "C")) {
		if (negative && number > ZERO_CELSIUS)
			return ERR_INVALID;
		number = negative ? ZERO_CELSIUS - number
				  : ZERO_CELSIUS + number;
	} else if (negative || (*unit && strcmp(unit, "K") != 0)) {
		return ERR_INVALID;
	}
	if (number > max)
		return ERR_INVALID;
	*value = number;
	return ERR_OK;
}

/* One byte from two hex digits, or -1. */
static int parse_pair(const char *text)
{
	int high = parse_digit(text[0]);
	int low = high < 0 ? -1 : parse_digit(text[1]);

	return low < 0 ? -1 : high << 4 | low;
}

static int decode_pairs(const char *text, char separator, uint8_t *out,
			size_t size)
{
	for (size_t i = 0; i < size; i++) {
		int byte;

		if (i && separator && *text++ != separator)
			return ERR_INVALID;
		byte = parse_pair(text);
		if (byte < 0)
			return ERR_INVALID;
		if (out)
			out[i] = (uint8_t)byte;
		text += 2;
	}
	return *text ? ERR_INVALID : ERR_OK;
}

int parse_hex(const char *text, char separator, uint8_t *out, size_t size)
{
	if (decode_pairs(text, separator, NULL, size))
		return ERR_INVALID;
	return decode_pairs(text, separator, out, size);
}

int parse_hex_bytes(const char *text, const char *ignored, uint8_t *out,
		    size_t cap, size_t *len)
{
	size_t n = 0;

	for (text += strspn(text, ignored); *text;
	     text += strspn(text, ignored)) {
		int byte = parse_pair(text);

		if (byte < 0)
			return ERR_INVALID;
		if (n == cap)
			return ERR_FULL;
		out[n++] = (uint8_t)byte;
		text += 2;
	}
	if (!n)
		return ERR_INVALID;
	*len = n;
	return ERR_OK;
}

int parse_address(const char *text, char *address, size_t cap, uint16_t *port)
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
	if (colon && parse_number(colon + 1, 10, 0, UINT16_MAX, &number))
		return ERR_INVALID;
	memcpy(address, text, len);
	address[len] = '\0';
	*port = (uint16_t)number;
	return ERR_OK;
}

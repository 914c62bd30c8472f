/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict parsers for numbers, hex bytes and addresses in text: command lines,
 * INI files, scripts. All programs use these parsers. Except for parse_next(),
 * each accepts the whole text or rejects it, and writes its result only if it
 * accepts. No parser depends on the locale.
 */
#ifndef TETHER_POSIX_PARSE_H
#define TETHER_POSIX_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Value of a hex digit of either case, or -1. */
int parse_digit(char c);

/**
 * Parse an unsigned number without sign or spaces. `base` is 8, 10, 16 (an "0x"
 * prefix is optional) or 0 (hexadecimal after "0x", otherwise decimal; a
 * leading zero does not mean octal). ERR_INVALID: not a number, or not from
 * min to max.
 */
int parse_number(const char *text, int base, uint64_t min, uint64_t max,
		 uint64_t *value);

/**
 * Parse the number at *text, after optional spaces, and move *text behind its
 * last digit. `base` as for parse_number(). ERR_INVALID: no number at that
 * place, or it exceeds max; *text does not move.
 */
int parse_next(const char **text, int base, uint64_t max, uint64_t *value);

/** A name for a number. A table ends with a NULL name. */
struct parse_name {
	const char *name;
	uint64_t value;
};

/** Parse a name of the table, or a number as parse_number() with base 0. */
int parse_named(const char *text, const struct parse_name *names, uint64_t min,
		uint64_t max, uint64_t *value);

/** The name of a number, or NULL. */
const char *parse_name_of(const struct parse_name *names, uint64_t value);

/** Parse a decimal fraction, as in "1.5": digits and at most one point, no
 * exponent. ERR_INVALID: not a fraction, or not from min to max. */
int parse_decimal(const char *text, double min, double max, double *value);

/**
 * Parse a size: a number as parse_number() takes with base 0, or a decimal
 * fraction, then an optional unit: B, kB, MB, GB, TB, PB (powers of 1000) or
 * KiB, MiB, GiB, TiB, PiB (powers of 1024). *has_unit tells whether a unit was
 * given; it may be NULL. ERR_INVALID: another text, not from min to max, or a
 * fraction of a byte.
 */
int parse_size(const char *text, uint64_t min, uint64_t max, uint64_t *value,
	       bool *has_unit);

/**
 * Parse a temperature into Kelvin: "358" and "358K" are Kelvin, "85C" and
 * "-10C" are degrees Celsius (0 C is 273 K, as in NVMe). ERR_INVALID: another
 * text, or not from 0 to max Kelvin.
 */
int parse_kelvin(const char *text, uint64_t max, uint64_t *value);

/** Decode exactly `size` bytes from pairs of hex digits. `separator` separates
 * two pairs, as ':' in a MAC address; 0: no separator. */
int parse_hex(const char *text, char separator, uint8_t *out, size_t size);

/**
 * Decode pairs of hex digits into at most `cap` bytes and set *len. Any number
 * of the characters in `ignored` may separate pairs. ERR_INVALID: no pair, or
 * other characters. ERR_FULL: more than cap bytes. `out` may be partly written
 * if decoding fails.
 */
int parse_hex_bytes(const char *text, const char *ignored, uint8_t *out,
		    size_t cap, size_t *len);

/**
 * Split ADDR:PORT, [ADDR]:PORT or ADDR. Without PORT, *port keeps its value.
 * The address is copied into `cap` bytes and not resolved or checked.
 * ERR_INVALID: none of these forms, or longer than cap.
 */
int parse_address(const char *text, char *address, size_t cap, uint16_t *port);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Values of options and arguments: their check, and the typed accessors. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "cli/cli.h"
#include "posix/parse.h"

bool cli_option_has_value(const struct cli_option *o)
{
	return o->type != CLI_FLAG;
}

static bool read_number(const struct cli_option *o, const char *text,
			uint64_t *value)
{
	int err;

	if (o->type == CLI_SIZE || o->type == CLI_BLOCKS)
		err = parse_size(text, o->min, o->max, value, NULL);
	else if (o->type == CLI_KELVIN)
		err = parse_kelvin(text, o->max, value);
	else if (o->type == CLI_HEX)
		err = parse_number(text, 16, o->min, o->max, value);
	else
		err = parse_named(text, o->names, o->min, o->max, value);
	return !err && (!o->power_of_two || (*value & (*value - 1)) == 0);
}

/* Parse numbers with commas between them into at most cap numbers. Returns
 * their count, or -1. */
static int read_numbers(const struct cli_option *o, const char *text,
			uint64_t *numbers, size_t cap)
{
	uint64_t value;
	int count = 0;

	for (;;) {
		if (parse_next(&text, 0, o->max, &value) || value < o->min)
			return -1;
		if ((size_t)count < cap)
			numbers[count] = value;
		count++;
		if (!*text)
			return count;
		if (*text++ != ',')
			return -1;
	}
}

int cli_value_choice(const struct cli_option *o, const char *text)
{
	for (int i = 0; o->choices[i]; i++)
		if (!strcmp(o->choices[i], text))
			return i;
	return -1;
}

static bool are_bytes(const struct cli_option *o, const char *text)
{
	size_t digits = strlen(text);

	return digits % 2 == 0 && digits / 2 >= o->min &&
	       digits / 2 <= o->max &&
	       strspn(text, "0123456789abcdefABCDEF") == digits;
}

bool cli_value_is_valid(const struct cli_option *o, const char *text)
{
	uint64_t value;

	switch (o->type) {
	case CLI_NUMBER:
	case CLI_HEX:
	case CLI_SIZE:
	case CLI_BLOCKS:
	case CLI_KELVIN:
	case CLI_SECONDS:
	case CLI_MILLISECONDS:
		return read_number(o, text, &value);
	case CLI_NUMBERS:
		return read_numbers(o, text, NULL, 0) > 0;
	case CLI_BYTES:
		return are_bytes(o, text);
	case CLI_CHOICE:
		return cli_value_choice(o, text) >= 0;
	default:
		return true;
	}
}

static const char *unit_of(enum cli_type type)
{
	switch (type) {
	case CLI_SIZE:
		return " bytes, or a size as in 4KiB";
	case CLI_BLOCKS:
		return " blocks, or a size as in 1GiB or 500GB";
	case CLI_KELVIN:
		return ", or a temperature as in 85C";
	case CLI_SECONDS:
		return " s";
	case CLI_MILLISECONDS:
		return " ms";
	case CLI_BYTES:
		return " bytes in hex";
	case CLI_NUMBERS:
		return ", separated by commas";
	default:
		return "";
	}
}

static void list_choices(const struct cli_option *o, char *range)
{
	size_t len = 0;

	for (int i = 0; o->choices[i] && len < CLI_RANGE; i++)
		len += (size_t)snprintf(range + len, CLI_RANGE - len, "%s%s",
					!i		    ? ""
					: o->choices[i + 1] ? ", "
							    : " or ",
					o->choices[i]);
}

static void append_names(const struct cli_option *o, char *range)
{
	size_t len = strlen(range);

	for (const struct parse_name *n = o->names; n->name && len < CLI_RANGE;
	     n++)
		len += (size_t)snprintf(range + len, CLI_RANGE - len, "%s%s",
					n == o->names ? ", or " : ", ",
					n->name);
}

char *cli_value_range(const struct cli_option *o, char *range)
{
	unsigned long long min = o->min, max = o->max;

	range[0] = '\0';
	switch (o->type) {
	case CLI_CHOICE:
		list_choices(o, range);
		break;
	case CLI_HEX:
		snprintf(range, CLI_RANGE, "hex, %02llx to %02llx", min, max);
		break;
	case CLI_NUMBER:
	case CLI_SIZE:
	case CLI_BLOCKS:
	case CLI_KELVIN:
	case CLI_SECONDS:
	case CLI_MILLISECONDS:
	case CLI_BYTES:
	case CLI_NUMBERS:
		if (max >= INT64_MAX)
			snprintf(range, CLI_RANGE, "%llu or more%s", min,
				 unit_of(o->type));
		else
			snprintf(range, CLI_RANGE, "%s%llu to %llu%s",
				 o->power_of_two ? "a power of two, " : "", min,
				 max, unit_of(o->type));
		if (o->names)
			append_names(o, range);
		break;
	default:
		break;
	}
	return range;
}

uint64_t cli_value_number(const struct cli_option *o, const char *text)
{
	uint64_t value = 0;
	bool valid = read_number(o, text, &value);

	assert(valid); /* the parser has checked it */
	(void)valid;
	return value;
}

/* --- accessors --- */

static const struct cli_option *find_in(const struct cli_option *table,
					const char *name)
{
	for (; table && table->name; table++)
		if (!strcmp(table->name, name))
			return table;
	return NULL;
}

static const struct cli_option *find_declared(const struct cli *c,
					      const char *name)
{
	const struct cli_option *o = find_in(c->definition->options, name);

	if (!o)
		o = find_in(cli_global_options, name);
	assert(o); /* a handler asks for its verb's options only */
	return o;
}

int cli_option_count(const struct cli *c, const char *name)
{
	const struct cli_option *o = find_declared(c, name);
	int count = 0;

	for (int i = 0; i < c->given_count; i++)
		count += c->given[i].option == o;
	return count;
}

const char *cli_option_nth(const struct cli *c, const char *name, int n)
{
	const struct cli_option *o = find_declared(c, name);

	for (int i = 0; i < c->given_count; i++)
		if (c->given[i].option == o && !n--)
			return c->given[i].value;
	return NULL;
}

bool cli_option_given(const struct cli *c, const char *name)
{
	return cli_option_count(c, name) > 0;
}

const char *cli_option_text(const struct cli *c, const char *name)
{
	int count = cli_option_count(c, name);

	return count ? cli_option_nth(c, name, count - 1)
		     : find_declared(c, name)->default_value;
}

uint64_t cli_option_number(const struct cli *c, const char *name)
{
	const char *text = cli_option_text(c, name);

	return text ? cli_value_number(find_declared(c, name), text) : 0;
}

uint64_t cli_option_blocks(const struct cli *c, const char *name,
			   bool *in_bytes)
{
	const struct cli_option *o = find_declared(c, name);
	const char *text = cli_option_text(c, name);
	uint64_t value = 0;

	assert(o->type == CLI_BLOCKS);
	*in_bytes = false;
	if (text)
		(void)parse_size(text, o->min, o->max, &value, in_bytes);
	return value;
}

static int choice_of(const struct cli_option *o, const char *text)
{
	assert(o->type == CLI_CHOICE);
	return text ? cli_value_choice(o, text) : -1;
}

int cli_option_choice(const struct cli *c, const char *name)
{
	return choice_of(find_declared(c, name), cli_option_text(c, name));
}

static size_t read_bytes(const struct cli_option *o, const char *text,
			 uint8_t *data)
{
	size_t len = 0;

	assert(o->type == CLI_BYTES);
	if (text)
		(void)parse_hex_bytes(text, "", data, o->max, &len);
	return len;
}

size_t cli_option_bytes(const struct cli *c, const char *name, uint8_t *data)
{
	return read_bytes(find_declared(c, name), cli_option_text(c, name),
			  data);
}

size_t cli_option_numbers(const struct cli *c, const char *name,
			  uint64_t *numbers, size_t cap)
{
	const char *text = cli_option_text(c, name);
	int count = 0;

	if (text)
		count = read_numbers(find_declared(c, name), text, numbers,
				     cap);
	if (count < 0)
		return 0;
	return (size_t)count < cap ? (size_t)count : cap;
}

/* The type of argument n; the last row is for all that follow. */
const struct cli_option *cli_argument_type(const struct cli_option *table,
					   int n)
{
	while (n-- > 0 && table[1].name)
		table++;
	return table;
}

uint64_t cli_argument_number(const struct cli *c, int n)
{
	return cli_value_number(cli_argument_type(c->argument_types, n),
				c->argument[n]);
}

int cli_argument_choice(const struct cli *c, int n)
{
	return choice_of(cli_argument_type(c->argument_types, n),
			 c->argument[n]);
}

size_t cli_argument_bytes(const struct cli *c, int n, uint8_t *data)
{
	return read_bytes(cli_argument_type(c->argument_types, n),
			  c->argument[n], data);
}

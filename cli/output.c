/* SPDX-License-Identifier: Apache-2.0 */
/* Output of verbs: errors and JSON values. */
#include <stdarg.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/color.h"
#include "cli/progress.h"
#include "cli/text.h"

int cli_fail(const struct cli *c, const char *format, ...)
{
	char text[CLI_ERROR];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return cli_fail_text(c, text);
}

/* An error quotes devices, servers and files. */
static void print_error(const struct cli *c, const char *text)
{
	struct text safe = { 0 };

	text_puts(&safe, text);
	if (safe.len)
		text_sanitize(safe.at);
	fprintf(stderr, "%stether:%s %s\n", color_start(c, stderr, COLOR_BAD),
		color_end(c, stderr), text_get(&safe));
	text_free(&safe);
}

int cli_fail_text(const struct cli *c, const char *text)
{
	if (c->quiet)
		return EXIT_FAILED;
	progress_end();
	if (c->json) {
		struct json_object *o = json_object_new_object();

		cli_add_text(o, "error", text);
		cli_print_json(o);
	} else {
		print_error(c, text);
	}
	return EXIT_FAILED;
}

static void print_usage_json(const struct cli *c, const char *text)
{
	struct json_object *o = json_object_new_object();
	const struct cli_verb *v = c->definition;
	char name[CLI_NAME];
	struct text usage = { 0 };

	cli_add_text(o, "error", text);
	if (v) {
		text_addf(&usage, "tether %s%s%s", cli_verb_name(v, name),
			  v->synopsis[0] ? " " : "", v->synopsis);
		cli_add_text(o, "usage", usage.at);
	}
	text_free(&usage);
	cli_print_json(o);
}

int cli_fail_usage(const struct cli *c, const char *format, ...)
{
	char text[CLI_ERROR];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (c->json) {
		print_usage_json(c, text);
	} else {
		text_sanitize(text);
		fprintf(stderr, "%stether%s%s:%s %s\n",
			color_start(c, stderr, COLOR_BAD), c->verb ? " " : "",
			c->verb ? c->verb : "", color_end(c, stderr), text);
	}
	return EXIT_USAGE;
}

void cli_print_json(struct json_object *o)
{
	progress_end();
	puts(json_object_to_json_string_ext(
		o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

void cli_add_number(struct json_object *o, const char *key, uint64_t value)
{
	json_object_object_add(o, key, json_object_new_int64((int64_t)value));
}

void cli_add_text(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, json_object_new_string(value));
}

void cli_add_bool(struct json_object *o, const char *key, bool value)
{
	json_object_object_add(o, key, json_object_new_boolean(value));
}

void cli_add_hex(struct json_object *o, const char *key, uint64_t value,
		 int digits)
{
	char text[24];

	snprintf(text, sizeof(text), "%0*llx", digits,
		 (unsigned long long)value);
	cli_add_text(o, key, text);
}

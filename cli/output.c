/* SPDX-License-Identifier: Apache-2.0 */
/* Output of verbs: errors, JSON values, progress. */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/spawn.h"

int cli_fail(const struct cli *c, const char *format, ...)
{
	char text[CLI_ERROR];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return cli_fail_text(c, text);
}

int cli_fail_text(const struct cli *c, const char *text)
{
	if (c->json) {
		struct json_object *o = json_object_new_object();

		cli_add_text(o, "error", text);
		cli_print_json(o);
	} else {
		fprintf(stderr, "tether: %s\n", text);
	}
	return EXIT_FAILED;
}

void cli_print_json(struct json_object *o)
{
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

void cli_progress(const struct cli *c, uint64_t done, uint64_t all)
{
	static uint32_t last_ms;
	static bool shown;
	uint32_t now = (uint32_t)spawn_now_ms();

	if (c->json || !isatty(STDERR_FILENO))
		return;
	if (!last_ms)
		last_ms = now;
	if (done < all && now - last_ms >= 1000) {
		fprintf(stderr, "\r%llu of %llu", (unsigned long long)done,
			(unsigned long long)all);
		last_ms = now;
		shown = true;
	} else if (done >= all && shown) {
		fputs("\r\033[K", stderr);
		shown = false;
	}
}

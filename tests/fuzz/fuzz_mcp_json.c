/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes the JSON-RPC reader of the MCP server: each accepted message is UTF-8,
 * and what a client may get back is JSON again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/mcp_server/mcp_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(int true_always)
{
	if (!true_always)
		abort();
}

/* An id is sent back: it must survive another parse. */
static void check_echo(struct json_object *id)
{
	const char *text = json_object_to_json_string(id), *why;
	struct json_object *again;

	expect(mcp_json_is_id(id));
	expect(mcp_json_parse(text, strlen(text), &again, &why) == 0);
	expect(json_object_equal(id, again));
	json_object_put(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = malloc(size + 1);
	struct json_object *o, *id;
	const char *why;
	int code;

	expect(line != NULL);
	if (size)
		memcpy(line, data, size);
	line[size] = '\0';
	code = mcp_json_parse(line, size, &o, &why);
	expect(!code || why);
	if (!code) {
		enum mcp_json_kind kind = mcp_json_check(o, &id, &why);

		expect(kind != MCP_JSON_REQUEST || id);
		if (id)
			check_echo(id);
		for (size_t i = 0; i < size;) {
			size_t n = mcp_json_utf8_length(data + i, size - i);

			expect(n > 0);
			i += n;
		}
	}
	json_object_put(o);
	free(line);
	return 0;
}

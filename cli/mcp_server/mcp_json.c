/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/mcp_server/mcp_json.h"

#include <math.h>
#include <string.h>

size_t mcp_json_utf8_length(const unsigned char *s, size_t len)
{
	size_t n = s[0] < 0x80	 ? 1
		   : s[0] < 0xc2 ? 0
		   : s[0] < 0xe0 ? 2
		   : s[0] < 0xf0 ? 3
		   : s[0] < 0xf5 ? 4
				 : 0;

	if (n > len)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

/* Check what json-c accepts although RFC 8259 forbids it, and count the
 * values, so that a short message cannot use much memory. */
static int scan(const char *line, size_t len, const char **why)
{
	const unsigned char *s = (const unsigned char *)line;
	bool quoted = false;
	size_t values = 0;

	for (size_t at = 0, n; at < len; at += n) {
		unsigned char c = s[at];

		n = mcp_json_utf8_length(s + at, len - at);
		*why = "the message is not UTF-8";
		if (!n)
			return MCP_JSON_PARSE_ERROR;
		*why = "the message is not JSON";
		if (c < ' ' && (quoted || (c != '\t' && c != '\r')))
			return MCP_JSON_PARSE_ERROR;
		if (quoted && c == '\\' && at + 1 < len)
			n = 2;
		else if (c == '"')
			quoted = !quoted;
		if (quoted)
			continue;
		/* NaN, Infinity; null, true and false are in lower case. */
		if ((c >= 'A' && c <= 'Z' && c != 'E') || c >= 0x80)
			return MCP_JSON_PARSE_ERROR;
		if (c == ',' || c == '[' || c == '{')
			values++;
	}
	*why = "the message has more than 8192 values";
	return values > MCP_JSON_VALUES ? MCP_JSON_INVALID_REQUEST : 0;
}

int mcp_json_parse(const char *line, size_t len, struct json_object **o,
		   const char **why)
{
	struct json_tokener *tok;
	int code = scan(line, len, why);

	*o = NULL;
	if (code)
		return code;
	*why = "out of memory";
	tok = json_tokener_new_ex(MCP_JSON_DEPTH);
	if (!tok)
		return MCP_JSON_INTERNAL_ERROR;
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
	*o = json_tokener_parse_ex(tok, line, (int)len + 1);
	if (json_tokener_get_error(tok) != json_tokener_success) {
		*why = "the message is not JSON";
		code = MCP_JSON_PARSE_ERROR;
	}
	json_tokener_free(tok);
	return code;
}

struct json_object *mcp_json_member(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	if (json_object_is_type(o, json_type_object))
		json_object_object_get_ex(o, name, &value);
	return value;
}

const char *mcp_json_text(struct json_object *o, const char *name)
{
	struct json_object *value = mcp_json_member(o, name);
	const char *text;

	if (!json_object_is_type(value, json_type_string))
		return NULL;
	text = json_object_get_string(value);
	return strlen(text) == (size_t)json_object_get_string_len(value) ? text
									 : NULL;
}

bool mcp_json_is_id(struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_string:
		return true;
	case json_type_double:
		return isfinite(json_object_get_double(value));
	case json_type_int: /* json-c replaces a larger number by the limit */
		return json_object_get_int64(value) > INT64_MIN &&
		       json_object_get_uint64(value) < UINT64_MAX;
	default:
		return false;
	}
}

static bool has(struct json_object *o, const char *name)
{
	return json_object_object_get_ex(o, name, NULL);
}

enum mcp_json_kind mcp_json_check(struct json_object *message,
				  struct json_object **id, const char **why)
{
	struct json_object *params = mcp_json_member(message, "params");
	const char *version = mcp_json_text(message, "jsonrpc");
	bool method = mcp_json_text(message, "method");

	*id = mcp_json_member(message, "id");
	if (!mcp_json_is_id(*id))
		*id = NULL;
	*why = "expected an object";
	if (!json_object_is_type(message, json_type_object))
		return MCP_JSON_INVALID;
	if (!has(message, "method") &&
	    (has(message, "result") || has(message, "error")))
		return MCP_JSON_RESPONSE;
	*why = "expected \"jsonrpc\": \"2.0\"";
	if (!version || strcmp(version, "2.0") != 0)
		return MCP_JSON_INVALID;
	*why = "the id is no string or number";
	if (has(message, "id") && !*id)
		return MCP_JSON_INVALID;
	*why = "the method is missing, or no string";
	if (!method)
		return MCP_JSON_INVALID;
	*why = "the params are no object";
	if (params && !json_object_is_type(params, json_type_object) &&
	    !json_object_is_type(params, json_type_array))
		return MCP_JSON_INVALID;
	return *id ? MCP_JSON_REQUEST : MCP_JSON_NOTIFICATION;
}

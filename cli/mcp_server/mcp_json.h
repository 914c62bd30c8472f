/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the messages of JSON-RPC 2.0 strictly. json-c alone accepts invalid
 * UTF-8, NaN, control characters, and bytes behind a zero byte; a strict client
 * then dies on the echo.
 */
#ifndef TETHER_CLI_MCP_SERVER_MCP_JSON_H
#define TETHER_CLI_MCP_SERVER_MCP_JSON_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

/** Error codes of JSON-RPC 2.0, 5.1. */
enum mcp_json_code {
	MCP_JSON_PARSE_ERROR = -32700,
	MCP_JSON_INVALID_REQUEST = -32600,
	MCP_JSON_METHOD_NOT_FOUND = -32601,
	MCP_JSON_INVALID_PARAMS = -32602,
	MCP_JSON_INTERNAL_ERROR = -32603,
};

enum {
	MCP_JSON_DEPTH = 32,	/* of nested values in a message */
	MCP_JSON_VALUES = 8192, /* in a message */
	MCP_JSON_BATCH = 64,	/* messages in a batch */
};

/** Parse a line, which is followed by a zero byte that `len` does not count.
 * Returns 0 with the value in `o`, which the caller releases; it is NULL for
 * the JSON value null. Otherwise a code, with a constant text in `why`. */
int mcp_json_parse(const char *line, size_t len, struct json_object **o,
		   const char **why);

/** Kinds of messages. */
enum mcp_json_kind {
	MCP_JSON_REQUEST,
	MCP_JSON_NOTIFICATION,
	MCP_JSON_RESPONSE,
	MCP_JSON_INVALID,
};

/** Check the members of a message. For MCP_JSON_INVALID, `why` is a constant
 * text. `id` is borrowed from the message; it is NULL if the message has no
 * valid id. */
enum mcp_json_kind mcp_json_check(struct json_object *message,
				  struct json_object **id, const char **why);

/** The text of a member, NULL if it is missing, no string, or has a zero byte
 * inside. */
const char *mcp_json_text(struct json_object *o, const char *name);

/** A member, NULL if it is missing or null. */
struct json_object *mcp_json_member(struct json_object *o, const char *name);

/** Whether the value is a string or a finite number that json-c keeps exactly,
 * as an id and a progress token must be. */
bool mcp_json_is_id(struct json_object *value);

/** Length of the UTF-8 character at s, RFC 3629; 0: invalid. len > 0. */
size_t mcp_json_utf8_length(const unsigned char *s, size_t len);

#endif

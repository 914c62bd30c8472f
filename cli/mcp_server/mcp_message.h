/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the messages of `tether mcp-server`: JSON-RPC 2.0, one message a line.
 * The functions borrow `id`, and take ownership of all other JSON objects.
 */
#ifndef TETHER_CLI_MCP_SERVER_MCP_MESSAGE_H
#define TETHER_CLI_MCP_SERVER_MCP_MESSAGE_H

#include <json-c/json.h>
#include <stdbool.h>

#include "cli/text.h"

/** A batch of requests whose answers go together (JSON-RPC 2.0, 6). If the
 * batch is NULL, each answer is sent at once. */
struct mcp_batch {
	int references; /* requests not answered yet, and the parser */
	struct json_object *answers;
	size_t size; /* of the answers, in bytes of JSON */
};

/** A batch with one reference. */
struct mcp_batch *mcp_batch_new(void);

/** Add or release a reference. The last release sends the answers, if there are
 * any, and frees the batch. */
void mcp_batch_hold(struct mcp_batch *b);
void mcp_batch_release(struct mcp_batch *b);

/** Send a notification. */
void mcp_send(struct json_object *o);

/** Send an answer. `id` is NULL if the id of the request was not readable. */
void mcp_send_result(struct mcp_batch *b, struct json_object *id,
		     struct json_object *result);
void mcp_send_error(struct mcp_batch *b, struct json_object *id, int code,
		    const char *text);

/** Send text as the result of a tool. */
void mcp_send_content(struct mcp_batch *b, struct json_object *id,
		      const struct text *text, bool error);

/** Append the output of a program; invalid UTF-8 becomes ?. */
void mcp_add_utf8(struct text *t, const char *data, size_t len);

#endif

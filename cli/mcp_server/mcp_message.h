/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `tether mcp` writes: JSON-RPC 2.0, a message a line. Objects that are
 * given as `id` stay the caller's; all others are taken.
 */
#ifndef TETHER_CLI_MCP_SERVER_MCP_MESSAGE_H
#define TETHER_CLI_MCP_SERVER_MCP_MESSAGE_H

#include <json-c/json.h>
#include <stdbool.h>

#include "cli/text.h"

/** Messages that came together, whose answers go together as well (JSON-RPC
 * 2.0, 6). NULL stands for none: each answer goes at once. */
struct mcp_batch {
	int open; /* what is still to be answered, and who takes it apart */
	struct json_object *answers;
};

/** One more is to be waited for; one less. The last one sends the answers,
 * where there are any, and frees the batch. */
void mcp_batch_hold(struct mcp_batch *b);
void mcp_batch_let_go(struct mcp_batch *b);

/** A notification. */
void mcp_send(struct json_object *o);

/** Answers; `id` NULL: it was not to be read. */
void mcp_send_result(struct mcp_batch *b, struct json_object *id,
		     struct json_object *result);
void mcp_send_error(struct mcp_batch *b, struct json_object *id, int code,
		    const char *text);

/** The result of a tool: text. */
void mcp_send_content(struct mcp_batch *b, struct json_object *id,
		      const struct text *text, bool error);

/** What a program printed, with ? for what is no UTF-8. */
void mcp_add_utf8(struct text *t, const char *data, size_t len);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/mcp_server/mcp_message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/mcp_server/mcp_json.h"

/* Bytes of the answers of a batch, together. A call has at most 256 KiB of
 * output, six times as much in JSON. */
enum { BATCH_SIZE = 4 << 20 };

void mcp_send(struct json_object *o)
{
	cli_add_text(o, "jsonrpc", "2.0");
	cli_print_json(o);
	fflush(stdout);
}

struct mcp_batch *mcp_batch_new(void)
{
	struct mcp_batch *b = text_allocate(1, sizeof(*b));

	b->answers = json_object_new_array();
	b->references = 1;
	return b;
}

void mcp_batch_hold(struct mcp_batch *b)
{
	if (b)
		b->references++;
}

void mcp_batch_release(struct mcp_batch *b)
{
	if (!b || --b->references)
		return;
	if (json_object_array_length(b->answers)) {
		cli_print_json(b->answers);
		fflush(stdout);
	} else {
		json_object_put(b->answers);
	}
	free(b);
}

static struct json_object *make_error(int code, const char *text)
{
	struct json_object *error = json_object_new_object();

	json_object_object_add(error, "code", json_object_new_int(code));
	cli_add_text(error, "message", text);
	return error;
}

static void send_answer(struct mcp_batch *b, struct json_object *o)
{
	size_t size;

	if (!b) {
		mcp_send(o);
		return;
	}
	cli_add_text(o, "jsonrpc", "2.0");
	size = strlen(json_object_to_json_string(o));
	if (size > BATCH_SIZE - b->size) {
		json_object_object_del(o, "result");
		json_object_object_add(
			o, "error",
			make_error(MCP_JSON_INTERNAL_ERROR,
				   "the answers of the batch are longer than "
				   "4 MiB"));
	} else {
		b->size += size;
	}
	json_object_array_add(b->answers, o);
}

void mcp_send_result(struct mcp_batch *b, struct json_object *id,
		     struct json_object *result)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "id", json_object_get(id));
	json_object_object_add(o, "result", result);
	send_answer(b, o);
}

void mcp_send_error(struct mcp_batch *b, struct json_object *id, int code,
		    const char *text)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "id", json_object_get(id));
	json_object_object_add(o, "error", make_error(code, text));
	send_answer(b, o);
}

void mcp_add_utf8(struct text *t, const char *data, size_t len)
{
	while (len) {
		size_t n =
			mcp_json_utf8_length((const unsigned char *)data, len);

		if (n && *data)
			text_add(t, data, n);
		else
			text_puts(t, "?");
		n = n ? n : 1;
		data += n;
		len -= n;
	}
}

void mcp_send_content(struct mcp_batch *b, struct json_object *id,
		      const struct text *text, bool error)
{
	struct json_object *result = json_object_new_object();
	struct json_object *list = json_object_new_array();
	struct json_object *one = json_object_new_object();

	cli_add_text(one, "type", "text");
	cli_add_text(one, "text", text_get(text));
	json_object_array_add(list, one);
	json_object_object_add(result, "content", list);
	json_object_object_add(result, "isError",
			       json_object_new_boolean(error));
	mcp_send_result(b, id, result);
}

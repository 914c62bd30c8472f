/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/mcp_server/mcp_message.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"

void mcp_send(struct json_object *o)
{
	cli_add_text(o, "jsonrpc", "2.0");
	cli_print_json(o);
	fflush(stdout);
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

static void send_answer(struct mcp_batch *b, struct json_object *o)
{
	if (!b) {
		mcp_send(o);
		return;
	}
	cli_add_text(o, "jsonrpc", "2.0");
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
	struct json_object *error = json_object_new_object();

	json_object_object_add(error, "code", json_object_new_int(code));
	cli_add_text(error, "message", text);
	json_object_object_add(o, "id", json_object_get(id));
	json_object_object_add(o, "error", error);
	send_answer(b, o);
}

/* Length of the UTF-8 character at s (RFC 3629); 0 if invalid. */
static size_t utf8_length(const unsigned char *s, size_t len)
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

void mcp_add_utf8(struct text *t, const char *data, size_t len)
{
	while (len) {
		size_t n = utf8_length((const unsigned char *)data, len);

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

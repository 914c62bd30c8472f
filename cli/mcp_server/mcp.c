/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tether mcp-server: a Model Context Protocol server named linux-build on stdin
 * and stdout. JSON-RPC 2.0, one message a line. Calls run in parallel, and do
 * not delay a ping or a cancellation.
 */
#include "cli/mcp_server/mcp.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/board/board_target.h"
#include "cli/mcp_server/mcp_json.h"
#include "cli/mcp_server/mcp_message.h"
#include "version.h"

enum {
	CALLS = 8, /* in parallel */
	LINE = 4 << 20,
	TURN_MS = 100,
	PROGRESS_MS = 2000,
	GRACE_MS = 15000, /* the program may first end a command on the board */
	END_MS = 20000,
};

struct call {
	bool used, cancelled, answered;
	struct mcp_batch *batch; /* NULL: not in a batch */
	struct json_object *id, *token, *message;
	struct mcp_line line;
	struct spawn_child child;
	uint64_t started_ms, reported_ms;
};

struct server {
	struct mcp_bounds bounds;
	struct mcp_batch *batch; /* of the message being parsed, or NULL */
	struct text in;
	bool closed; /* end of input, or a message too long */
	struct call call[CALLS];
};

/* --- calls --- */

static void end_call(struct call *k)
{
	spawn_free(&k->child);
	mcp_line_free(&k->line);
	json_object_put(k->id);
	json_object_put(k->token);
	json_object_put(k->message);
	mcp_batch_release(k->batch);
	*k = (struct call){ 0 };
}

static void send_result(struct call *k)
{
	const struct spawn_child *child = &k->child;
	bool fine = child->end == SPAWN_EXITED && !child->code;
	struct text all = { 0 };

	mcp_add_utf8(&all, text_get(&child->out), child->out.len);
	if (child->truncated)
		text_addf(&all, "\n[output cut after %d bytes]", MCP_OUTPUT);
	if (child->err.len) {
		text_puts(&all, all.len ? "\n[stderr]\n" : "");
		mcp_add_utf8(&all, child->err.at, child->err.len);
	}
	if (!fine) {
		const char *advice = board_advice(text_get(&child->err));

		text_puts(&all, all.len ? "\n[" : "[");
		spawn_describe(child, &all);
		text_puts(&all, "]");
		if (advice)
			text_addf(&all, "\n[%s]", advice);
	}
	mcp_send_content(k->batch, k->id, &all, !fine);
	text_free(&all);
}

/* Report the seconds so far, and the last line of output. */
static void send_progress(struct call *k)
{
	struct json_object *o = json_object_new_object();
	struct json_object *params = json_object_new_object();
	const struct text *out =
		k->child.out.len ? &k->child.out : &k->child.err;
	size_t end = out->len, start;
	struct text last = { 0 };

	while (end && out->at[end - 1] == '\n')
		end--;
	for (start = end;
	     start && out->at[start - 1] != '\n' && end - start < 200; start--)
		;
	if (end)
		mcp_add_utf8(&last, out->at + start, end - start);
	k->reported_ms = spawn_now_ms();
	json_object_object_add(params, "progressToken",
			       json_object_get(k->token));
	cli_add_number(params, "progress",
		       (k->reported_ms - k->started_ms) / 1000);
	cli_add_text(params, "message", text_get(&last));
	cli_add_text(o, "method", "notifications/progress");
	json_object_object_add(o, "params", params);
	mcp_send(o);
	text_free(&last);
}

/* If the program of a call was ended early, its command in the container still
 * runs: start a program that ends that command. Returns false if there is no
 * such command. */
static bool end_in_container(struct call *k)
{
	if ((k->child.end != SPAWN_TIMED_OUT &&
	     k->child.end != SPAWN_INTERRUPTED) ||
	    !mcp_line_compose_end(&k->line))
		return false;
	spawn_free(&k->child);
	spawn_start(&k->child, &(struct spawn){ .args = &k->line.args,
						.in = SPAWN_NOTHING,
						.group = true,
						.timeout_ms = END_MS });
	return true;
}

static void start_program(struct call *k, uint32_t timeout_ms)
{
	spawn_start(&k->child, &(struct spawn){ .args = &k->line.args,
						.in = SPAWN_NOTHING,
						.group = true,
						.keep = k->line.place,
						.keeps = k->line.places,
						.max_output = MCP_OUTPUT,
						.timeout_ms = timeout_ms,
						.grace_ms = GRACE_MS });
}

/* The engine has reported the label of the container: start the program of the
 * tool. Returns false if the call has ended. */
static bool start_checked(struct call *k)
{
	struct mcp_line *l = &k->line;

	if (!l->asks_label || k->cancelled || k->child.end != SPAWN_EXITED ||
	    k->child.code)
		return false;
	if (!mcp_line_compose_checked(l, text_get(&k->child.out))) {
		mcp_send_content(k->batch, k->id, &l->refused, true);
		k->answered = true;
		return false;
	}
	spawn_free(&k->child);
	start_program(k, l->tool->timeout_ms);
	return true;
}

static void step_calls(struct server *s)
{
	for (int i = 0; i < CALLS; i++) {
		struct call *k = &s->call[i];

		if (!k->used)
			continue;
		spawn_step(&k->child);
		if (k->child.end == SPAWN_RUNS) {
			if (k->token && !k->cancelled && !k->answered &&
			    spawn_now_ms() - k->reported_ms >= PROGRESS_MS)
				send_progress(k);
			continue;
		}
		if (start_checked(k))
			continue;
		if (!k->cancelled && !k->answered)
			send_result(k);
		k->answered = true;
		if (!end_in_container(k))
			end_call(k);
	}
}

static struct call *find_free_call(struct server *s)
{
	for (int i = 0; i < CALLS; i++)
		if (!s->call[i].used)
			return &s->call[i];
	return NULL;
}

static const struct mcp_tool *find_tool(const char *name)
{
	for (const struct mcp_tool *t = mcp_tools; name && t->name; t++)
		if (!strcmp(t->name, name))
			return t;
	return NULL;
}

static void call_tool(struct server *s, struct json_object *id,
		      struct json_object *params, struct json_object *message)
{
	const struct mcp_tool *tool = find_tool(mcp_json_text(params, "name"));
	struct call *k = find_free_call(s);
	struct json_object *token;

	if (!tool) {
		mcp_send_error(s->batch, id, MCP_JSON_INVALID_PARAMS,
			       "unknown tool. tools/list has the "
			       "names");
		return;
	}
	if (!k) {
		mcp_send_error(s->batch, id, MCP_JSON_INVALID_REQUEST,
			       "more than 8 calls in parallel");
		return;
	}
	if (!mcp_line_compose(&k->line, tool,
			      mcp_json_member(params, "arguments"),
			      &s->bounds)) {
		mcp_send_content(s->batch, id, &k->line.refused, true);
		mcp_line_free(&k->line);
		*k = (struct call){ 0 };
		return;
	}
	k->used = true;
	k->batch = s->batch;
	mcp_batch_hold(k->batch);
	k->id = json_object_get(id);
	k->message = json_object_get(message);
	token = mcp_json_member(mcp_json_member(params, "_meta"),
				"progressToken");
	if (mcp_json_is_id(token))
		k->token = json_object_get(token);
	k->started_ms = k->reported_ms = spawn_now_ms();
	start_program(k, tool->timeout_ms);
}

static void cancel(struct server *s, struct json_object *params)
{
	struct json_object *id = mcp_json_member(params, "requestId");

	for (int i = 0; i < CALLS; i++) {
		struct call *k = &s->call[i];

		if (!k->used || !id || !json_object_equal(k->id, id))
			continue;
		k->cancelled = true; /* a cancelled call gets no answer */
		spawn_stop(&k->child, SPAWN_INTERRUPTED);
	}
}

/* --- requests --- */

static void initialize(struct mcp_batch *b, struct json_object *id,
		       struct json_object *params)
{
	static const char *const versions[] = { "2025-06-18", "2025-03-26",
						"2024-11-05" };
	const char *wanted = mcp_json_text(params, "protocolVersion");
	const char *version = versions[0];
	struct json_object *result = json_object_new_object();
	struct json_object *can = json_object_new_object();
	struct json_object *info = json_object_new_object();

	for (size_t i = 0; wanted && i < 3; i++)
		if (!strcmp(wanted, versions[i]))
			version = versions[i];
	json_object_object_add(can, "tools", json_object_new_object());
	cli_add_text(info, "name", "linux-build");
	cli_add_text(info, "version", TETHER_VERSION);
	cli_add_text(result, "protocolVersion", version);
	json_object_object_add(result, "capabilities", can);
	json_object_object_add(result, "serverInfo", info);
	mcp_send_result(b, id, result);
}

static void list_tools(struct mcp_batch *b, struct json_object *id)
{
	struct json_object *result = json_object_new_object();
	struct json_object *list = json_object_new_array();

	for (const struct mcp_tool *t = mcp_tools; t->name; t++)
		json_object_array_add(list, mcp_tool_json(t));
	json_object_object_add(result, "tools", list);
	mcp_send_result(b, id, result);
}

static void handle_request(struct server *s, struct json_object *id,
			   struct json_object *message)
{
	struct json_object *params = mcp_json_member(message, "params");
	const char *method = mcp_json_text(message, "method");

	if (json_object_is_type(params, json_type_array))
		mcp_send_error(s->batch, id, MCP_JSON_INVALID_PARAMS,
			       "the params are no object");
	else if (!strcmp(method, "initialize") && s->batch)
		mcp_send_error(s->batch, id, MCP_JSON_INVALID_REQUEST,
			       "initialize cannot be in a batch");
	else if (!strcmp(method, "initialize"))
		initialize(s->batch, id, params);
	else if (!strcmp(method, "ping"))
		mcp_send_result(s->batch, id, json_object_new_object());
	else if (!strcmp(method, "tools/list"))
		list_tools(s->batch, id);
	else if (!strcmp(method, "tools/call"))
		call_tool(s, id, params, message);
	else
		mcp_send_error(s->batch, id, MCP_JSON_METHOD_NOT_FOUND,
			       "unknown method");
}

static void handle_message(struct server *s, struct json_object *message)
{
	struct json_object *id;
	const char *why;

	switch (mcp_json_check(message, &id, &why)) {
	case MCP_JSON_REQUEST:
		handle_request(s, id, message);
		break;
	case MCP_JSON_NOTIFICATION:
		if (!strcmp(mcp_json_text(message, "method"),
			    "notifications/cancelled"))
			cancel(s, mcp_json_member(message, "params"));
		break;
	case MCP_JSON_INVALID:
		mcp_send_error(s->batch, id, MCP_JSON_INVALID_REQUEST, why);
		break;
	default: /* the server sends no requests, so expects no response */
		break;
	}
}

/* JSON-RPC 2.0, 6. MCP allows batches in version 2025-03-26 only. */
static void handle_batch(struct server *s, struct json_object *list)
{
	struct mcp_batch *b = mcp_batch_new();

	s->batch = b;
	for (size_t i = 0; i < json_object_array_length(list); i++)
		handle_message(s, json_object_array_get_idx(list, i));
	s->batch = NULL;
	mcp_batch_release(b);
}

static void handle_line(struct server *s, const char *line, size_t len)
{
	struct json_object *o;
	const char *why;
	int code = mcp_json_parse(line, len, &o, &why);
	size_t count = json_object_is_type(o, json_type_array)
			       ? json_object_array_length(o)
			       : 0;

	if (code)
		mcp_send_error(NULL, NULL, code, why);
	else if (count > MCP_JSON_BATCH)
		mcp_send_error(NULL, NULL, MCP_JSON_INVALID_REQUEST,
			       "more than 64 messages in a batch");
	else if (count)
		handle_batch(s, o);
	else
		handle_message(s, o);
	json_object_put(o);
}

static void handle_lines(struct server *s)
{
	size_t start = 0;
	char *end;

	while (s->in.len > start &&
	       (end = memchr(s->in.at + start, '\n', s->in.len - start))) {
		size_t len = (size_t)(end - s->in.at) - start;

		*end = '\0';
		if (len && !(len == 1 && s->in.at[start] == '\r'))
			handle_line(s, s->in.at + start, len);
		start += len + 1;
	}
	memmove(s->in.at, s->in.at + start, s->in.len - start);
	s->in.len -= start;
	if (s->in.len > LINE) {
		mcp_send_error(NULL, NULL, MCP_JSON_INVALID_REQUEST,
			       "the message is longer than 4 MiB");
		s->closed = true;
	}
}

static void read_input(struct server *s)
{
	ssize_t n = read(STDIN_FILENO, text_grow(&s->in, 65536), 65536);

	if (n > 0) {
		s->in.len += (size_t)n;
		handle_lines(s);
	} else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
		s->closed = true;
		/* The last line may lack its line end. */
		text_puts(&s->in, "\n");
		handle_lines(s);
	}
}

/* --- verb --- */

static void run_once(struct server *s)
{
	struct pollfd p[1 + 2 * CALLS] = { { .fd = STDIN_FILENO,
					     .events = POLLIN } };
	nfds_t n = 1;

	for (int i = 0; i < CALLS; i++) {
		if (!s->call[i].used)
			continue;
		p[n].fd = s->call[i].child.out_fd;
		p[n++].events = POLLIN;
		p[n].fd = s->call[i].child.err_fd;
		p[n++].events = POLLIN;
	}
	/* A program that has closed its pipes still needs polling. */
	poll(p, n, n > 1 ? TURN_MS / 5 : -1);
	if (p[0].revents)
		read_input(s);
	step_calls(s);
}

/* Cancel all calls, and wait until their programs have ended, also in
 * containers. */
static void end_all(struct server *s)
{
	uint64_t until = spawn_now_ms() + GRACE_MS + END_MS;
	bool any = true;

	for (int i = 0; i < CALLS; i++)
		s->call[i].cancelled = true;
	while (any && spawn_now_ms() < until) {
		any = false;
		for (int i = 0; i < CALLS; i++) {
			struct call *k = &s->call[i];

			if (!k->used)
				continue;
			any = true;
			if (!k->answered)
				spawn_stop(&k->child, SPAWN_INTERRUPTED);
		}
		step_calls(s);
		poll(NULL, 0, TURN_MS / 5);
	}
	for (int i = 0; i < CALLS; i++)
		if (s->call[i].used)
			end_call(&s->call[i]);
}

static void interrupt(int number)
{
	(void)number;
	cli_interrupted = 2;
}

static int run(struct cli *c)
{
	struct server *s = text_allocate(1, sizeof(*s));
	struct sigaction end = { .sa_handler = interrupt };
	int status;

	if (isatty(STDIN_FILENO)) {
		free(s);
		return cli_fail_usage(c, "stdin is a terminal. Let a Model "
					 "Context Protocol client start this "
					 "server. For MCTP of a device see "
					 "`tether mctp`");
	}
	status = mcp_bounds_set(c, &s->bounds);
	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGHUP, &end, NULL);
	setenv("TETHER_BATCH", "1", 1); /* ssh must not ask for a password */
	while (!status && !s->closed && !cli_interrupted)
		run_once(s);
	end_all(s);
	mcp_roots_free(&s->bounds.roots);
	text_free(&s->in);
	free(s);
	return status;
}

static const struct cli_option options[] = {
	{ .name = "root",
	  .letter = 'r',
	  .value = "DIR",
	  .type = CLI_FOLDER,
	  .repeats = true,
	  .help = "Allow the files in DIR (required)" },
	{ .name = "allow-any-container",
	  .help = "Also use containers that this server did not start" },
	{ .name = "board",
	  .letter = 'b',
	  .value = "HOST",
	  .type = CLI_HOST,
	  .default_value = BOARD_HOST,
	  .help = "Allow this board" },
	{ .name = "engine",
	  .letter = 'e',
	  .value = "ENGINE",
	  .type = CLI_CHOICE,
	  .choices = CLI_CHOICES("docker", "podman"),
	  .help = "Use this container engine, not the installed one" },
	{ 0 },
};

const struct cli_verb mcp_server_verb = {
	.name = "mcp-server",
	.synopsis = "--root DIR... [--board HOST]",
	.run = run,
	.options = options,
	.help = "Serve the Model Context Protocol (server linux-build)",
	.text = "Speaks on stdin and stdout with the program that starts it. "
		"Its tools build in\ncontainers, deploy to the board and run "
		"commands there. Other paths and boards\nare refused.",
	.examples = "tether mcp-server --root ~/src/linux\n",
};

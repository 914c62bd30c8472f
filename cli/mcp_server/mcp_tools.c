/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/mcp_server/mcp.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

enum {
	MINUTE = 60 * 1000,
	QUICK = 2 * MINUTE,
	LONG = 4 * 60 * MINUTE,
	NAME = 128,
};

/* --- words --- */

static const struct mcp_parameter *parameter(const struct mcp_line *l,
					     const char *name)
{
	const struct mcp_parameter *p = l->tool->parameter;

	while (p->name && strcmp(p->name, name) != 0)
		p++;
	return p->name ? p : NULL;
}

/* The argument of a parameter, else its default, else NULL. */
static const char *get_text(const struct mcp_line *l, const char *name)
{
	const struct mcp_parameter *p = parameter(l, name);
	struct json_object *value;

	if (json_object_object_get_ex(l->arguments, name, &value) && value)
		return json_object_get_string(value);
	return p ? p->value : NULL;
}

static bool refuse(struct mcp_line *l, const char *name, const char *reason)
{
	l->refused.len = 0;
	text_addf(&l->refused, "%s: %s", name, reason);
	return false;
}

static void add_word(struct mcp_line *l, const char *word)
{
	struct text *kept = &l->word[l->words++];

	text_puts(kept, word);
	spawn_add(&l->args, kept->at);
}

static void add_words(struct mcp_line *l, const char *const *words)
{
	while (*words)
		add_word(l, *words++);
}

/* Names of containers and images must not look like options. */
static bool add_name(struct mcp_line *l, const char *name)
{
	const char *value = get_text(l, name);

	if (!isalnum((unsigned char)value[0]) || strlen(value) > NAME ||
	    value[strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQR"
				"STUVWXYZ0123456789_.-/:@")])
		return refuse(l, name, "expected letters, digits and _.-/:@");
	add_word(l, value);
	return true;
}

static bool check_path(struct mcp_line *l, const char *name, const char *path,
		       struct text *real)
{
	if (path_roots_check(&l->bounds->roots, path, real))
		return true;
	l->refused.len = 0;
	text_addf(&l->refused,
		  "%s: %s is outside of the folders that this server may use. "
		  "Start the server with another --root",
		  name, path);
	return false;
}

static bool add_path(struct mcp_line *l, const char *name)
{
	struct text real = { 0 };
	bool fine = check_path(l, name, get_text(l, name), &real);

	if (fine)
		add_word(l, real.at);
	text_free(&real);
	return fine;
}

/* Append -v HOST[:CONTAINER[:OPTIONS]], with the host's folder checked. */
static bool add_volume(struct mcp_line *l, const char *name, const char *volume,
		       const char *suffix)
{
	struct text path = { 0 }, real = { 0 };
	size_t n = suffix ? strlen(volume) : strcspn(volume, ":");
	bool fine;

	text_add(&path, volume, n);
	fine = check_path(l, name, path.at, &real);
	if (fine && strchr(real.at, ':'))
		fine = refuse(l, name,
			      "containers allow no : in a folder's "
			      "name");
	if (fine && !suffix && !volume[n])
		fine = refuse(l, name, "expected FOLDER:FOLDER_INSIDE[:ro]");
	if (fine) {
		text_puts(&real, suffix ? suffix : volume + n);
		add_word(l, "-v");
		add_word(l, real.at);
	}
	text_free(&path);
	text_free(&real);
	return fine;
}

static bool add_board(struct mcp_line *l)
{
	const char *wanted = get_text(l, "board_ip"), *board = l->bounds->board;
	const char *at = strrchr(board, '@');

	add_word(l, "--host");
	add_word(l, board);
	if (!wanted || !strcmp(wanted, board) ||
	    (at && !strcmp(wanted, at + 1)))
		return true;
	l->refused.len = 0;
	text_addf(&l->refused,
		  "board_ip: this server may use the board %s only. Start it "
		  "with another --board",
		  board);
	return false;
}

/* --- containers --- */

static bool start_container(struct mcp_line *l)
{
	const char *name = get_text(l, "name");
	struct json_object *more;

	add_words(l,
		  (const char *const[]){ l->bounds->engine, "run", "-d",
					 "--init", "-w", "/workspace", NULL });
	if (name) {
		add_word(l, "--name");
		if (!add_name(l, "name"))
			return false;
	}
	if (!add_volume(l, "workspace_dir", get_text(l, "workspace_dir"),
			":/workspace"))
		return false;
	if (json_object_object_get_ex(l->arguments, "extra_volumes", &more))
		for (size_t i = 0; i < json_object_array_length(more); i++) {
			if (i == 8)
				return refuse(l, "extra_volumes",
					      "give at most eight");
			if (!add_volume(
				    l, "extra_volumes",
				    json_object_get_string(
					    json_object_array_get_idx(more, i)),
				    NULL))
				return false;
		}
	if (!add_name(l, "image"))
		return false;
	add_words(l, (const char *const[]){ "sh", "-c", mcp_script_container,
					    NULL });
	return true;
}

static bool stop_container(struct mcp_line *l)
{
	add_words(l, (const char *const[]){ l->bounds->engine, "stop", NULL });
	return add_name(l, "container");
}

static bool container_status(struct mcp_line *l)
{
	static const char format[] =
		"{{.Name}} {{.State.Status}}, image {{.Config.Image}}, since "
		"{{.State.StartedAt}}, exit code {{.State.ExitCode}}";

	add_words(l, (const char *const[]){ l->bounds->engine, "inspect",
					    "--type", "container", "--format",
					    format, NULL });
	return add_name(l, "container");
}

/* The end of docker does not end a command in the container, so commands get a
 * mark. */
static bool add_exec(struct mcp_line *l, const char *workdir)
{
	add_words(l, (const char *const[]){ l->bounds->engine, "exec", NULL });
	if (workdir) {
		process_mark_make(l->mark);
		add_words(l, (const char *const[]){ "-w", workdir, "-e",
						    l->mark, NULL });
	}
	return add_name(l, "container");
}

static bool run_command(struct mcp_line *l)
{
	const char *workdir = get_text(l, "workdir");

	if (workdir[0] != '/')
		return refuse(l, "workdir", "expected an absolute path");
	if (!add_exec(l, workdir))
		return false;
	add_words(l, (const char *const[]){ "sh", "-c", get_text(l, "command"),
					    NULL });
	return true;
}

static bool list_artifacts(struct mcp_line *l)
{
	if (!add_exec(l, NULL))
		return false;
	add_words(l,
		  (const char *const[]){ "ls", "-lAR", "--",
					 get_text(l, "container_path"), NULL });
	return true;
}

static bool collect_artifacts(struct mcp_line *l)
{
	const char *path = get_text(l, "container_path");

	if (path[0] != '/')
		return refuse(l, "container_path", "expected an absolute path");
	add_words(l, (const char *const[]){ l->bounds->engine, "cp", NULL });
	if (!add_name(l, "container"))
		return false;
	/* the word of the container becomes CONTAINER:PATH */
	l->words--;
	l->args.n--;
	text_addf(&l->word[l->words], ":%s/.", path);
	spawn_add(&l->args, l->word[l->words++].at);
	return add_path(l, "host_path");
}

/* --- verbs of tether --- */

static void add_tether(struct mcp_line *l, const char *verb, const char *word)
{
	add_word(l, cli_program);
	add_word(l, verb);
	if (word)
		add_word(l, word);
}

static bool deploy(struct mcp_line *l)
{
	add_tether(l, "deploy", "--json");
	if (!add_board(l))
		return false;
	add_words(l, (const char *const[]){ "--to", get_text(l, "remote_path"),
					    "--", NULL });
	return add_path(l, "file_path");
}

static bool ssh_command(struct mcp_line *l)
{
	add_tether(l, "run", NULL);
	if (!add_board(l))
		return false;
	add_words(l,
		  (const char *const[]){ "--", get_text(l, "command"), NULL });
	return true;
}

static bool inspect(struct mcp_line *l)
{
	add_tether(l, "inspect", "--json");
	add_word(l, "--file");
	return add_path(l, "file_path");
}

static bool doctor(struct mcp_line *l)
{
	add_tether(l, "doctor", "--json");
	return add_board(l);
}

static bool ls(struct mcp_line *l)
{
	add_tether(l, "ls", "--json");
	return true;
}

static bool mctp_info(struct mcp_line *l)
{
	add_tether(l, "mctp", "info");
	add_word(l, "--json");
	return true;
}

static bool nvme_health(struct mcp_line *l)
{
	add_tether(l, "nvme", "health");
	add_word(l, "--json");
	return true;
}

#define CONTAINER                                                              \
	{                                                                      \
		"container", "string", NULL, true,                             \
			"the container's name or "                             \
			"id"                                                   \
	}
#define BOARD_IP                                                               \
	{                                                                      \
		"board_ip", "string", NULL, false,                             \
			"the board's address, as the server was started "      \
			"with"                                                 \
	}

const struct mcp_tool mcp_tools[] = {
	{ "start_container",
	  "Start a detached build container with the workspace at /workspace "
	  "and "
	  "a folder /artifacts. Returns its id.",
	  10 * MINUTE,
	  start_container,
	  { { "name", "string", NULL, false, "name of the container" },
	    { "image", "string", "stm32mp1-sdk", false, "container image" },
	    { "workspace_dir", "string", ".", false,
	      "host folder to mount at /workspace" },
	    { "extra_volumes", "array", NULL, false,
	      "more folders, as HOST:CONTAINER[:ro]" } } },
	{ "stop_container",
	  "Stop a container. Its files remain until it is removed.",
	  QUICK,
	  stop_container,
	  { CONTAINER } },
	{ "container_status",
	  "Report whether a container runs, since when, and its image.",
	  QUICK,
	  container_status,
	  { CONTAINER } },
	{ "run_command",
	  "Run a shell command in a container.",
	  LONG,
	  run_command,
	  { CONTAINER,
	    { "command", "string", NULL, true,
	      "command line for the container's shell" },
	    { "workdir", "string", "/workspace", false, "working folder" } } },
	{ "build",
	  "Build in a container.",
	  LONG,
	  run_command,
	  { CONTAINER,
	    { "command", "string", "make", false, "command line that builds" },
	    { "workdir", "string", "/workspace", false, "working folder" } } },
	{ "list_artifacts",
	  "List the files that a build wrote in a container.",
	  QUICK,
	  list_artifacts,
	  { CONTAINER,
	    { "container_path", "string", "/artifacts", false,
	      "working folder" } } },
	{ "collect_artifacts",
	  "Copy the files of a build from a container to the host.",
	  30 * MINUTE,
	  collect_artifacts,
	  { CONTAINER,
	    { "container_path", "string", "/artifacts", false,
	      "folder in the container" },
	    { "host_path", "string", NULL, true, "host folder" } } },
	{ "deploy",
	  "Copy a file to the board atomically, with a checksum.",
	  30 * MINUTE,
	  deploy,
	  { { "file_path", "string", NULL, true, "file on the host" },
	    { "remote_path", "string", "/home/root/", false,
	      "folder on the board" },
	    BOARD_IP } },
	{ "ssh_command",
	  "Run a shell command on the board.",
	  30 * MINUTE,
	  ssh_command,
	  { { "command", "string", NULL, true,
	      "command line for the board's shell" },
	    BOARD_IP } },
	{ "inspect",
	  "Tell which systems have a driver for a USB device, from a file with "
	  "its descriptors.",
	  QUICK,
	  inspect,
	  { { "file_path", "string", NULL, true,
	      "device and configuration descriptor, binary or hex" } } },
	{ "doctor",
	  "Diagnose the connection to the board, from the cable to the shell.",
	  5 * MINUTE,
	  doctor,
	  { BOARD_IP } },
	{ "ls",
	  "List the boards and MCTP devices of this host.",
	  QUICK,
	  ls,
	  { { 0 } } },
	{ "mctp_info",
	  "Report EID, UUID and message types of the MCTP device.",
	  QUICK,
	  mctp_info,
	  { { 0 } } },
	{ "nvme_health",
	  "Report the health of the NVM subsystem and its controllers.",
	  QUICK,
	  nvme_health,
	  { { 0 } } },
	{ 0 },
};

/* --- calls --- */

static bool has_type(struct json_object *value, const char *type)
{
	if (!strcmp(type, "string"))
		return json_object_is_type(value, json_type_string) &&
		       strlen(json_object_get_string(value)) ==
			       (size_t)json_object_get_string_len(value);
	if (!json_object_is_type(value, json_type_array))
		return false;
	for (size_t i = 0; i < json_object_array_length(value); i++)
		if (!has_type(json_object_array_get_idx(value, i), "string"))
			return false;
	return true;
}

static bool check_arguments(struct mcp_line *l)
{
	const struct mcp_parameter *p;
	struct json_object *value;

	json_object_object_foreach(l->arguments, name, given)
	{
		p = parameter(l, name);
		if (!p)
			return refuse(l, name, "unknown parameter");
		if (!has_type(given, p->type))
			return refuse(l, name,
				      strcmp(p->type, "string")
					      ? "expected an array of strings"
					      : "expected a string");
	}
	for (p = l->tool->parameter; p->name; p++)
		if (p->required &&
		    !json_object_object_get_ex(l->arguments, p->name, &value))
			return refuse(l, p->name,
				      "required parameter is missing");
	return true;
}

bool mcp_line_compose(struct mcp_line *l, const struct mcp_tool *tool,
		      struct json_object *arguments,
		      const struct mcp_bounds *bounds)
{
	*l = (struct mcp_line){ .tool = tool,
				.arguments = arguments,
				.bounds = bounds };
	if (arguments && !json_object_is_type(arguments, json_type_object))
		return refuse(l, "arguments", "expected an object");
	if (arguments && !check_arguments(l))
		return false;
	for (const struct mcp_parameter *p = tool->parameter;
	     !arguments && p->name; p++)
		if (p->required)
			return refuse(l, p->name,
				      "required parameter is missing");
	return tool->compose(l);
}

bool mcp_line_compose_end(struct mcp_line *l)
{
	struct text script = { 0 };

	if (!l->mark[0])
		return false;
	for (int i = 0; i < MCP_WORDS; i++)
		text_free(&l->word[i]);
	l->args.n = l->words = 0;
	process_mark_end_script(l->mark, &script);
	add_words(l, (const char *const[]){ l->bounds->engine, "exec",
					    get_text(l, "container"), "sh",
					    "-c", script.at, NULL });
	l->mark[0] = '\0';
	text_free(&script);
	return true;
}

void mcp_line_free(struct mcp_line *l)
{
	for (int i = 0; i < MCP_WORDS; i++)
		text_free(&l->word[i]);
	text_free(&l->refused);
}

struct json_object *mcp_tool_json(const struct mcp_tool *tool)
{
	struct json_object *o = json_object_new_object();
	struct json_object *schema = json_object_new_object();
	struct json_object *all = json_object_new_object();
	struct json_object *required = json_object_new_array();

	for (const struct mcp_parameter *p = tool->parameter; p->name; p++) {
		struct json_object *one = json_object_new_object();

		cli_add_text(one, "type", p->type);
		cli_add_text(one, "description", p->help);
		if (!strcmp(p->type, "array")) {
			struct json_object *item = json_object_new_object();

			cli_add_text(item, "type", "string");
			json_object_object_add(one, "items", item);
		}
		if (p->value)
			cli_add_text(one, "default", p->value);
		if (p->required)
			json_object_array_add(required,
					      json_object_new_string(p->name));
		json_object_object_add(all, p->name, one);
	}
	cli_add_text(schema, "type", "object");
	json_object_object_add(schema, "properties", all);
	json_object_object_add(schema, "required", required);
	cli_add_text(o, "name", tool->name);
	cli_add_text(o, "description", tool->help);
	json_object_object_add(o, "inputSchema", schema);
	return o;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/cli.h"
#include "cli/mcp_server/mcp_container.h"
#include "cli/mcp_server/mcp_line.h"

enum {
	MINUTE = 60 * 1000,
	QUICK = 2 * MINUTE,
	LONG = 4 * 60 * MINUTE,
};

/* --- verbs of tether --- */

static bool add_board(struct mcp_line *l)
{
	const char *wanted = mcp_line_get(l, "board_ip"),
		   *board = l->bounds->board;
	const char *at = strrchr(board, '@');

	mcp_line_add(l, "--host");
	mcp_line_add(l, board);
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

static void add_tether(struct mcp_line *l, const char *verb, const char *word)
{
	mcp_line_add(l, cli_program);
	mcp_line_add(l, verb);
	if (word)
		mcp_line_add(l, word);
}

static const char *get_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool deploy(struct mcp_line *l)
{
	struct text name = { 0 };

	add_tether(l, "deploy", "--json");
	if (!add_board(l))
		return false;
	text_addf(&name, "--name=%s",
		  get_base_name(mcp_line_get(l, "file_path")));
	mcp_line_add_words(l, (const char *const[]){
				      "--to", mcp_line_get(l, "remote_path"),
				      name.at, "--", NULL });
	text_free(&name);
	return mcp_line_add_file(l, "file_path");
}

static bool ssh_command(struct mcp_line *l)
{
	add_tether(l, "run", NULL);
	if (!add_board(l))
		return false;
	mcp_line_add_words(l, (const char *const[]){
				      "--", mcp_line_get(l, "command"), NULL });
	return true;
}

static bool inspect(struct mcp_line *l)
{
	add_tether(l, "inspect", "--json");
	mcp_line_add(l, "--file");
	return mcp_line_add_file(l, "file_path");
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
	mcp_line_add(l, "--json");
	return true;
}

static bool nvme_health(struct mcp_line *l)
{
	add_tether(l, "nvme", "health");
	mcp_line_add(l, "--json");
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
	  mcp_container_start,
	  { { "name", "string", NULL, false, "name of the container" },
	    { "image", "string", "stm32mp1-sdk", false, "container image" },
	    { "workspace_dir", "string", ".", false,
	      "host folder to mount at /workspace" },
	    { "extra_volumes", "array", NULL, false,
	      "more folders, as HOST:CONTAINER[:ro]" } } },
	{ "stop_container",
	  "Stop a container. Its files remain until it is removed.",
	  QUICK,
	  mcp_container_stop,
	  { CONTAINER } },
	{ "container_status",
	  "Report whether a container runs, since when, and its image.",
	  QUICK,
	  mcp_container_status,
	  { CONTAINER } },
	{ "run_command",
	  "Run a shell command in a container.",
	  LONG,
	  mcp_container_run,
	  { CONTAINER,
	    { "command", "string", NULL, true,
	      "command line for the container's shell" },
	    { "workdir", "string", "/workspace", false, "working folder" } } },
	{ "build",
	  "Build in a container.",
	  LONG,
	  mcp_container_run,
	  { CONTAINER,
	    { "command", "string", "make", false, "command line that builds" },
	    { "workdir", "string", "/workspace", false, "working folder" } } },
	{ "list_artifacts",
	  "List the files that a build wrote in a container.",
	  QUICK,
	  mcp_container_list,
	  { CONTAINER,
	    { "container_path", "string", "/artifacts", false,
	      "working folder" } } },
	{ "collect_artifacts",
	  "Copy the files of a build from a container to the host.",
	  30 * MINUTE,
	  mcp_container_collect,
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

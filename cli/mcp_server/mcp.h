/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tools of `tether mcp`: a table of names, parameters and what makes a
 * command line of them. Each call is one program that runs: tether itself,
 * docker or podman.
 */
#ifndef TETHER_CLI_MCP_SERVER_MCP_H
#define TETHER_CLI_MCP_SERVER_MCP_H

#include <json-c/json.h>

#include "cli/board/process_mark.h"
#include "cli/spawn.h"
#include "cli/board/path_roots.h"

/** The first process of a container, from scripts/container.sh. */
extern const char mcp_script_container[];

enum {
	MCP_PARAMETERS = 6,
	MCP_WORDS = 48,
	MCP_OUTPUT = 256 * 1024, /* bytes of a result */
};

/** What the server may touch, and by what. */
struct mcp_bounds {
	struct path_roots roots;
	const char *board;  /* for --host */
	const char *engine; /* docker or podman */
};

struct mcp_parameter {
	const char *name;  /* NULL ends the list */
	const char *type;  /* "string", or "array" of strings */
	const char *value; /* default, NULL: none */
	bool needed;
	const char *help;
};

/** A call on its way into a command line. Words are kept in it. */
struct mcp_line {
	const struct mcp_bounds *bounds;
	struct json_object *arguments; /* borrowed */
	const struct mcp_tool *tool;
	struct spawn_args args;
	int words;
	struct text word[MCP_WORDS];
	struct text refused;	 /* why the call is not made */
	char mark[PROCESS_MARK]; /* of a command in a container; else empty */
};

struct mcp_tool {
	const char *name, *help;
	uint32_t timeout_ms;
	bool (*make)(struct mcp_line *l); /* false: refused says why */
	struct mcp_parameter parameter[MCP_PARAMETERS];
};

/** NULL ends the table. */
extern const struct mcp_tool mcp_tools[];

/** Check the arguments against the table and make the command line. false:
 * refused says why. Freed by mcp_line_free() in any case. */
bool mcp_line_make(struct mcp_line *l, const struct mcp_tool *tool,
		   struct json_object *arguments,
		   const struct mcp_bounds *bounds);
void mcp_line_free(struct mcp_line *l);

/** Make it, after its program was ended early, the command line that ends what
 * goes on in the container. false: nothing does. */
bool mcp_line_end(struct mcp_line *l);

/** A tool as tools/list describes it. */
struct json_object *mcp_tool_json(const struct mcp_tool *tool);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tools of `tether mcp-server`: a table of names, parameters and functions
 * that compose a command line. Each call runs one program: tether itself,
 * docker or podman.
 */
#ifndef TETHER_CLI_MCP_SERVER_MCP_H
#define TETHER_CLI_MCP_SERVER_MCP_H

#include <json-c/json.h>

#include "cli/board/process_mark.h"
#include "cli/mcp_server/mcp_roots.h"
#include "cli/spawn.h"

/** The first process of a container, from scripts/container.sh. */
extern const char mcp_script_container[];

/* Containers that a server starts have this label. */
#define MCP_LABEL_KEY "tether.mcp-server"

enum {
	MCP_PARAMETERS = 6,
	MCP_WORDS = 64,
	MCP_OUTPUT = 256 * 1024, /* bytes of a result */
	MCP_PLACES = 9,		 /* files and folders of a call */
	MCP_LABEL = 65,		 /* SHA-256 in hexadecimal */
};

/** Folders, board and container engine that the server may use. */
struct mcp_bounds {
	struct mcp_roots roots;
	const char *board;  /* value of --host */
	const char *engine; /* docker or podman */
	/* The label of the containers that this server starts: a digest of the
	 * user and the roots. A server with the same roots knows it. */
	char label[MCP_LABEL];
	bool any_container; /* also use containers without the label */
};

struct cli;

/** Set the bounds from the options. Returns an exit code; the error is printed.
 */
int mcp_bounds_set(struct cli *c, struct mcp_bounds *b);

struct mcp_parameter {
	const char *name;  /* NULL ends the list */
	const char *type;  /* "string", or "array" of strings */
	const char *value; /* default; NULL: none */
	bool required;
	const char *help;
};

/** The command line of a call. `args` points into `word`. */
struct mcp_line {
	const struct mcp_bounds *bounds;
	struct json_object *arguments; /* borrowed */
	const struct mcp_tool *tool;
	struct spawn_args args;
	int words;
	struct text word[MCP_WORDS];
	struct text refused;	 /* why the call is refused */
	char mark[PROCESS_MARK]; /* of a command in a container, or "" */
	/* Open files and folders of the call. Programs of this host inherit
	 * them. */
	int place[MCP_PLACES], places;
	/* Bind mounts of these files and folders for the container engine. */
	struct text mount[MCP_PLACES];
	int mounts;
	/* The command line only asks the engine for the id and the label of the
	 * container. mcp_line_compose_checked() composes the next one. */
	bool asks_label;
	struct text container; /* the id of a container with the label */
};

struct mcp_tool {
	const char *name, *help;
	uint32_t timeout_ms;
	/** Compose the command line. Returns false with a reason in refused. */
	bool (*compose)(struct mcp_line *l);
	struct mcp_parameter parameter[MCP_PARAMETERS];
};

/** The tools; a NULL name ends the table. */
extern const struct mcp_tool mcp_tools[];

/** Check the arguments against the table, and compose the command line. Returns
 * false with a reason in refused. In any case, the caller frees the line by
 * mcp_line_free(). */
bool mcp_line_compose(struct mcp_line *l, const struct mcp_tool *tool,
		      struct json_object *arguments,
		      const struct mcp_bounds *bounds);
void mcp_line_free(struct mcp_line *l);

/** Compose the command line of the tool after one that asked for the label.
 * `said` is the answer of the engine. Returns false with a reason in refused if
 * this server did not start the container. */
bool mcp_line_compose_checked(struct mcp_line *l, const char *said);

/** Compose the command line that ends the processes of a call in its container,
 * after the local program was ended early. Returns false if the call has no
 * command in a container. */
bool mcp_line_compose_end(struct mcp_line *l);

/** The description of a tool for tools/list. */
struct json_object *mcp_tool_json(const struct mcp_tool *tool);

#endif

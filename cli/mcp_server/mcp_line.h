/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds the command line of a call. The functions that return bool return
 * false with a reason in l->refused.
 */
#ifndef TETHER_CLI_MCP_SERVER_MCP_LINE_H
#define TETHER_CLI_MCP_SERVER_MCP_LINE_H

#include "cli/mcp_server/mcp.h"

/** The argument of a parameter, else its default, else NULL. */
const char *mcp_line_get(const struct mcp_line *l, const char *name);

/** Refuse the call because of this parameter. Returns false. */
bool mcp_line_refuse(struct mcp_line *l, const char *name, const char *reason);

/** Append a word, or words up to NULL. The line keeps copies. */
void mcp_line_add(struct mcp_line *l, const char *word);
void mcp_line_add_words(struct mcp_line *l, const char *const *words);

/** Append the name of a container or image, which must not look like an
 * option. */
bool mcp_line_add_name(struct mcp_line *l, const char *name);

/** Open a path of this host and keep it open for the call. Returns the
 * descriptor, or -1 with a reason in l->refused. */
int mcp_line_open(struct mcp_line *l, const char *name, const char *path,
		  enum mcp_kind kind);

/** Append the name under which a program that inherits the descriptor opens
 * it. */
void mcp_line_add_inherited(struct mcp_line *l, int fd, const char *suffix);

/** Open the file that a parameter names, and append its inherited name. */
bool mcp_line_add_file(struct mcp_line *l, const char *name);

#endif

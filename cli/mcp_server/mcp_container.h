/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container tools: each composes the command line of docker or podman.
 * They return false with a reason in l->refused.
 */
#ifndef TETHER_CLI_MCP_SERVER_MCP_CONTAINER_H
#define TETHER_CLI_MCP_SERVER_MCP_CONTAINER_H

#include <stdbool.h>

struct mcp_line;

bool mcp_container_start(struct mcp_line *l);
bool mcp_container_stop(struct mcp_line *l);
bool mcp_container_status(struct mcp_line *l);
bool mcp_container_run(struct mcp_line *l);
bool mcp_container_list(struct mcp_line *l);
bool mcp_container_collect(struct mcp_line *l);

#endif

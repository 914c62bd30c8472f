/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folders that the Model Context Protocol server may use. A root is opened
 * once, at the start. Each path of a call is opened below its root and then
 * used as a descriptor, so a process that replaces folders by links cannot
 * redirect the server.
 */
#ifndef TETHER_CLI_MCP_SERVER_MCP_ROOTS_H
#define TETHER_CLI_MCP_SERVER_MCP_ROOTS_H

#include "cli/text.h"

enum { MCP_ROOTS = 16 };

struct mcp_root {
	int fd;
	struct text given, real; /* absolute; as given, and resolved */
};

struct mcp_roots {
	int count;
	struct mcp_root root[MCP_ROOTS];
	struct text base; /* relative paths begin here */
};

enum mcp_kind {
	MCP_FILE,	/* an existing regular file, for reading */
	MCP_FOLDER,	/* an existing folder */
	MCP_NEW_FOLDER, /* a folder, which is created if it is missing */
	MCP_ANY,	/* an existing file or folder */
};

enum mcp_allowed {
	MCP_ALLOWED,
	MCP_REFUSED, /* too wide: it holds the files of other programs */
	MCP_MISSING, /* no such folder, or more than MCP_ROOTS */
};

/** Allow a folder and everything below it, and append to `why` if it is not
 * allowed. Too wide are /, home folders, folders for temporary files, folders
 * of the system, and folders that contain one of these. Folders are compared by
 * device and inode, so links and bind mounts do not hide them. */
enum mcp_allowed mcp_roots_allow(struct mcp_roots *r, const char *folder,
				 struct text *why);
void mcp_roots_free(struct mcp_roots *r);

/** Open a path below a root. A relative path is relative to the working folder
 * if that is below a root, otherwise to the first root. Returns a descriptor
 * with close-on-exec, or -1 with errno set; EXDEV: it leads out of all roots.
 */
int mcp_roots_open(const struct mcp_roots *r, const char *path,
		   enum mcp_kind kind);

#endif

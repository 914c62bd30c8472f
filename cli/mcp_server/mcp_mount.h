/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bind mounts of open files and folders. A container engine only accepts names,
 * and a process that may write to the parent folders of a name can redirect it.
 * Such a mount has a name in a folder of mode 0700.
 */
#ifndef TETHER_CLI_MCP_SERVER_MCP_MOUNT_H
#define TETHER_CLI_MCP_SERVER_MCP_MOUNT_H

#include "cli/text.h"

/** Mount the open file or folder, and append the name of the mount. Returns
 * false, with `name` empty, if this process may not mount. */
bool mcp_mount_add(int fd, struct text *name);

/** Remove the mount, and free its name. A container that has mounted it keeps
 * its own mount. */
void mcp_mount_remove(struct text *name);

#endif

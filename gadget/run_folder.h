/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folders of tetherd's sockets, its lock, and the files of its child
 * processes. Only root can enter RUN_FOLDER. A child process starts in its
 * folder below, which belongs to root and can be entered by its group.
 */
#ifndef TETHER_GADGET_RUN_FOLDER_H
#define TETHER_GADGET_RUN_FOLDER_H

#include <sys/types.h>

#define RUN_FOLDER "/run/tether"
#define RUN_FOLDER_SOCKET RUN_FOLDER "/tetherd.sock" /* of the verbs */
#define RUN_FOLDER_USBNVME RUN_FOLDER "/usbnvme"
#define RUN_FOLDER_UDHCPD RUN_FOLDER "/udhcpd"

struct sockaddr_un;

/** Create RUN_FOLDER with mode 0700, or check that it is a folder of this user
 * and remove the permissions of others. Returns 0, or -1 with errno; EPERM: it
 * belongs to another user, or is a link. */
int run_folder_make(void);

/** Create a folder below RUN_FOLDER anew: mode 0750, with this group. Files of
 * an earlier tetherd are removed, and FunctionFS is unmounted. Returns 0, or -1
 * with errno. */
int run_folder_make_for(const char *folder, gid_t group);

/** Create a file that the group may read, and write if `writable`. Returns its
 * descriptor, or -1 with errno. */
int run_folder_create(const char *path, gid_t group, int writable);

/** Bind a socket to a path that the group may use. Returns 0, or -1 with errno.
 */
int run_folder_bind(int fd, const struct sockaddr_un *path, gid_t group);

#endif

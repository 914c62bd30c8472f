/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of tetherd's sockets and lock. */
#ifndef TETHER_GADGET_RUN_FOLDER_H
#define TETHER_GADGET_RUN_FOLDER_H

#define RUN_FOLDER "/run/tether"

/** Create RUN_FOLDER with mode 0700, or check that it is a folder of this user
 * and remove the permissions of others. Returns 0, or -1 with errno; EPERM: it
 * belongs to another user, or is a link. */
int run_folder_make(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * User and capabilities of tetherd's processes. A set of capabilities is a bit
 * mask with 1 << CAP_X. Each change is permanent: execve() cannot raise rights
 * (no_new_privs). A function that returns int returns ERR_OK, or ERR_IO with
 * errno.
 */
#ifndef TETHER_GADGET_RIGHTS_H
#define TETHER_GADGET_RIGHTS_H

#include <stdbool.h>
#include <stdint.h>

#include "gadget/account.h"

#define RIGHTS_NONE UINT64_C(0)

/** Where the packages have additions to the unit: rights for some functions. */
#define RIGHTS_FOLDER "/usr/lib/tetherd/rights"

/** Capabilities of the main process: the addresses of the interface, and a
 * DHCP server that is bound to this interface. */
extern const uint64_t rights_main;
/** Of udhcpd: port 67 and AF_PACKET. */
extern const uint64_t rights_udhcpd;
/** Of the root process: addresses of stock interfaces, and to start programs
 * as another user with rights_udhcpd. */
extern const uint64_t rights_root;

/** Whether this process still has CAP_SYS_ADMIN, which mount(2) needs. */
bool rights_may_mount(void);

/** Keep only the capabilities of the set, in the bounding set, too. The user
 * stays. */
int rights_limit(uint64_t set);

/** Become the user, who has these capabilities and no other rights. */
int rights_become(const struct account *a, uint64_t set);

/** Let the next execve() keep the capabilities that this process has. */
int rights_keep_on_exec(void);

#endif

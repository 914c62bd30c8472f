/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capabilities of tetherd and of its child processes. A set is a bit mask with
 * 1 << CAP_X.
 */
#ifndef TETHER_GADGET_RIGHTS_H
#define TETHER_GADGET_RIGHTS_H

#include <stdbool.h>
#include <stdint.h>

#define RIGHTS_NONE UINT64_C(0)
#define RIGHTS_ALL UINT64_MAX

/** tetherd still has CAP_SYS_ADMIN, which mount(2) needs. */
bool rights_may_mount(void);

/** Limit this process to the capabilities of the set that it has, for good:
 * execve() cannot raise them (no_new_privs). ERR_IO with errno. */
int rights_limit(uint64_t set);

/**
 * Drop all capabilities of tetherd but NET_ADMIN, NET_BIND_SERVICE, NET_RAW and
 * SYSLOG, and with `mounts` SYS_ADMIN, from the bounding set too. ERR_IO with
 * errno.
 */
int rights_drop(bool mounts);

#endif

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

/** Whether tetherd still has CAP_SYS_ADMIN, which mount(2) needs. */
bool rights_may_mount(void);

/** Drop the capabilities of this process that are not in the set. The change is
 * permanent: execve() cannot raise capabilities (no_new_privs). ERR_IO with
 * errno. */
int rights_limit(uint64_t set);

/**
 * Drop all capabilities of tetherd except NET_ADMIN, NET_BIND_SERVICE, NET_RAW
 * and SYSLOG. If `mounts` is set, also keep SYS_ADMIN. The other
 * capabilities leave the bounding set, too. ERR_IO with errno.
 */
int rights_drop(bool mounts);

#endif

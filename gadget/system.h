/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tetherd does to the system besides configfs and the network: mounts,
 * modules, rights, programs. Each is a short call.
 */
#ifndef TETHER_GADGET_SYSTEM_H
#define TETHER_GADGET_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** configfs is mounted and has usb_gadget: mounts it and loads libcomposite
 * where needed. ERR_IO with a sentence in `error`. */
int system_configfs(char *error, size_t cap);

/** Unload a module. 0, or -1 with errno. A struct configfs' unload. */
int system_unload(const char *module);

/** Mounting is still allowed. */
bool system_may_mount(void);

/**
 * From now on only NET_ADMIN, NET_BIND_SERVICE, NET_RAW and SYSLOG, with
 * `mounts` also SYS_ADMIN; for programs that are started as well. ERR_IO with
 * errno.
 */
int system_drop_rights(bool mounts);

/** Bits of capabilities, (1 << CAP_X); what tetherd itself has not is not
 * given either. */
#define SYSTEM_NO_RIGHTS 0
#define SYSTEM_ALL_RIGHTS UINT64_MAX

/** Start a program that ends when tetherd does, with no more than these
 * rights, as root by its files; its pid, -1 with errno. It has the environment,
 * and `socket` (NULL: none) as NOTIFY_SOCKET. */
pid_t system_start(char *const argv[], const char *socket, uint64_t rights);

/** End a program and wait for it, 2 s at most before it is killed. pid 0:
 * does nothing. */
void system_end(pid_t pid);

/**
 * FunctionFS for the instance of that name, mounted at `folder`, and the
 * program that serves it: returns when it said READY=1 (its descriptors are
 * written), was too slow or ended. It has no rights: the files are root's, and
 * so is it. Its pid, or -1 with errno.
 */
pid_t system_functionfs(const char *instance, const char *folder,
			char *const argv[]);
void system_functionfs_end(const char *folder, pid_t pid);

#endif

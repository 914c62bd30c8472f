/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Child processes of tetherd: modprobe, udhcpd and the program that serves
 * FunctionFS.
 */
#ifndef TETHER_GADGET_PROGRAM_H
#define TETHER_GADGET_PROGRAM_H

#include <stdint.h>
#include <sys/types.h>

#include "gadget/account.h"

struct program {
	char *const *argv; /* argv[0] is searched for in PATH */
	/* Folder in which it starts, which it needs no right to reach; NULL:
	 * that of tetherd. */
	const char *folder;
	const char *socket;	       /* its NOTIFY_SOCKET; NULL: none */
	const struct account *account; /* NULL: the user of this process */
	/* With an account: its capabilities (rights.h) and system calls
	 * (sandbox.h). */
	uint64_t rights;
	unsigned int calls;
};

/** Start a program. It gets SIGTERM when the caller's process ends. Returns its
 * pid, or -1 with errno. If the program cannot be executed, the child ends with
 * status 127; if its rights cannot be dropped, with 126. */
pid_t program_start(const struct program *p);

/** Send SIGTERM and wait for the program of this user; after 2 s, kill it. pid
 * <= 0: does nothing. */
void program_end(pid_t pid, const struct account *a);

#endif

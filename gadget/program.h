/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Child processes of tetherd: modprobe, udhcpd and the program that serves
 * FunctionFS.
 */
#ifndef TETHER_GADGET_PROGRAM_H
#define TETHER_GADGET_PROGRAM_H

#include <stdint.h>
#include <sys/types.h>

/**
 * Start a program. It gets SIGTERM when tetherd ends, runs as root, and has at
 * most these capabilities (see rights.h). `socket` becomes its NOTIFY_SOCKET;
 * NULL: it has none. Returns its pid, or -1 with errno. If the program cannot
 * be executed, the child ends with status 127.
 */
pid_t program_start(char *const argv[], const char *socket, uint64_t rights);

/** Send SIGTERM and wait for the program; after 2 s, kill it. pid <= 0: does
 * nothing. */
void program_end(pid_t pid);

#endif

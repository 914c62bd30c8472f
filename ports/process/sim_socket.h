/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control socket of usbnvme: a Unix socket where a line "set KEY=VALUE"
 * changes the model (posix/sim.h) and is answered by "ok" or "error: ...". One
 * connection at a time; only the user that runs usbnvme may open it.
 */
#ifndef TETHER_PORTS_PROCESS_SIM_SOCKET_H
#define TETHER_PORTS_PROCESS_SIM_SOCKET_H

#include "linux_sys/loop.h"
#include "drive_file/sim.h"

struct subsystem;

struct sim_socket {
	struct loop *loop;
	struct subsystem *subsystem;
	const char *path;
	struct loop_source listener, client; /* client.fd -1: there is none */
	size_t len;
	char line[SIM_LINE + 8];
};

/** Listen at path, which stays referenced; a socket that is left there is
 * replaced. ERR_IO with errno set. */
int sim_socket_start(struct sim_socket *c, struct loop *loop,
		     struct subsystem *s, const char *path);

/** Listen no more, and remove the socket. */
void sim_socket_stop(struct sim_socket *c);

#endif

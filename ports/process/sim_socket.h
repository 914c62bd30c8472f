/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Unix socket of usbnvme's option --control. A line "do ACTION" changes the
 * simulated world (drive_file/sim_action.h), "set KEY=VALUE" the drive
 * (drive_file/sim_set.h); the reply is "ok" or "error: ...". One connection at
 * a time, one request per connection. Only the user that runs usbnvme may
 * connect.
 */
#ifndef TETHER_PORTS_PROCESS_SIM_SOCKET_H
#define TETHER_PORTS_PROCESS_SIM_SOCKET_H

#include "linux_sys/loop.h"
#include "drive_file/sim_protocol.h"

struct simulator;

struct sim_socket {
	/* Set by the owner before sim_socket_start(). */
	struct simulator *simulator;
	uint32_t (*now_ms)(void);
	/* Private. */
	struct loop *loop;
	const char *path;
	struct loop_source listener, client; /* client.fd -1: no client */
	size_t len;
	char line[SIM_LINE_MAX];
};

/** Listen on path, which must stay valid. An existing socket at path is
 * replaced. ERR_IO with errno set. */
int sim_socket_start(struct sim_socket *c, struct loop *loop, const char *path);

/** Close all connections and remove the socket. */
void sim_socket_stop(struct sim_socket *c);

#endif

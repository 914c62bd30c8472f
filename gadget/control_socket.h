/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Unix socket by which the verbs (`tetherd status`, `down`, `restore`)
 * reach the running tetherd, and the lock that admits one tetherd at a time.
 *
 * Only root can open the socket. A verb sends one packet with its request and
 * receives one packet: the exit status as '0' or '1', then the text to print.
 * The running tetherd serves one verb at a time. It closes the connection of a
 * peer that sends nothing for a second.
 */
#ifndef TETHER_GADGET_CONTROL_SOCKET_H
#define TETHER_GADGET_CONTROL_SOCKET_H

#include "gadget/service.h"
#include "gadget/service_status.h"
#include "linux_sys/loop.h"

enum {
	CONTROL_SOCKET_PEER_MS = 1000, /* how long a peer may send nothing */
	/* How long a verb or another tetherd waits for a tetherd that has the
	 * lock and does not listen: it starts, or ends. */
	CONTROL_SOCKET_START_MS = 8000,
	CONTROL_SOCKET_ANSWER_S = 30, /* longer than applying any plan */
};

/** Results of control_socket_ask() besides 0 and 1. */
enum {
	CONTROL_SOCKET_NOT_RUNNING = -1,
	CONTROL_SOCKET_NO_ANSWER = -2, /* tetherd is running */
	CONTROL_SOCKET_DENIED = -3,    /* only root may connect */
};

struct control_socket {
	struct service *service;
	struct loop *loop;
	struct loop_source listener, peer; /* fd -1: closed */
	uint32_t peer_ms; /* when a peer that sends nothing is closed */
	int lock;
	char answer[SERVICE_STATUS_MAX + 1];
};

/** Take the lock and listen. ERR_BUSY: another tetherd is running. ERR_IO with
 * errno. */
int control_socket_open(struct control_socket *c, struct service *s,
			struct loop *loop);
/** Close the sockets. The socket's name stays: the root process removes it. */
void control_socket_close(struct control_socket *c);

/** Take the lock until the process ends, without listening. Errors as
 * control_socket_open(). */
int control_socket_lock(struct control_socket *c);

/** Close a silent peer. Call it after each turn of the loop. */
void control_socket_turn(struct control_socket *c);

/** How long the loop may wait, in ms; -1: forever. */
int control_socket_timeout(const struct control_socket *c);

/** Send a request of a verb ("status", "status json", "down", "restore") to the
 * running tetherd and print its answer. Returns the exit status, or one of the
 * negative results above. */
int control_socket_ask(const char *request);

#endif

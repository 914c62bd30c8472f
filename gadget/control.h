/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How verbs reach the running tetherd: a socket that only root can open, one
 * request in a packet, one answer. The answer's first byte is the exit code,
 * '0' or '1'. One peer after the other: those that wait are not accepted yet,
 * and one that says nothing is closed after a second.
 */
#ifndef TETHER_GADGET_CONTROL_H
#define TETHER_GADGET_CONTROL_H

#include "gadget/service.h"
#include "gadget/status.h"
#include "linux_sys/loop.h"

#define CONTROL_FOLDER "/run/tether"
#define CONTROL_SOCKET CONTROL_FOLDER "/tetherd.sock"

enum {
	CONTROL_PEER_MS = 1000,
	CONTROL_WAIT_MS = 5000, /* for one that starts, by who asks */
	CONTROL_ANSWER_S = 30,	/* more than any list of steps takes */
};

struct control {
	struct service *service;
	struct loop *loop;
	struct loop_source listener, peer; /* fd -1: none */
	uint32_t peer_ms; /* when the peer is closed if it says nothing */
	int lock;
	char answer[STATUS_MAX + 1];
};

/** Become the one tetherd that runs. ERR_BUSY: another one does. ERR_IO with
 * errno. */
int control_open(struct control *c, struct service *s, struct loop *loop);
void control_close(struct control *c);

/** After each turn of the loop; and how long it may wait, in ms; -1: for ever.
 */
void control_turn(struct control *c);
int control_timeout(const struct control *c);

/** A verb's side: ask, print the answer. The exit code; -1: none runs. One
 * that runs and does not listen yet is waited for; CONTROL_SILENT: it did not
 * answer. */
int control_ask(const char *request);
enum { CONTROL_SILENT = -2, CONTROL_DENIED = -3 };

/** Be the only one to act, until the program ends. ERR_BUSY, ERR_IO as
 * control_open(). */
int control_lock(struct control *c);

#endif

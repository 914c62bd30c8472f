/*
 * How verbs reach the running tetherd: a socket that only root can open, one
 * request in a packet, one answer. The answer's first byte is the exit code,
 * '0' or '1'.
 */
#ifndef TETHER_GADGET_CONTROL_H
#define TETHER_GADGET_CONTROL_H

#include "gadget/service.h"
#include "gadget/status.h"
#include "posix/loop.h"

#define CONTROL_FOLDER "/run/tether"
#define CONTROL_SOCKET CONTROL_FOLDER "/tetherd.sock"

struct control {
	struct service *service;
	struct loop *loop;
	struct loop_source listener, peer; /* fd -1: none */
	int lock;
	char answer[STATUS_MAX + 1];
};

/** Become the one tetherd that runs. ERR_BUSY: another one does. ERR_IO with
 * errno. */
int control_open(struct control *c, struct service *s, struct loop *loop);
void control_close(struct control *c);

/** A verb's side: ask, print the answer. The exit code; -1: none runs. */
int control_ask(const char *request);

#endif

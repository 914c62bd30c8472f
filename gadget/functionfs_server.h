/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FunctionFS: mounts the instance of a function, and runs the program that
 * serves it.
 */
#ifndef TETHER_GADGET_FUNCTIONFS_SERVER_H
#define TETHER_GADGET_FUNCTIONFS_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

#include "gadget/account.h"

struct functionfs_server {
	struct account account; /* user of the program, set by the owner */
	pid_t pid;		/* 0: not running */
	int notify;		/* the program's NOTIFY_SOCKET while it runs */
	bool requested; /* another process has seen NOTIFY_MCTP_REQUEST */
};

/**
 * Mount the FunctionFS instance and start `program --functionfs FOLDER` as the
 * user of the account, without any capability. Returns when the program has
 * written its descriptors (it sends READY=1 to NOTIFY_SOCKET). If the program
 * already runs, it is ended first. Returns 0, or -1 with errno: ENOENT: there
 * is no such program, ECHILD: it ended, ETIMEDOUT: no READY=1 within 5 s.
 */
int functionfs_server_start(struct functionfs_server *s, const char *instance,
			    const char *program);

/** Whether the program has sent NOTIFY_MCTP_REQUEST since the last call. Does
 * not wait. */
bool functionfs_server_had_request(struct functionfs_server *s);

/** End the program and unmount. Does nothing if it is not running. */
void functionfs_server_end(struct functionfs_server *s);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event loop of the Linux programs: file descriptors with callbacks over
 * epoll. One thread, level triggered; a source may remove itself or any other
 * from its callback.
 */
#ifndef TETHER_LINUX_SYS_LOOP_H
#define TETHER_LINUX_SYS_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "posix/clock.h"

/** Something that is waited for. Belongs to the caller, stays in place. */
struct loop_source {
	int fd;
	void (*ready)(void *ctx, uint32_t events); /* EPOLLIN, EPOLLOUT, ... */
	void *ctx;
};

struct loop {
	int epoll;
	struct epoll_event *at, *end; /* of the turn being worked on */
	uint32_t now_ms; /* clock_now_ms() when its events came: where that is
			    exact enough, it costs no system call */
};

/** ERR_IO with errno set. */
int loop_init(struct loop *l);
void loop_close(struct loop *l);

/** Wait for events on s->fd, which must be open. ERR_IO with errno set. */
int loop_add(struct loop *l, struct loop_source *s, uint32_t events);

/** Wait for other events. */
void loop_set(struct loop *l, struct loop_source *s, uint32_t events);

/** Wait no more; before s->fd is closed. */
void loop_remove(struct loop *l, struct loop_source *s);

/** Wait for at most timeout_ms (-1: for ever) and call what is ready.
 * ERR_IO with errno set; a signal is no error. */
int loop_turn(struct loop *l, int timeout_ms);

/** Call stop() on SIGINT and SIGTERM; a peer that is gone is no signal. */
void loop_signals(void (*stop)(int signal));

#endif

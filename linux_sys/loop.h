/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event loop of the Linux programs: file descriptors with callbacks, on
 * epoll. Single-threaded and level triggered. A callback may remove its own
 * source or any other.
 */
#ifndef TETHER_LINUX_SYS_LOOP_H
#define TETHER_LINUX_SYS_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "posix/clock.h"

/** A file descriptor to wait for. The caller owns it and keeps it in place. */
struct loop_source {
	int fd;
	void (*ready)(void *ctx, uint32_t events); /* EPOLLIN, EPOLLOUT, ... */
	void *ctx;
};

struct loop {
	int epoll;
	struct epoll_event *at, *end; /* events of the current turn */
	uint32_t now_ms; /* clock_now_ms() at the start of the turn; reading it
			    needs no system call */
};

/** Create the loop. ERR_IO with errno set. */
int loop_init(struct loop *l);

/** Close the loop; its sources stay open. */
void loop_close(struct loop *l);

/** Wait for these events on s->fd, which is open. ERR_IO with errno set. */
int loop_add(struct loop *l, struct loop_source *s, uint32_t events);

/** Change the events of a source. */
void loop_set(struct loop *l, struct loop_source *s, uint32_t events);

/** Remove a source. Call it before s->fd is closed. */
void loop_remove(struct loop *l, struct loop_source *s);

/** Wait at most timeout_ms (-1: no limit) and call the callbacks of sources
 * with events. ERR_IO with errno set; a signal is not an error. */
int loop_turn(struct loop *l, int timeout_ms);

/** Call stop() on SIGINT and SIGTERM, and ignore SIGPIPE. */
void loop_signals(void (*stop)(int signal));

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "linux_sys/loop.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "base/err.h"

enum { EVENTS = 64 };

int loop_init(struct loop *l)
{
	l->at = l->end = NULL;
	l->now_ms = clock_now_ms();
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	return l->epoll < 0 ? ERR_IO : ERR_OK;
}

void loop_close(struct loop *l)
{
	close(l->epoll);
}

static int control(struct loop *l, int op, struct loop_source *s,
		   uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = s };

	return epoll_ctl(l->epoll, op, s->fd, &e) ? ERR_IO : ERR_OK;
}

int loop_add(struct loop *l, struct loop_source *s, uint32_t events)
{
	return control(l, EPOLL_CTL_ADD, s, events);
}

void loop_set(struct loop *l, struct loop_source *s, uint32_t events)
{
	(void)control(l, EPOLL_CTL_MOD, s, events);
}

void loop_remove(struct loop *l, struct loop_source *s)
{
	(void)control(l, EPOLL_CTL_DEL, s, 0);
	/* Drop events of the source that this turn has not handled yet. */
	for (struct epoll_event *e = l->at; e && e < l->end; e++)
		if (e->data.ptr == s)
			e->data.ptr = NULL;
}

int loop_turn(struct loop *l, int timeout_ms)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(l->epoll, events, EVENTS, timeout_ms);

	l->now_ms = clock_now_ms();
	if (n < 0)
		return errno == EINTR ? ERR_OK : ERR_IO;
	l->end = events + n;
	for (l->at = events; l->at < l->end;) {
		struct epoll_event *e = l->at++;
		struct loop_source *s = e->data.ptr;

		if (s)
			s->ready(s->ctx, e->events);
	}
	l->at = l->end = NULL;
	return ERR_OK;
}

void loop_signals(void (*stop)(int signal))
{
	struct sigaction a = { .sa_handler = stop };

	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
	a.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &a, NULL);
}

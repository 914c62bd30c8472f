/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/udc_watch.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gadget/sysfs.h"

void udc_watch_init(struct udc_watch *w, struct loop *loop)
{
	memset(w, 0, sizeof(*w));
	w->loop = loop;
	w->state.fd = -1;
}

static void close_state(struct udc_watch *w)
{
	if (w->state.fd >= 0) {
		loop_remove(w->loop, &w->state);
		close(w->state.fd);
	}
	w->state.fd = -1;
	w->udc[0] = '\0';
	w->stale = false; /* unknown: without events, trust the state */
}

/* sysfs reports the next change only after a read from the beginning. The read
 * fails when the controller has been removed. */
static void state_ready(void *ctx, uint32_t events)
{
	struct udc_watch *w = ctx;
	char state[32];
	ssize_t n = pread(w->state.fd, state, sizeof(state) - 1, 0);

	(void)events;
	if (n <= 0) {
		close_state(w);
		return;
	}
	state[n] = '\0';
	if (strncmp(state, "not attached", 12) != 0)
		w->stale = false;
	/* A state that follows the configuration is not a reset. */
	w->reset |= strncmp(state, "configured", 10) != 0 &&
		    strncmp(state, "suspended", 9) != 0;
}

void udc_watch_set(struct udc_watch *w, const char *udc)
{
	char path[SYSFS_PATH];

	if (!strcmp(w->udc, udc))
		return;
	close_state(w);
	if (!udc[0])
		return;
	snprintf(path, sizeof(path), "/sys/class/udc/%s/state", udc);
	w->state = (struct loop_source){ open(path, O_RDONLY | O_CLOEXEC),
					 state_ready, w };
	if (w->state.fd < 0)
		return;
	if (loop_add(w->loop, &w->state, EPOLLPRI)) {
		close(w->state.fd);
		w->state.fd = -1;
		return;
	}
	snprintf(w->udc, sizeof(w->udc), "%.63s", udc);
	state_ready(w, 0); /* arm the first event */
	w->reset = false;
}

void udc_watch_expect_bind(struct udc_watch *w)
{
	if (w->state.fd < 0)
		return;
	state_ready(w, 0); /* discard an event of the last host */
	w->stale = w->state.fd >= 0;
}

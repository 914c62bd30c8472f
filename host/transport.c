/* SPDX-License-Identifier: Apache-2.0 */
#include "host/transport.h"

#include <stdio.h>

static void mark_done(struct transport_request *r)
{
	*(bool *)r->ctx = true;
}

int transport_ask(struct transport *t, struct transport_request *r)
{
	bool finished = false;
	int err;

	if (!r->timeout_ms)
		r->timeout_ms = TRANSPORT_REQUEST_MS;
	r->done = mark_done;
	r->ctx = &finished;
	err = t->ops->request(t, r);
	if (err == ERR_LENGTH)
		snprintf(
			t->error, sizeof(t->error),
			"cannot send a message of %zu bytes (expected 1 to %d)",
			r->len, MCTP_MESSAGE_MAX);
	else if (err == ERR_BUSY)
		snprintf(t->error, sizeof(t->error),
			 "EID %u has not responded to %d earlier requests",
			 r->dest, MCTP_TAGS);
	while (!err && !finished) {
		err = t->ops->poll(t, 100);
		if (r->tick && !finished)
			r->tick(r);
	}
	if (err && !finished)
		return err;
	if (r->err == ERR_TIMEOUT)
		snprintf(t->error, sizeof(t->error), "no reply in %u ms",
			 r->timeout_ms);
	else if (r->err == ERR_LENGTH)
		snprintf(t->error, sizeof(t->error),
			 "the reply is longer than %zu bytes", r->cap);
	return r->err;
}

void transport_observe(struct transport *t, const struct transport_observer *o)
{
	t->observer = o;
	if (t->ops->observe)
		t->ops->observe(t);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fake struct transport. A function of the test, fake_answer, writes each
 * response and returns its length. 0: no response, so the client gets a
 * time-out.
 */
#ifndef TETHER_TESTS_UNIT_FAKE_TRANSPORT_H
#define TETHER_TESTS_UNIT_FAKE_TRANSPORT_H

#include <string.h>

#include "base/err.h"
#include "host/transport.h"

typedef size_t (*fake_answer)(void *ctx, const struct transport_request *r,
			      uint8_t *answer, size_t cap);

struct fake_transport {
	struct transport transport;
	fake_answer answer;
	void *ctx;
	unsigned int requests;
	int refuse; /* error that request() returns; 0: accept requests */
	struct transport_request *waiting;
};

static inline int fake_request(struct transport *t, struct transport_request *r)
{
	struct fake_transport *f = (struct fake_transport *)(void *)t;

	f->requests++;
	if (f->refuse)
		return f->refuse;
	f->waiting = r;
	return ERR_OK;
}

static inline int fake_poll(struct transport *t, int timeout_ms)
{
	static uint8_t answer[MCTP_MESSAGE_MAX];
	struct fake_transport *f = (struct fake_transport *)(void *)t;
	struct transport_request *r = f->waiting;
	size_t len;

	(void)timeout_ms;
	if (!r)
		return ERR_OK;
	f->waiting = NULL;
	len = f->answer(f->ctx, r, answer, sizeof(answer));
	r->err = !len ? ERR_TIMEOUT : len > r->cap ? ERR_LENGTH : ERR_OK;
	r->got = r->err ? 0 : len;
	r->source = 9;
	if (!r->err)
		memcpy(r->answer, answer, len);
	if (!r->err && r->more && r->more(r))
		f->waiting = r;
	else
		r->done(r);
	return ERR_OK;
}

static inline void fake_init(struct fake_transport *f, fake_answer answer,
			     void *ctx)
{
	static const struct transport_ops ops = {
		.request = fake_request,
		.poll = fake_poll,
	};

	memset(f, 0, sizeof(*f));
	f->transport.ops = &ops;
	f->answer = answer;
	f->ctx = ctx;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "host/transport_endpoint.h"

#include <string.h>

#include "base/err.h"
#include "posix/clock.h"

enum { TICK_MS = 100 };

static struct transport_endpoint *endpoint_of(struct transport *t)
{
	return (struct transport_endpoint *)(void *)t;
}

void transport_endpoint_init(struct transport_endpoint *e,
			     const struct transport_ops *ops)
{
	e->transport.ops = ops;
	mctp_init(&e->mctp);
	mctp_set_eid(&e->mctp, TRANSPORT_EID);
}

static void copy_response(struct transport_request *r,
			  const struct mctp_msg *msg)
{
	memcpy(r->answer, msg->data, msg->len);
	r->got = msg->len;
	r->source = msg->src;
}

static bool expects_more(void *ctx, const struct mctp_msg *msg)
{
	struct transport_request *r = ctx;

	if (!r->more || msg->len > r->cap)
		return false;
	copy_response(r, msg);
	if (!r->more(r))
		return false;
	r->mctp.timeout_ms = r->timeout_ms;
	return true;
}

static void finish_request(void *ctx, int err, const struct mctp_msg *msg)
{
	struct transport_request *r = ctx;

	r->err = err == ERR_CANCELLED ? ERR_IO : err;
	r->got = 0;
	if (msg && msg->len > r->cap)
		r->err = ERR_LENGTH;
	else if (msg)
		copy_response(r, msg);
	r->done(r);
}

int transport_endpoint_limit_wait(int timeout_ms)
{
	return timeout_ms < 0 || timeout_ms > TICK_MS ? TICK_MS : timeout_ms;
}

int transport_endpoint_serve(struct transport_endpoint *e, bool lost)
{
	e->now_ms = clock_now_ms();
	mctp_poll(&e->mctp, e->now_ms);
	if (!lost)
		return ERR_OK;
	mctp_reset(&e->mctp);
	return ERR_IO;
}

int transport_endpoint_request(struct transport *t, struct transport_request *r)
{
	struct transport_endpoint *e = endpoint_of(t);

	memset(&r->mctp, 0, sizeof(r->mctp));
	r->mctp.tx.data = r->data;
	r->mctp.tx.len = r->len;
	r->mctp.tx.dest = r->dest;
	r->mctp.timeout_ms = r->timeout_ms;
	r->mctp.done = finish_request;
	r->mctp.more = expects_more;
	r->mctp.ctx = r;
	e->now_ms = clock_now_ms();
	return mctp_request(&e->mctp, &r->mctp, e->now_ms);
}

static void handle_message(void *ctx, const struct mctp_msg *msg)
{
	const struct transport_listener *l = ctx;

	l->owner->transport.tag = msg->tag;
	l->fn(l->ctx, msg->src, msg->data, msg->len);
}

int transport_endpoint_listen(struct transport *t, uint8_t type,
			      transport_message fn, void *ctx)
{
	struct transport_endpoint *e = endpoint_of(t);
	struct transport_listener *l = &e->listener[e->listeners];

	if (e->listeners == TRANSPORT_LISTENERS)
		return ERR_FULL;
	*l = (struct transport_listener){ e, fn, ctx };
	e->listeners++;
	return mctp_register(&e->mctp, type, handle_message, l);
}

int transport_endpoint_reply(struct transport *t, struct transport_reply *r)
{
	struct mctp_tx *tx = &r->mctp;

	if (mctp_tx_busy(tx))
		return ERR_BUSY;
	tx->data = r->data;
	tx->len = r->len;
	tx->dest = r->dest;
	tx->tag = r->tag;
	tx->to = false;
	return mctp_send(&endpoint_of(t)->mctp, tx);
}

void transport_endpoint_observe(struct transport *t)
{
	mctp_set_tap(&endpoint_of(t)->mctp,
		     t->observer ? &t->observer->tap : NULL);
}

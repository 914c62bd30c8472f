/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part that transports over the core's MCTP endpoint share: requests,
 * listeners and responses. transport_usb and transport_serial embed it, and add
 * poll() and close() with the frames of their binding.
 */
#ifndef TETHER_HOST_TRANSPORT_ENDPOINT_H
#define TETHER_HOST_TRANSPORT_ENDPOINT_H

#include "host/transport.h"
#include "mctp/mctp.h"

enum { TRANSPORT_LISTENERS = 4 };

struct transport_endpoint;

struct transport_listener {
	struct transport_endpoint *owner;
	transport_message fn;
	void *ctx;
};

/** Must be the first member of the transport that embeds it. */
struct transport_endpoint {
	struct transport transport;
	uint32_t now_ms; /* time of the last poll(), as reading the clock is
			    slow */
	unsigned int listeners;
	struct transport_listener listener[TRANSPORT_LISTENERS];
	struct mctp mctp;
};

/** Initialize, with TRANSPORT_EID. */
void transport_endpoint_init(struct transport_endpoint *e,
			     const struct transport_ops *ops);

/** Limit the wait of a poll, -1: forever, so that the endpoint's time-outs are
 * served in time. */
int transport_endpoint_limit_wait(int timeout_ms);

/** Serve the endpoint's time-outs after the link was polled. lost: the link has
 * ended; the endpoint then forgets its requests, and ERR_IO is returned. */
int transport_endpoint_serve(struct transport_endpoint *e, bool lost);

/** Implementations of struct transport_ops. */
int transport_endpoint_request(struct transport *t,
			       struct transport_request *r);
int transport_endpoint_listen(struct transport *t, uint8_t type,
			      transport_message fn, void *ctx);
int transport_endpoint_reply(struct transport *t, struct transport_reply *r);
void transport_endpoint_observe(struct transport *t);

#endif

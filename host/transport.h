/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends and receives MCTP messages on a host: requests with their responses,
 * and unsolicited messages from devices. Back ends embed struct transport and
 * set its ops: transport_usb.h for a USB device without a kernel driver,
 * transport_mctp.h for the Linux kernel's MCTP sockets.
 */
#ifndef TETHER_HOST_TRANSPORT_H
#define TETHER_HOST_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mctp/mctp.h"

struct transport;

enum {
	TRANSPORT_ERROR = 256,
	TRANSPORT_EID = 8,	    /* of this host, the bus owner */
	TRANSPORT_REQUEST_MS = 6000 /* default time-out */
};

/** A request. The caller owns it and its buffers, and keeps them in place until
 * done(). */
struct transport_request {
	uint8_t dest;	     /* EID; 0: the device at the other end */
	const uint8_t *data; /* from the type byte on */
	size_t len;
	uint32_t timeout_ms;
	uint8_t *answer; /* from the type byte on */
	size_t cap;
	size_t got;	/* bytes of the response */
	uint8_t source; /* EID of the response */
	int err;	/* ERR_OK, ERR_TIMEOUT, ERR_LENGTH (over cap), ERR_IO */
	void (*done)(struct transport_request *r);
	/* For requests with several responses, otherwise NULL. Called with each
	 * response in `answer`. true: another response follows within
	 * timeout_ms, which more() may change. */
	bool (*more)(struct transport_request *r);
	/* Callback to show progress, or NULL. transport_ask() calls it about
	 * every 100 ms while it waits. */
	void (*tick)(struct transport_request *r);
	void *owner;	      /* for more() and tick() */
	void *ctx;	      /* for done() */
	struct mctp_req mctp; /* private to the back end */
};

/** A response to a message from a device. The caller owns it and its data, and
 * does not touch either while transport_reply_busy(). */
struct transport_reply {
	uint8_t dest, tag;   /* source and tag of the message */
	const uint8_t *data; /* from the type byte on */
	size_t len;
	struct mctp_tx mctp; /* private to the back end; zero it once */
};

static inline bool transport_reply_busy(const struct transport_reply *r)
{
	return mctp_tx_busy(&r->mctp);
}

/** Handler of messages that are not responses. data starts with the type byte;
 * the message's tag is in the transport's `tag`. */
typedef void (*transport_message)(void *ctx, uint8_t source,
				  const uint8_t *data, size_t len);

/** Sees the packets of a transport, for a capture. The kernel's MCTP sockets
 * carry messages: each is reported as one packet. */
struct transport_observer {
	struct mctp_tap tap;
	/** Called in each poll(), before it waits. */
	void (*turn)(void *ctx);
	void *ctx;
};

struct transport_ops {
	/** Start a request. ERR_BUSY: eight requests to that destination wait
	 * for their response. ERR_LENGTH, ERR_IO. */
	int (*request)(struct transport *t, struct transport_request *r);
	/** Send and receive, and wait at most timeout_ms for more. ERR_IO: the
	 * connection is lost, see error; all requests have completed. */
	int (*poll)(struct transport *t, int timeout_ms);
	/** Call fn for every message of a type. ERR_FULL: too many types. */
	int (*listen)(struct transport *t, uint8_t type, transport_message fn,
		      void *ctx);
	/** Send a response to a message that a handler has received. ERR_BUSY:
	 * r is still being sent. ERR_LENGTH, ERR_IO. */
	int (*reply)(struct transport *t, struct transport_reply *r);
	/** t->observer has changed. NULL: nothing to do. */
	void (*observe)(struct transport *t);
	void (*close)(struct transport *t);
};

struct transport {
	const struct transport_ops *ops;
	uint8_t tag;  /* of the message that a handler gets */
	uint8_t peer; /* EID of the device; 0: not known */
	const struct transport_observer *observer; /* NULL: none */
	uint32_t network;	     /* MCTP network of the kernel; 0: none */
	char error[TRANSPORT_ERROR]; /* a sentence about the last error */
};

/**
 * Send a request and wait for its response. Sets r->done and r->ctx, and
 * r->timeout_ms if it is 0. Returns ERR_OK, or ERR_TIMEOUT, ERR_LENGTH,
 * ERR_BUSY or ERR_IO with a sentence in t->error.
 */
int transport_ask(struct transport *t, struct transport_request *r);

/** Set the observer, which must stay valid until close(); NULL: none. */
void transport_observe(struct transport *t, const struct transport_observer *o);

/** Tell the observer that poll() is about to wait. For back ends. */
static inline void transport_turn(const struct transport *t)
{
	if (t->observer)
		t->observer->turn(t->observer->ctx);
}

#endif

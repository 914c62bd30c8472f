/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MCTP messages from a host's side: requests with their answers, and messages
 * that come by themselves. Backends embed struct transport and fill its ops:
 * over a USB device without a driver (transport_usb.h); the kernel's sockets
 * fit behind the same.
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
	TRANSPORT_EID = 8,	    /* the host's own, as bus owner */
	TRANSPORT_REQUEST_MS = 6000 /* where nothing else is said */
};

/** A request. It and its buffers are the caller's until done(). */
struct transport_request {
	uint8_t dest;	     /* EID; 0: whoever is on the bus */
	const uint8_t *data; /* from the type byte on */
	size_t len;
	uint32_t timeout_ms;
	uint8_t *answer; /* from the type byte on */
	size_t cap;
	size_t got;	/* bytes of the answer */
	uint8_t source; /* EID that answered */
	int err;	/* 0, ERR_TIMEOUT, ERR_LENGTH (over cap), ERR_IO */
	void (*done)(struct transport_request *r);
	/* Shown each answer, in place: true: it is not the last one, and the
	 * next has timeout_ms, which may be set here. NULL: there is one. */
	bool (*more)(struct transport_request *r);
	/* Called now and then by transport_ask() while it waits; or NULL. */
	void (*tick)(struct transport_request *r);
	void *owner;	      /* for those two */
	void *ctx;	      /* for done() */
	struct mctp_req mctp; /* the backend's own */
};

/** An answer to a message that came by itself. It and its data are the
 * caller's, who leaves both alone while transport_reply_busy(). */
struct transport_reply {
	uint8_t dest, tag;   /* its source and tag */
	const uint8_t *data; /* from the type byte on */
	size_t len;
	struct mctp_tx mctp; /* the backend's own; zero it once */
};

static inline bool transport_reply_busy(const struct transport_reply *r)
{
	return mctp_tx_busy(&r->mctp);
}

/** A message that is no answer; its tag is in the transport's `tag`. data from
 * the type byte on. */
typedef void (*transport_message)(void *ctx, uint8_t source,
				  const uint8_t *data, size_t len);

struct transport_ops {
	/** Start it. ERR_BUSY: eight to that destination already. */
	int (*request)(struct transport *t, struct transport_request *r);
	/** Move what there is; wait for at most timeout_ms. ERR_IO: the way
	 * is lost, see error; requests were completed. */
	int (*poll)(struct transport *t, int timeout_ms);
	/** Be told of messages of a type. ERR_FULL. */
	int (*listen)(struct transport *t, uint8_t type, transport_message fn,
		      void *ctx);
	/** Answer one of those. ERR_BUSY: r is still being sent. ERR_LENGTH,
	 * ERR_IO. */
	int (*reply)(struct transport *t, struct transport_reply *r);
	void (*close)(struct transport *t);
};

struct transport {
	const struct transport_ops *ops;
	uint8_t tag;	  /* of the message that a listener is shown */
	uint8_t peer;	  /* EID this is about; 0: whoever is on the bus */
	uint32_t network; /* of the kernel's; 0: none */
	char error[TRANSPORT_ERROR]; /* after an error: a sentence */
};

/**
 * Start a request and wait for its answer. Returns ERR_OK, ERR_TIMEOUT,
 * ERR_LENGTH or ERR_IO, with t->error set.
 */
int transport_ask(struct transport *t, struct transport_request *r);

#endif

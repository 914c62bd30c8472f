/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PLDM request of this terminus's own: sent over MCTP with an instance ID
 * (DSP0240 8.3), matched to its answer, sent again when no answer comes or the
 * responder is not ready. How long an answer may take is learnt from those that
 * came.
 *
 * Requests that are out at once share a struct pldm_requester.
 */
#ifndef TETHER_PLDM_REQUEST_H
#define TETHER_PLDM_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/wire.h"
#include "mctp/mctp.h"
#include "pldm/pldm.h"

enum {
	PLDM_REQUEST_MAX = 32,	 /* bytes of a request */
	PLDM_REQUEST_MS = 100,	 /* first wait for an answer; doubled */
	PLDM_REQUEST_TOP = 1000, /* longest one */
	PLDM_REQUEST_BAD = 20,	 /* answers out of order, then it is given up */
	PLDM_REORDER = 3, /* later requests answered, and this one is lost */
};

struct pldm_requester {
	struct mctp *mctp;
	uint8_t dest; /* EID */
	uint8_t instance;
	uint32_t timeout_ms;
	uint32_t now_ms; /* kept by its owner; by answers, too */
	uint32_t serial; /* of the request sent last */
	uint32_t *wrong; /* counts answers out of order */
};

struct pldm_request;

/**
 * How a request ended. ERR_OK: code and r, behind the code, are the answer's.
 * ERR_TIMEOUT: none came; pldm_request_again() or ask something else.
 * ERR_INTEGRITY: answers came, but PLDM_REQUEST_BAD of them out of order.
 * ERR_CANCELLED: the transport was reset.
 */
typedef void (*pldm_request_done)(struct pldm_request *q, int err, uint8_t code,
				  struct rd *r);

struct pldm_request {
	struct mctp_req req;
	struct pldm_requester *by;
	pldm_request_done done;
	uint8_t tries; /* sent that often before */
	uint8_t bad;   /* answers out of order, in a row */
	bool due;      /* to be sent at due_ms */
	uint32_t due_ms, sent_ms, serial;
	uint8_t at;	/* message to send or sent */
	uint8_t length; /* of it */
	/* Two, as the one before may still wait for the bus. */
	uint8_t message[2][PLDM_REQUEST_MAX];
};

/** Once. wrong: see above. */
void pldm_requester_init(struct pldm_requester *by, struct mctp *m,
			 uint32_t *wrong);

/** The requests from now on go there. */
void pldm_requester_start(struct pldm_requester *by, uint8_t dest);

/** Once, before the first use. */
void pldm_request_init(struct pldm_request *q, struct pldm_requester *by,
		       pldm_request_done done);

/** Begin a message; write what is behind the header to the result. */
struct wr pldm_request_begin(struct pldm_request *q, uint8_t type,
			     uint8_t command);

/** Send it. It must not be out. */
void pldm_request_send(struct pldm_request *q, const struct wr *w);

/** Send the same once more, with its instance ID: it is a retry. */
void pldm_request_again(struct pldm_request *q);

/** The same, but after a while: it is not ready for it. */
void pldm_request_later(struct pldm_request *q);

/** Give it up; done() is not called. */
void pldm_request_cancel(struct pldm_request *q);

/** What is or was asked. */
struct pldm_header pldm_request_header(const struct pldm_request *q);

/** Whether done() is still to come. */
bool pldm_request_busy(const struct pldm_request *q);

/** Send what could not be sent when it was asked to be. */
void pldm_request_poll(struct pldm_request *q);

/** Whether later ones were answered, so that this one must be lost: links do
 * not reorder. `answered`: serial of the one that was. */
bool pldm_request_overtaken(const struct pldm_request *q, uint32_t answered);

#endif

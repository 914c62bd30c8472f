/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests of this PLDM terminus. The module sends a request with an instance
 * id (DSP0240 8.3), matches the response, and sends the request again if the
 * responder is not ready. The time-out adapts to the measured response times.
 *
 * Concurrent requests to one responder share a struct pldm_requester.
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
	PLDM_REQUEST_MS = 100,	 /* initial time-out, ms; doubles */
	PLDM_REQUEST_TOP = 1000, /* longest time-out, ms */
	PLDM_REQUEST_BAD = 20,	 /* wrong responses that fail a request */
	PLDM_REORDER = 3,	 /* newer responses that make a request lost */
};

struct pldm_requester {
	struct mctp *mctp;
	uint8_t dest; /* EID */
	uint8_t instance;
	uint32_t timeout_ms;
	uint32_t now_ms; /* set by the owner, and by each response */
	uint32_t serial; /* serial of the request sent last */
	uint32_t *wrong; /* counter of wrong responses */
};

struct pldm_request;

/**
 * Called at the end of a request. ERR_OK: code is the completion code, r the
 * data after it. ERR_TIMEOUT: no response; call pldm_request_again(), or send
 * another request. ERR_INTEGRITY: PLDM_REQUEST_BAD responses did not match the
 * request. ERR_CANCELLED: the transport was reset.
 */
typedef void (*pldm_request_done)(struct pldm_request *q, int err, uint8_t code,
				  struct rd *r);

struct pldm_request {
	struct mctp_req req;
	struct pldm_requester *by;
	pldm_request_done done;
	uint8_t tries; /* number of retries */
	uint8_t bad;   /* consecutive wrong responses */
	bool due;      /* send at due_ms */
	uint32_t due_ms, sent_ms, serial;
	uint8_t at;	/* index of the message */
	uint8_t length; /* of the message */
	/* Two buffers, because the previous message may still be queued. */
	uint8_t message[2][PLDM_REQUEST_MAX];
};

/** Initialize once. wrong: counter of wrong responses. */
void pldm_requester_init(struct pldm_requester *by, struct mctp *m,
			 uint32_t *wrong);

/** Set the destination EID of later requests, and reset the time-out. */
void pldm_requester_start(struct pldm_requester *by, uint8_t dest);

/** Initialize once, before the first use. */
void pldm_request_init(struct pldm_request *q, struct pldm_requester *by,
		       pldm_request_done done);

/** Start a message with a new instance id. Write the data after the header to
 * the returned cursor. */
struct wr pldm_request_begin(struct pldm_request *q, uint8_t type,
			     uint8_t command);

/** Send the message. The request must not be busy. */
void pldm_request_send(struct pldm_request *q, const struct wr *w);

/** Retry: send the message again with the same instance id. */
void pldm_request_again(struct pldm_request *q);

/** Retry after one time-out, because the responder is not ready. */
void pldm_request_later(struct pldm_request *q);

/** Retry after ms. */
void pldm_request_delay(struct pldm_request *q, uint32_t ms);

/** Cancel the request; done() is not called. */
void pldm_request_cancel(struct pldm_request *q);

/** Header of the current or last request. */
struct pldm_header pldm_request_header(const struct pldm_request *q);

/** Whether the request waits for its response. */
bool pldm_request_busy(const struct pldm_request *q);

/** Send the message if it is due. */
void pldm_request_poll(struct pldm_request *q);

/** Whether the request is lost: links do not reorder, and PLDM_REORDER newer
 * requests got responses. answered: serial of the request that got its
 * response. */
bool pldm_request_overtaken(const struct pldm_request *q, uint32_t answered);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* One PLDM request to a device at a time, with retries (DSP0240 8.6) and a
 * check of the response. Prints nothing. */
#ifndef TETHER_HOST_PLDM_ASK_H
#define TETHER_HOST_PLDM_ASK_H

#include <stddef.h>
#include <stdint.h>

#include "host/transport.h"
#include "pldm/pldm.h"

enum {
	PLDM_ASK_DATA = 256,	/* bytes of a request's data */
	PLDM_ASK_ANSWER = 4096, /* bytes of a response */
	PLDM_ASK_MS = 1000,	/* time-out of a try */
	PLDM_ASK_TRIES = 4,
};

/** A PLDM requester. The caller sets the first two members, and clears the
 * others. */
struct pldm_ask {
	struct transport *transport;
	uint8_t eid; /* of the device */
	uint8_t instance;
	uint8_t code; /* completion code of the last response */
	uint8_t answer[PLDM_ASK_ANSWER];
};

/**
 * Send a request with `len` bytes of data, and wait for its response. *r gets
 * the data after the completion code, inside a->answer. Returns ERR_OK; or
 * ERR_UNSUPPORTED: the device lacks the type or command; ERR_NOT_FOUND: another
 * completion code, see a->code; ERR_INVALID: the response is malformed; or an
 * error of transport_ask(). The transport's `error` then has a sentence.
 */
int pldm_ask(struct pldm_ask *a, uint8_t type, uint8_t command,
	     const uint8_t *data, size_t len, struct rd *r);

/** Set the transport's `error` to: the response to `what` is malformed. Returns
 * ERR_INVALID. */
int pldm_ask_malformed(struct pldm_ask *a, const char *what);

#endif

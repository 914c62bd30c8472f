/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PLDM endpoint that the host sends requests to, one at a time. A request is
 * repeated with its instance ID until there is a response (DSP0240 8.4), and
 * again while the endpoint is not ready.
 */
#ifndef TETHER_HOST_PLDM_PEER_H
#define TETHER_HOST_PLDM_PEER_H

#include <stddef.h>
#include <stdint.h>

#include "host/transport.h"
#include "pldm/pldm.h"

enum {
	PLDM_PEER_ATTEMPTS = 4,
	PLDM_PEER_ATTEMPT_MS = 1000,
	PLDM_PEER_READY_MS = 10000, /* longest wait for ERROR_NOT_READY */
	PLDM_PEER_REQUEST = 1024,   /* bytes of a request */
	PLDM_PEER_ANSWER = 65536,
};

struct pldm_peer {
	struct transport *transport;
	uint8_t eid;
	uint8_t instance; /* of the last request */
	uint32_t (*now_ms)(
		void); /* clock_now_ms(), unless a test replaces it */
	uint8_t request[PLDM_PEER_REQUEST];
	uint8_t answer[PLDM_PEER_ANSWER];
};

/** Initialize for the endpoint eid of a transport. */
void pldm_peer_init(struct pldm_peer *p, struct transport *t, uint8_t eid);

/** Start a request: write its data to the returned cursor, then call
 * pldm_peer_ask(). */
struct wr pldm_peer_begin(struct pldm_peer *p, uint8_t type, uint8_t command);

/**
 * Send the request, and wait for the response. *code: completion code. *r: the
 * data after it, valid until the next request. Returns ERR_OK for any code, or
 * an error of transport_ask(). ERR_INVALID: the response is malformed.
 * ERR_LENGTH: the request is too long. The transport's error has a sentence.
 */
int pldm_peer_ask(struct pldm_peer *p, const struct wr *w, uint8_t *code,
		  struct rd *r);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NVMe-MI 1.2 messages, the requester's side: sends a request of any message
 * type with its integrity check, and receives the response. After a response
 * More Processing Required (4.1.2.3), it waits as long as the endpoint has
 * announced.
 */
#ifndef TETHER_HOST_NVME_MESSAGE_H
#define TETHER_HOST_NVME_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "host/transport.h"
#include "nvme_mi/nvme_wire.h"

struct nvme_message;

/** Progress callback during More Processing Required: milliseconds since the
 * announcement, and how many were announced. */
typedef void (*nvme_waiting)(void *ctx, uint32_t passed_ms, uint32_t of_ms);

/** A request and its response. Zero all members that are not set. */
struct nvme_message {
	uint8_t dest; /* EID */
	uint8_t slot; /* command slot, 0 or 1 */
	enum nvme_mi_message_type kind;
	/* The request after the message header: the command, then its data. */
	const uint8_t *head, *data;
	size_t head_len, data_len;
	uint32_t timeout_ms;  /* 0: TRANSPORT_REQUEST_MS */
	nvme_waiting waiting; /* NULL: no callback */
	void *ctx;
	/* The response, in a buffer that the next call overwrites. */
	uint8_t status;	 /* enum nvme_mi_status */
	uint32_t nmresp; /* NVMe Management Response: 24 bits */
	/* Data after nmresp, without the integrity check. */
	const uint8_t *body;
	size_t body_len;
	/* Replay: the replayed response with its header. len 0: none. */
	const uint8_t *replayed;
	size_t replayed_len;
};

/**
 * Send the request and wait for its response. ERR_OK: status is Success.
 * ERR_UNSUPPORTED: another status. ERR_INTEGRITY: wrong integrity check.
 * ERR_INVALID: malformed response. ERR_LENGTH: the request is too long. Other
 * errors are those of transport_ask(). t->error has a sentence.
 */
int nvme_message_ask(struct transport *t, struct nvme_message *m);

/** Name of a response status, as "Invalid Parameter"; never NULL. */
const char *nvme_status_name(uint8_t status);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NVMe-MI 1.2 messages, the requester's side: a request of any kind, its
 * integrity check, and its response. "More Processing Required" (4.1.2.3) is
 * waited for as long as it announces.
 */
#ifndef TETHER_HOST_NVME_MESSAGE_H
#define TETHER_HOST_NVME_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "host/transport.h"
#include "nvme_mi/nvme_wire.h"

struct nvme_message;

/** Called now and then while a response is waited for that was announced for
 * later: ms since the announcement, and of how many. */
typedef void (*nvme_waiting)(void *ctx, uint32_t passed_ms, uint32_t of_ms);

/** A request and its response. Zeroed but for what is asked. */
struct nvme_message {
	uint8_t dest; /* EID */
	uint8_t slot; /* command slot, 0 or 1 */
	enum nvme_mi_message_type kind;
	/* Behind the message header: what the command is, then its data. */
	const uint8_t *head, *data;
	size_t head_len, data_len;
	uint32_t timeout_ms;  /* 0: TRANSPORT_REQUEST_MS */
	nvme_waiting waiting; /* or NULL */
	void *ctx;
	/* The response, in a buffer that the next call overwrites. */
	uint8_t status;
	uint32_t nmresp;     /* 24 bits behind the status */
	const uint8_t *body; /* behind those */
	size_t body_len;
	/* Replay: the response that was asked for again, from its header on;
	 * len 0: none came. */
	const uint8_t *replayed;
	size_t replayed_len;
};

/**
 * Ask. ERR_OK: it succeeded; ERR_UNSUPPORTED: another status; ERR_INTEGRITY,
 * ERR_INVALID: the response is not in order; ERR_LENGTH: the request is too
 * long; or what transport_ask() returns. t->error has a sentence.
 */
int nvme_message_ask(struct transport *t, struct nvme_message *m);

/** "Invalid Parameter" and the like; never NULL. */
const char *nvme_status_name(uint8_t status);

#endif

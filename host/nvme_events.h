/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asynchronous Event Messages of NVMe-MI 2.0, the requester's side: list the
 * supported events, enable them, decode and acknowledge messages. Functions
 * with a struct nvme_host return as nvme_message_ask().
 */
#ifndef TETHER_HOST_NVME_EVENTS_H
#define TETHER_HOST_NVME_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/nvme_requester.h"

enum { NVME_EVENTS_MAX = 255 };

struct nvme_event_item {
	uint8_t id; /* enum nvme_mi_event */
	bool enabled;
};

struct nvme_event_list {
	uint8_t count;
	struct nvme_event_item item[NVME_EVENTS_MAX];
};

struct nvme_occurrence {
	uint8_t id;	 /* enum nvme_mi_event */
	uint8_t scope;	 /* NVME_MI_SCOPE_* */
	uint32_t source; /* for NVME_MI_SCOPE_CONTROLLER: its identifier */
};

/** An occurrence list, from an event message or from a response. */
struct nvme_occurrences {
	uint8_t generation, retry;
	uint8_t count;
	struct nvme_occurrence item[NVME_EVENTS_MAX];
};

/** Name of an event, as "temperature"; "event" if it has none. */
const char *nvme_event_name(uint8_t id);

/** The identifier of an event by its name, or ERR_NOT_FOUND. */
int nvme_event_find(const char *name);

/** List the supported events, and which of them are enabled. */
int nvme_events_get(const struct nvme_host *h, struct nvme_event_list *l);

/** When the endpoint reports events. */
struct nvme_events_timing {
	uint8_t delay_s;     /* from an event to its message */
	uint8_t retry_100ms; /* until retransmission; 0: none */
};

/** Enable and disable the events of a list. The endpoint sends messages to this
 * requester from now on. o: occurrences so far. ERR_INVALID: empty list. */
int nvme_events_set(const struct nvme_host *h, const struct nvme_event_list *l,
		    const struct nvme_events_timing *t,
		    struct nvme_occurrences *o);

/** Acknowledge the last message. o: occurrences since then; count 0: none. */
int nvme_events_acknowledge(const struct nvme_host *h,
			    struct nvme_occurrences *o);

/** Decode an unsolicited NVMe-MI message. ERR_NOT_FOUND: not an event message.
 * ERR_INVALID: malformed. ERR_INTEGRITY: wrong integrity check. */
int nvme_events_decode(const uint8_t *message, size_t len,
		       struct nvme_occurrences *o);

#endif

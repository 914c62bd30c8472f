/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asynchronous events of NVMe-MI 2.0, the requester's side: what an endpoint
 * can tell, switching it on, and what it tells.
 */
#ifndef TETHER_HOST_NVME_EVENTS_H
#define TETHER_HOST_NVME_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/nvme_requester.h"

enum { NVME_EVENTS_MAX = 255 };

struct nvme_event_item {
	uint8_t id;
	bool enabled;
};

struct nvme_event_list {
	uint8_t count;
	struct nvme_event_item item[NVME_EVENTS_MAX];
};

struct nvme_occurrence {
	uint8_t id, scope;
	uint32_t source; /* a controller's id, where the scope is one */
};

/** An occurrence list: of a message, or of the answer to one of ours. */
struct nvme_occurrences {
	uint8_t generation, retry;
	uint8_t count;
	struct nvme_occurrence item[NVME_EVENTS_MAX];
};

/** "temperature" and the like; "event" for those without a name here. */
const char *nvme_event_name(uint8_t id);

/** The id of a name. ERR_NOT_FOUND. */
int nvme_event_find(const char *name);

/** Which events there are, and which are enabled. */
int nvme_events_get(const struct nvme_host *h, struct nvme_event_list *l);

/** How events are told. */
struct nvme_events_timing {
	uint8_t delay_s;     /* from an event to its message */
	uint8_t retry_100ms; /* 0: it is told once */
};

/** Enable and disable those of a list, and be told from now on. o: those there
 * are by now. */
int nvme_events_set(const struct nvme_host *h, const struct nvme_event_list *l,
		    const struct nvme_events_timing *t,
		    struct nvme_occurrences *o);

/** Acknowledge what was told. o: what happened since; count 0: nothing. */
int nvme_events_acknowledge(const struct nvme_host *h,
			    struct nvme_occurrences *o);

/** A message of type 4 that came by itself. ERR_INVALID, ERR_INTEGRITY: it is
 * not in order; ERR_NOT_FOUND: it is something else. */
int nvme_events_decode(const uint8_t *message, size_t len,
		       struct nvme_occurrences *o);

#endif

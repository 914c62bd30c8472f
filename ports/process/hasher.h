/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread that hashes a PLDM file while the device's own fetches what comes
 * next: SHA-256 is the most of what a part costs. The bytes are copied into a
 * ring; only that and the thread's state are shared.
 */
#ifndef TETHER_PORTS_PROCESS_HASHER_H
#define TETHER_PORTS_PROCESS_HASHER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sha256.h"
#include "pldm/file_hasher.h"

enum {
	HASHER_RING = 1 << 21,	/* power of two */
	HASHER_BATCH = 1 << 14, /* bytes that wake it: a part */
};

struct hasher {
	pthread_t thread;
	pthread_mutex_t lock;	   /* of the following */
	pthread_cond_t work, room; /* there is */
	uint64_t put, got;	   /* bytes ever, in and out of the ring */
	bool flush;		   /* however few are left */
	struct sha256 sha256;	   /* the thread's, while put and got differ */
	uint8_t ring[HASHER_RING];
};

/** Start the thread, which ends with the process. One per struct; not to be
 * moved. Negative with errno set: there is none. After fork(), not before. */
int hasher_start(struct hasher *h);

/** Its calls, for device_config.hasher. They block while the ring is full, and
 * at the end until all is hashed: for a millisecond or so. */
struct pldm_hasher hasher_calls(struct hasher *h);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread that hashes a PLDM file while the device's own fetches what comes
 * next: SHA-256 is the most of what a part costs. The bytes are copied into a
 * ring; only that and the thread's state are shared.
 */
#ifndef TETHER_PORTS_PROCESS_HASH_THREAD_H
#define TETHER_PORTS_PROCESS_HASH_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sha256.h"
#include "pldm/file_hasher.h"

enum {
	HASH_THREAD_RING = 1 << 21,  /* power of two */
	HASH_THREAD_BATCH = 1 << 14, /* bytes that wake it: a part */
};

struct hash_thread {
	pthread_t thread;
	pthread_mutex_t lock;	   /* of the following */
	pthread_cond_t work, room; /* there is */
	uint64_t put, got;	   /* bytes ever, in and out of the ring */
	bool flush;		   /* however few are left */
	struct sha256 sha256;	   /* the thread's, while put and got differ */
	uint8_t ring[HASH_THREAD_RING];
};

/** Start the thread, which ends with the process. One per struct; not to be
 * moved. Negative with errno set: there is none. After fork(), not before. */
int hash_thread_start(struct hash_thread *h);

/** Its calls, for device_config.hasher. They block while the ring is full, and
 * at the end until all is hashed: for a millisecond or so. */
struct pldm_hasher hash_thread_hasher(struct hash_thread *h);

#endif

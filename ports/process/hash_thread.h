/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hashes a PLDM file in a separate thread while the event loop fetches the next
 * part, as SHA-256 is half of the cost of a part. The loop copies the bytes
 * into a ring; the two threads share only the ring and its indexes.
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
	HASH_THREAD_RING = 1 << 21,  /* bytes, a power of two */
	HASH_THREAD_BATCH = 1 << 14, /* bytes that wake the thread: one part */
};

struct hash_thread {
	pthread_t thread;
	pthread_mutex_t lock;	   /* protects the members below */
	pthread_cond_t work, room; /* data to hash; room in the ring */
	uint64_t written,
		hashed; /* total bytes written to and hashed from the ring */
	bool flush;	/* also hash less than a batch */
	struct sha256 sha256; /* used by the thread while hashed != written */
	uint8_t ring[HASH_THREAD_RING];
};

/** Start the thread, which ends with the process. Call it after any fork(). h
 * must stay in place. ERR_IO with errno set: no thread was started. */
int hash_thread_start(struct hash_thread *h);

/** The callbacks for device_config.hasher. update() blocks while the ring is
 * full. begin() and end() block until all data is hashed, for about a
 * millisecond. */
struct pldm_hasher hash_thread_hasher(struct hash_thread *h);

#endif

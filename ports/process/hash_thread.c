/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/process/hash_thread.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "base/err.h"

enum { NICE = 19 };

static size_t waiting(const struct hash_thread *h)
{
	return (size_t)(h->put - h->got);
}

static size_t to_the_end(uint64_t at)
{
	return HASH_THREAD_RING - (size_t)(at % HASH_THREAD_RING);
}

/* What waits is hashed without the lock: nobody else touches it. */
static void hash_some(struct hash_thread *h)
{
	size_t n = waiting(h);

	if (n > to_the_end(h->got))
		n = to_the_end(h->got);
	pthread_mutex_unlock(&h->lock);
	sha256_update(&h->sha256, h->ring + h->got % HASH_THREAD_RING, n);
	pthread_mutex_lock(&h->lock);
	h->got += n;
	if (!waiting(h))
		h->flush = false;
	pthread_cond_signal(&h->room);
}

static void *run(void *hasher)
{
	struct hash_thread *h = hasher;

	/* Behind the host's process, where that is here too: the device's next
	 * parts are worth more than their hash. 0 is this thread. */
	(void)setpriority(PRIO_PROCESS, 0, NICE);
	pthread_mutex_lock(&h->lock);
	for (;;) {
		while (waiting(h) < (h->flush ? 1 : HASH_THREAD_BATCH))
			pthread_cond_wait(&h->work, &h->lock);
		hash_some(h);
	}
	return NULL;
}

int hash_thread_start(struct hash_thread *h)
{
	sigset_t all, before;
	int err;

	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->work, NULL);
	pthread_cond_init(&h->room, NULL);
	h->put = h->got = 0;
	h->flush = false;
	/* Signals are for the thread that has the loop. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&h->thread, NULL, run, h);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = err;
	return err ? ERR_IO : ERR_OK;
}

/* With the lock held: all that was given is hashed. */
static void drain(struct hash_thread *h)
{
	h->flush = waiting(h) > 0;
	pthread_cond_signal(&h->work);
	while (waiting(h))
		pthread_cond_wait(&h->room, &h->lock);
}

static void begin(void *hasher)
{
	struct hash_thread *h = hasher;

	pthread_mutex_lock(&h->lock);
	drain(h); /* of a file that was given up */
	sha256_init(&h->sha256);
	pthread_mutex_unlock(&h->lock);
}

static void update(void *hasher, const void *data, size_t len)
{
	struct hash_thread *h = hasher;
	const uint8_t *p = data;

	pthread_mutex_lock(&h->lock);
	while (len) {
		size_t n = HASH_THREAD_RING - waiting(h);

		if (!n) {
			pthread_cond_wait(&h->room, &h->lock);
			continue;
		}
		if (n > to_the_end(h->put))
			n = to_the_end(h->put);
		if (n > len)
			n = len;
		memcpy(h->ring + h->put % HASH_THREAD_RING, p, n);
		h->put += n;
		p += n;
		len -= n;
		if (waiting(h) >= HASH_THREAD_BATCH)
			pthread_cond_signal(&h->work);
	}
	pthread_mutex_unlock(&h->lock);
}

static void end(void *hasher, uint8_t digest[SHA256_SIZE])
{
	struct hash_thread *h = hasher;

	pthread_mutex_lock(&h->lock);
	drain(h);
	sha256_final(&h->sha256, digest);
	pthread_mutex_unlock(&h->lock);
}

struct pldm_hasher hash_thread_hasher(struct hash_thread *h)
{
	return (struct pldm_hasher){ begin, update, end, h };
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/process/hasher.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "base/err.h"

enum { NICE = 19 };

static size_t waiting(const struct hasher *h)
{
	return (size_t)(h->put - h->got);
}

static size_t to_the_end(uint64_t at)
{
	return HASHER_RING - (size_t)(at % HASHER_RING);
}

/* What waits is hashed without the lock: nobody else touches it. */
static void hash_some(struct hasher *h)
{
	size_t n = waiting(h);

	if (n > to_the_end(h->got))
		n = to_the_end(h->got);
	pthread_mutex_unlock(&h->lock);
	sha256_update(&h->sha256, h->ring + h->got % HASHER_RING, n);
	pthread_mutex_lock(&h->lock);
	h->got += n;
	if (!waiting(h))
		h->flush = false;
	pthread_cond_signal(&h->room);
}

static void *run(void *hasher)
{
	struct hasher *h = hasher;

	/* Behind the host's process, where that is here too: the device's next
	 * parts are worth more than their hash. 0 is this thread. */
	(void)setpriority(PRIO_PROCESS, 0, NICE);
	pthread_mutex_lock(&h->lock);
	for (;;) {
		while (waiting(h) < (h->flush ? 1 : HASHER_BATCH))
			pthread_cond_wait(&h->work, &h->lock);
		hash_some(h);
	}
	return NULL;
}

int hasher_start(struct hasher *h)
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
static void drain(struct hasher *h)
{
	h->flush = waiting(h) > 0;
	pthread_cond_signal(&h->work);
	while (waiting(h))
		pthread_cond_wait(&h->room, &h->lock);
}

static void begin(void *hasher)
{
	struct hasher *h = hasher;

	pthread_mutex_lock(&h->lock);
	drain(h); /* of a file that was given up */
	sha256_init(&h->sha256);
	pthread_mutex_unlock(&h->lock);
}

static void update(void *hasher, const void *data, size_t len)
{
	struct hasher *h = hasher;
	const uint8_t *p = data;

	pthread_mutex_lock(&h->lock);
	while (len) {
		size_t n = HASHER_RING - waiting(h);

		if (!n) {
			pthread_cond_wait(&h->room, &h->lock);
			continue;
		}
		if (n > to_the_end(h->put))
			n = to_the_end(h->put);
		if (n > len)
			n = len;
		memcpy(h->ring + h->put % HASHER_RING, p, n);
		h->put += n;
		p += n;
		len -= n;
		if (waiting(h) >= HASHER_BATCH)
			pthread_cond_signal(&h->work);
	}
	pthread_mutex_unlock(&h->lock);
}

static void end(void *hasher, uint8_t digest[SHA256_SIZE])
{
	struct hasher *h = hasher;

	pthread_mutex_lock(&h->lock);
	drain(h);
	sha256_final(&h->sha256, digest);
	pthread_mutex_unlock(&h->lock);
}

struct pldm_hasher hasher_calls(struct hasher *h)
{
	return (struct pldm_hasher){ begin, update, end, h };
}

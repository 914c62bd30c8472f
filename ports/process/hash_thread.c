/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/process/hash_thread.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "base/err.h"

enum { NICE = 19 };

static size_t count_unhashed(const struct hash_thread *h)
{
	return (size_t)(h->written - h->hashed);
}

static size_t bytes_to_wrap(uint64_t at)
{
	return HASH_THREAD_RING - (size_t)(at % HASH_THREAD_RING);
}

/* Hash without the lock: the loop does not touch bytes between hashed and
 * written. */
static void hash_available(struct hash_thread *h)
{
	size_t n = count_unhashed(h);

	if (n > bytes_to_wrap(h->hashed))
		n = bytes_to_wrap(h->hashed);
	pthread_mutex_unlock(&h->lock);
	sha256_update(&h->sha256, h->ring + h->hashed % HASH_THREAD_RING, n);
	pthread_mutex_lock(&h->lock);
	h->hashed += n;
	if (!count_unhashed(h))
		h->flush = false;
	pthread_cond_signal(&h->room);
}

static void *run(void *hasher)
{
	struct hash_thread *h = hasher;

	/* Set a low priority, so that a host on the same machine can first send
	 * the next part. 0 means this thread. */
	(void)setpriority(PRIO_PROCESS, 0, NICE);
	pthread_mutex_lock(&h->lock);
	for (;;) {
		while (count_unhashed(h) < (h->flush ? 1 : HASH_THREAD_BATCH))
			pthread_cond_wait(&h->work, &h->lock);
		hash_available(h);
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
	h->written = h->hashed = 0;
	h->flush = false;
	/* Only the thread with the event loop handles signals. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&h->thread, NULL, run, h);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = err;
	return err ? ERR_IO : ERR_OK;
}

/* Wait until all data is hashed. The caller holds the lock. */
static void drain(struct hash_thread *h)
{
	h->flush = count_unhashed(h) > 0;
	pthread_cond_signal(&h->work);
	while (count_unhashed(h))
		pthread_cond_wait(&h->room, &h->lock);
}

static void begin(void *hasher)
{
	struct hash_thread *h = hasher;

	pthread_mutex_lock(&h->lock);
	drain(h); /* finish the data of an abandoned file */
	sha256_init(&h->sha256);
	pthread_mutex_unlock(&h->lock);
}

static void update(void *hasher, const void *data, size_t len)
{
	struct hash_thread *h = hasher;
	const uint8_t *p = data;

	pthread_mutex_lock(&h->lock);
	while (len) {
		size_t n = HASH_THREAD_RING - count_unhashed(h);

		if (!n) {
			pthread_cond_wait(&h->room, &h->lock);
			continue;
		}
		if (n > bytes_to_wrap(h->written))
			n = bytes_to_wrap(h->written);
		if (n > len)
			n = len;
		memcpy(h->ring + h->written % HASH_THREAD_RING, p, n);
		h->written += n;
		p += n;
		len -= n;
		if (count_unhashed(h) >= HASH_THREAD_BATCH)
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

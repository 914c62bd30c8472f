/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests for ports/process/hash_thread.h. The expected digest is computed
 * in the thread of the test. */
#include "cm.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "ports/process/hash_thread.h"

enum { LARGEST = 3 * HASH_THREAD_RING + 12345 };

static struct hash_thread hasher;
static struct pldm_hasher calls;
static uint8_t data[LARGEST];

static int start(void **state)
{
	(void)state;
	for (size_t i = 0; i < LARGEST; i++)
		data[i] = (uint8_t)(i * 31 + (i >> 8) + (i >> 16));
	calls = hash_thread_hasher(&hasher);
	return hash_thread_start(&hasher);
}

/* Pass data in parts of `part` bytes; overwrite each after update() returns. */
static void pass_parts(size_t len, size_t part)
{
	uint8_t *once = malloc(part);

	assert_non_null(once);
	calls.begin(calls.ctx);
	for (size_t at = 0; at < len; at += part) {
		size_t n = len - at < part ? len - at : part;

		memcpy(once, data + at, n);
		calls.update(calls.ctx, once, n);
		memset(once, 0xee, n);
	}
	free(once);
}

static void expect_same_digest(size_t len, size_t part)
{
	uint8_t want[SHA256_SIZE], got[SHA256_SIZE];
	struct sha256 s;

	sha256_init(&s);
	sha256_update(&s, data, len);
	sha256_final(&s, want);
	pass_parts(len, part);
	calls.end(calls.ctx, got);
	assert_memory_equal(got, want, sizeof(want));
}

static void hashes_files_of_various_sizes(void **state)
{
	static const size_t sizes[] = {
		0,
		1,
		63,
		64,
		16384,
		HASH_THREAD_BATCH - 1,
		HASH_THREAD_BATCH,
		HASH_THREAD_RING - 1,
		HASH_THREAD_RING,
		HASH_THREAD_RING + 1,
		LARGEST,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		expect_same_digest(sizes[i], 16384);
		expect_same_digest(sizes[i], 4095);
	}
	expect_same_digest(100000, 1);
	expect_same_digest(LARGEST, LARGEST);
}

static void begin_discards_an_abandoned_file(void **state)
{
	(void)state;
	pass_parts(HASH_THREAD_BATCH / 2, 1000);
	expect_same_digest(5000, 500);
	pass_parts(LARGEST, 16384);
	expect_same_digest(LARGEST, 16384);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_files_of_various_sizes),
		cmocka_unit_test(begin_discards_an_abandoned_file),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}

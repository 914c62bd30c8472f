/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4) and HMAC-SHA256 (RFC 2104). */
#ifndef TETHER_BASE_SHA256_H
#define TETHER_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_SIZE = 32, SHA256_BLOCK = 64 };

struct sha256 {
	uint32_t state[8];
	uint64_t len; /* bytes hashed so far */
	uint8_t block[SHA256_BLOCK];
};

/** Hash a message: init, update for each part, final. */
void sha256_init(struct sha256 *s);
void sha256_update(struct sha256 *s, const void *data, size_t len);
void sha256_final(struct sha256 *s, uint8_t digest[SHA256_SIZE]);

/** Round constants (FIPS 180-4 4.2.2). */
extern const uint32_t sha256_k[64];

/** Compression function: update state with blocks of SHA256_BLOCK bytes. */
typedef void (*sha256_blocks_fn)(uint32_t state[8], const uint8_t *data,
				 size_t blocks);

/** Select the compression function, for example one with CPU instructions.
 * NULL: portable C. Call it before the first hash. */
void sha256_set_blocks(sha256_blocks_fn fn);

/** HMAC-SHA256 of data; key_len is at most SHA256_BLOCK bytes. */
void sha256_hmac(const void *key, size_t key_len, const void *data, size_t len,
		 uint8_t mac[SHA256_SIZE]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sha256.h"

#include <string.h>

const uint32_t sha256_k[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
	0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t v, unsigned int n)
{
	return v >> n | v << (32 - n);
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static void put_be(uint8_t *p, uint64_t v, unsigned int n)
{
	for (; n--; v >>= 8)
		p[n] = (uint8_t)v;
}

static void expand(uint32_t w[64], const uint8_t *block)
{
	for (size_t i = 0; i < 16; i++)
		w[i] = be32(block + 4 * i);
	for (unsigned int i = 16; i < 64; i++) {
		uint32_t a = w[i - 15], b = w[i - 2];

		w[i] = w[i - 16] + w[i - 7] +
		       (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) +
		       (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
	}
}

/* One round. Instead of moving values between variables, the caller rotates the
 * arguments: after the round, h is the new a. */
#define ROUND(a, b, c, d, e, f, g, h, n)                                       \
	do {                                                                   \
		uint32_t t = (h) + w[n] + sha256_k[n] +                        \
			     (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +  \
			     ((g) ^ ((e) & ((f) ^ (g))));                      \
		(d) += t;                                                      \
		(h) = t + (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +     \
		      (((a) & (b)) ^ ((c) & ((a) ^ (b))));                     \
	} while (0)

static void compress(uint32_t state[8], const uint8_t *block)
{
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
	uint32_t w[64];

	expand(w, block);
	for (unsigned int i = 0; i < 64; i += 8) {
		ROUND(a, b, c, d, e, f, g, h, i);
		ROUND(h, a, b, c, d, e, f, g, i + 1);
		ROUND(g, h, a, b, c, d, e, f, i + 2);
		ROUND(f, g, h, a, b, c, d, e, i + 3);
		ROUND(e, f, g, h, a, b, c, d, i + 4);
		ROUND(d, e, f, g, h, a, b, c, i + 5);
		ROUND(c, d, e, f, g, h, a, b, i + 6);
		ROUND(b, c, d, e, f, g, h, a, i + 7);
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
	state[5] += f;
	state[6] += g;
	state[7] += h;
}

static void compress_blocks(uint32_t state[8], const uint8_t *data,
			    size_t blocks)
{
	for (; blocks--; data += SHA256_BLOCK)
		compress(state, data);
}

static sha256_blocks_fn run_blocks = compress_blocks;

void sha256_set_blocks(sha256_blocks_fn fn)
{
	run_blocks = fn ? fn : compress_blocks;
}

void sha256_init(struct sha256 *s)
{
	static const uint32_t initial[8] = {
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
		0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
	};

	memcpy(s->state, initial, sizeof(initial));
	s->len = 0;
}

/* Complete the partial block with up to len bytes; returns the bytes used. */
static size_t fill_block(struct sha256 *s, const uint8_t *p, size_t len)
{
	size_t at = s->len % SHA256_BLOCK, n = SHA256_BLOCK - at;

	if (n > len)
		n = len;
	memcpy(s->block + at, p, n);
	if (at + n == SHA256_BLOCK)
		run_blocks(s->state, s->block, 1);
	s->len += n;
	return n;
}

void sha256_update(struct sha256 *s, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t n = 0, whole;

	if (s->len % SHA256_BLOCK)
		n = fill_block(s, p, len);
	whole = (len - n) / SHA256_BLOCK;
	if (whole) {
		run_blocks(s->state, p + n, whole);
		s->len += whole * SHA256_BLOCK;
		n += whole * SHA256_BLOCK;
	}
	if (n < len)
		(void)fill_block(s, p + n, len - n);
}

void sha256_final(struct sha256 *s, uint8_t digest[SHA256_SIZE])
{
	static const uint8_t padding[SHA256_BLOCK] = { 0x80 };
	uint64_t bits = s->len * 8;
	size_t at = s->len % SHA256_BLOCK;
	uint8_t length[8];

	put_be(length, bits, 8);
	sha256_update(s, padding, at < 56 ? 56 - at : 120 - at);
	sha256_update(s, length, sizeof(length));
	for (size_t i = 0; i < 8; i++)
		put_be(digest + 4 * i, s->state[i], 4);
}

void sha256_hmac(const void *key, size_t key_len, const void *data, size_t len,
		 uint8_t mac[SHA256_SIZE])
{
	uint8_t pad[SHA256_BLOCK] = { 0 };
	struct sha256 s;

	memcpy(pad, key, key_len < sizeof(pad) ? key_len : sizeof(pad));
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36;
	sha256_init(&s);
	sha256_update(&s, pad, sizeof(pad));
	sha256_update(&s, data, len);
	sha256_final(&s, mac);
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36 ^ 0x5c;
	sha256_init(&s);
	sha256_update(&s, pad, sizeof(pad));
	sha256_update(&s, mac, SHA256_SIZE);
	sha256_final(&s, mac);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "posix/checksum_cpu.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crc32.h"
#include "base/sha256.h"

#if defined(__x86_64__)
#include <immintrin.h>

/* Load four words of a block in big-endian order. */
__attribute__((target("sha,sse4.1"))) static __m128i load(const uint8_t *p)
{
	const __m128i swap =
		_mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);

	return _mm_shuffle_epi8(
		_mm_loadu_si128((const __m128i *)(const void *)p), swap);
}

/* The SHA instructions keep the state as ABEF and CDGH. */
__attribute__((target("sha,sse4.1"))) static void
hash_blocks(uint32_t state[8], const uint8_t *data, size_t blocks)
{
	__m128i low = _mm_loadu_si128((const __m128i *)(void *)state);
	__m128i high = _mm_loadu_si128((const __m128i *)(void *)(state + 4));
	__m128i cdab = _mm_shuffle_epi32(low, 0xb1);
	__m128i efgh = _mm_shuffle_epi32(high, 0x1b);
	__m128i abef = _mm_alignr_epi8(cdab, efgh, 8);
	__m128i cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);

	for (; blocks--; data += SHA256_BLOCK) {
		__m128i abef_old = abef, cdgh_old = cdgh, w[4];

		for (int i = 0; i < 4; i++)
			w[i] = load(data + 16 * (ptrdiff_t)i);
#pragma GCC unroll 16
		for (int i = 0; i < 16; i++) {
			__m128i next, t;

			if (i >= 4) {
				next = _mm_sha256msg1_epu32(w[i & 3],
							    w[(i + 1) & 3]);
				next = _mm_add_epi32(
					next,
					_mm_alignr_epi8(w[(i + 3) & 3],
							w[(i + 2) & 3], 4));
				w[i & 3] = _mm_sha256msg2_epu32(next,
								w[(i + 3) & 3]);
			}
			t = _mm_add_epi32(
				w[i & 3],
				_mm_load_si128((
					const __m128i
						*)(const void
							   *)(sha256_k +
							      4 * (ptrdiff_t)i)));
			cdgh = _mm_sha256rnds2_epu32(cdgh, abef, t);
			abef = _mm_sha256rnds2_epu32(
				abef, cdgh, _mm_shuffle_epi32(t, 0x0e));
		}
		abef = _mm_add_epi32(abef, abef_old);
		cdgh = _mm_add_epi32(cdgh, cdgh_old);
	}
	/* Convert the state back: FEBA, DCHG to DCBA, HGFE. */
	abef = _mm_shuffle_epi32(abef, 0x1b);
	cdgh = _mm_shuffle_epi32(cdgh, 0xb1);
	_mm_storeu_si128((__m128i *)(void *)state,
			 _mm_blend_epi16(abef, cdgh, 0xf0));
	_mm_storeu_si128((__m128i *)(void *)(state + 4),
			 _mm_alignr_epi8(cdgh, abef, 8));
}

enum { FOLD = 64, VECTOR = 16 };

/* Multiply both halves of x by powers of x in bit-reflected GF(2), which shifts
 * the data by the distance that k stands for. */
__attribute__((target("pclmul"))) static __m128i fold(__m128i x, __m128i k)
{
	return _mm_xor_si128(_mm_clmulepi64_si128(x, k, 0x00),
			     _mm_clmulepi64_si128(x, k, 0x11));
}

__attribute__((target("pclmul"))) static __m128i vector(const uint8_t *p,
							ptrdiff_t i)
{
	return _mm_loadu_si128((const __m128i *)(const void *)(p + VECTOR * i));
}

/* Fold each 64 bytes into the next 64, and the last 64 into 16 with the same
 * CRC. The tables finish these 16 and the remaining bytes. */
__attribute__((target("pclmul"))) static uint32_t
crc(uint32_t before, const void *data, size_t len)
{
	const __m128i by_64 = _mm_set_epi64x(0x1c6e41596, 0x154442bd4);
	const __m128i by_16 = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);
	const uint8_t *p = data;
	uint8_t rest[VECTOR];
	__m128i x[4];

	if (len < FOLD)
		return crc32_sliced(before, data, len);
	for (int i = 0; i < 4; i++)
		x[i] = vector(p, i);
	x[0] = _mm_xor_si128(x[0], _mm_cvtsi32_si128((int)~before));
	for (p += FOLD, len -= FOLD; len >= FOLD; p += FOLD, len -= FOLD)
		for (int i = 0; i < 4; i++)
			x[i] = _mm_xor_si128(fold(x[i], by_64), vector(p, i));
	for (int i = 1; i < 4; i++)
		x[i] = _mm_xor_si128(fold(x[i - 1], by_16), x[i]);
	_mm_storeu_si128((__m128i *)(void *)rest, x[3]);
	/* The register is kept inverted: UINT32_MAX stands for zero. */
	return crc32_sliced(crc32_sliced(UINT32_MAX, rest, VECTOR), p, len);
}

/* Read CPUID leaf 7, as __builtin_cpu_supports() of older compilers does not
 * know SHA. */
static bool has_sha(void)
{
	unsigned int a = 7, b = 0, c = 0, d = 0;

	__asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return (b >> 29 & 1) != 0;
}

void checksum_cpu_enable(void)
{
	if (__builtin_cpu_supports("sse4.1") && has_sha())
		sha256_set_blocks(hash_blocks);
	if (__builtin_cpu_supports("pclmul"))
		crc32_set(crc);
}
#else
void checksum_cpu_enable(void)
{
}
#endif
